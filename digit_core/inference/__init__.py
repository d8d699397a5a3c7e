"""Answers by LiteRT: classify, calibrate, reject."""

from digit_core import lazily

__all__ = ["classifier", "litert", "model_files", "rejection", "results_table", "verifiers"]
__getattr__ = lazily(__name__, __all__, {})
