"""The store's tables as data. `digit_core/storage/database.py` makes them, `digit_core/storage/store.py` reads and fills them."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, LargeBinary, MetaData, String, Table, Text

# One more whenever a table is added or changed, with its step in digit_core/storage/database.py.
SCHEMA_VERSION = 3

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
    # One more at each change, so that readers fetch what is new to them.
    Column("revision", Integer, nullable=False),
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

# A set of drawings. Its id may be known to everybody (a model's card tells it); its code opens it.
DRAWING_SETS = Table(
    "digitlab_drawing_sets",
    METADATA,
    Column("id", String(12), primary_key=True),
    Column("code", String(16), nullable=False, unique=True),
    Column("name", String(60), nullable=False),
    Column("owner", String(64), nullable=False, index=True),
    Column("created", Float(53), nullable=False),
    Column("revision", Integer, nullable=False),  # one more at each change of its drawings
    Column("last_number", Integer, nullable=False),  # of the drawing that came last, removed or not
)

# Who has typed the code of a set, its maker among them.
DRAWING_SET_MEMBERS = Table(
    "digitlab_drawing_set_members",
    METADATA,
    Column("set_id", String(12), ForeignKey(DRAWING_SETS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("visitor", String(64), primary_key=True, index=True),
    Column("joined", Float(53), nullable=False),
)

# The key is what keeps a drawing from being there twice, however often its button was pressed.
DRAWINGS = Table(
    "digitlab_drawings",
    METADATA,
    Column("set_id", String(12), ForeignKey(DRAWING_SETS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("visitor", String(64), primary_key=True),
    Column("digest", String(32), primary_key=True),  # of the pixels
    Column("number", Integer, nullable=False),  # rises within a set, and is given once
    Column("label", Integer, nullable=False),
    Column("held_back", Boolean, nullable=False),
    Column("pixels", LargeBinary, nullable=False),  # 28 x 28 bytes, 255 is ink
    Column("picture", LargeBinary, nullable=False),  # what was drawn, as a small PNG; empty if nobody knows
    Column("answer", Integer),
    Column("confidence", Float(53)),
    Column("model", String(80), nullable=False),
    Column("created", Float(53), nullable=False),
)
