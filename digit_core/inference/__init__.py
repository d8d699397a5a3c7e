"""Answers by LiteRT: classify, calibrate, reject."""

from digit_core import lazily

__all__, __getattr__ = lazily(__name__, __path__, {})
