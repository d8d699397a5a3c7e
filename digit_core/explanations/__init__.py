"""Why this answer: saliency, ablation, morphometrics, embeddings."""

from digit_core import lazily

__all__ = ["ablation", "embeddings", "morphometrics", "saliency"]
__getattr__ = lazily(__name__, __all__, {})
