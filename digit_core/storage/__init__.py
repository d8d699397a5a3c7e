"""What outlasts a restart: database, visitors, votes, drawings, runs."""

from digit_core import lazily

__all__, __getattr__ = lazily(__name__, __path__, {})
