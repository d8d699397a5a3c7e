"""Files of arrays, zip archives and file names."""

from digit_core import lazily

__all__ = ["names", "npz", "zips"]
__getattr__ = lazily(__name__, __all__, {})
