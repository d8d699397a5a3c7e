"""The processes that train: a Dask cluster on this machine or another."""

from digit_core import lazily

__all__, __getattr__ = lazily(__name__, __path__, {})
