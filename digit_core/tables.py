"""The store's tables as data. `digit_core/database.py` makes them, `digit_core/store.py` reads and fills them."""

from sqlalchemy import Column, Float, ForeignKey, Integer, LargeBinary, MetaData, String, Table, Text

# One more whenever a table is added or changed. Tables that are missing are made; a table that changes needs its
# ALTER in Database._upgrade as well.
SCHEMA_VERSION = 2

METADATA = MetaData()

# The names carry the project's: a database on a server is often shared with other apps.
SCHEMA = Table(
    "digitlab_schema",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

# One row a visitor and digit: the key is what keeps a second vote out, whatever happens at once.
VOTES = Table(
    "digitlab_votes",
    METADATA,
    Column("set_name", String(32), primary_key=True),
    Column("split", String(16), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("visitor", String(64), primary_key=True),
    Column("choice", String(16), nullable=False),
)

# One row a web process that has had runs: its live runs are torn off when it is gone. See `processes.Process`.
PROCESSES = Table(
    "digitlab_processes",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("place", String(128), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started", Float(53), nullable=False),
    Column("beat", Float(53), nullable=False),
)

RUNS = Table(
    "digitlab_runs",
    METADATA,
    Column("id", String(12), primary_key=True),
    Column(
        "revision", Integer, nullable=False
    ),  # one more at each change, so that readers fetch what is new to them
    Column("process", String(32), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("name", String(60), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("config", Text),  # JSON, and so is the card
    Column("created", Float(53), nullable=False),
    Column("started", Float(53)),
    Column("ended", Float(53)),
    Column("deleted", Float(53)),
    Column("series", String(12), nullable=False),
    Column("parent", String(64)),
    Column("checkpoint_epoch", Integer),
    Column("card", Text),
)

# The three files of its model, its recording, and the weights to continue from until there is a model.
RUN_FILES = Table(
    "digitlab_run_files",
    METADATA,
    Column("run", String(12), ForeignKey(RUNS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
