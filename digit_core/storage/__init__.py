"""What outlasts a restart: database, visitors, votes, drawings, runs."""

from digit_core import lazily

__all__ = [
    "connections",
    "database",
    "drawing_archives",
    "drawing_datasets",
    "drawing_set_table",
    "drawing_table",
    "drawings",
    "processes",
    "run_records",
    "run_table",
    "store",
    "tables",
    "visitors",
]
__getattr__ = lazily(__name__, __all__, {})
