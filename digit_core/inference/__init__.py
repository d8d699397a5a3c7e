"""Answers by LiteRT: classify, calibrate, reject."""

from digit_core import lazily

__all__ = [
    "classifier",
    "litert",
    "model_files",
    "reading",
    "rejection",
    "results_table",
    "verifiers",
    "wholeness",
]
__getattr__ = lazily(__name__, __all__, {})
