"""Models judged: compared, under corruptions, as a report."""

from digit_core import lazily

__all__ = ["comparison", "corruptions", "report_drawings", "reports", "robustness", "scores"]
__getattr__ = lazily(__name__, __all__, {})
