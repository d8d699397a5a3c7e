"""From a picture or a drawing to 28 x 28 pixels: page, lines, ink, crop, centre."""

from digit_core import lazily

__all__, __getattr__ = lazily(__name__, __path__, {})
