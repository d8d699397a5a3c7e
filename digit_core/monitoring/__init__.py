"""What a run says: events, recordings, progress, diagnostics."""

from digit_core import lazily

__all__ = ["diagnostics", "events", "progress", "recordings", "suggestions"]
__getattr__ = lazily(__name__, __all__, {})
