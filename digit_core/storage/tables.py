"""The store's tables as data. `digit_core/storage/database.py` makes them, `digit_core/storage/store.py` reads and fills them."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, LargeBinary, MetaData, String, Table, Text

# One more whenever a table is added or changed, with its step in digit_core/storage/database.py.
SCHEMA_VERSION = 5

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

# A lesson in which a class works at once. `revision` rises with each change, `steering` with those that pupils are told of.
CLASSES = Table(
    "digitlab_classes",
    METADATA,
    Column("id", String(12), primary_key=True),
    Column("code", String(16), nullable=False, unique=True),
    Column("owner", String(64), nullable=False),
    Column("name", String(60), nullable=False),
    Column("model", String(80), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("task", Integer, nullable=False),  # the number of the one that goes; 0 before the first
    Column("is_paused", Boolean, nullable=False),
    Column("is_locked", Boolean, nullable=False),
    Column("hides_names", Boolean, nullable=False),
    Column(
        "address", String(200), nullable=False
    ),  # at which pupils reach the app, where the teacher chose one; else empty
    Column("revision", Integer, nullable=False),
    Column("steering", Integer, nullable=False),
    Column("remote", String(64), nullable=False),  # digest of the one-time key of a phone, empty for none
    Column("remote_until", Float(53), nullable=False),
    Column("created", Float(53), nullable=False),
    Column("ended", Float(53)),
)

# Digests of the keys that steer a class: the teacher's browser, and a phone that became its remote.
CLASS_KEYS = Table(
    "digitlab_class_keys",
    METADATA,
    Column("class_id", String(12), ForeignKey(CLASSES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("digest", String(64), primary_key=True, index=True),
    Column("granted", Float(53), nullable=False),
)

CLASS_TASKS = Table(
    "digitlab_class_tasks",
    METADATA,
    Column("class_id", String(12), ForeignKey(CLASSES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("is_revealed", Boolean, nullable=False),
    Column(
        "is_live", Boolean, nullable=False
    ),  # whether the phones show what a network reads in what is being drawn
    Column("pixels", LargeBinary, nullable=False),  # of the picture of a vote; empty where there is none
    Column("meant", Integer),  # what that picture is
    Column("shares", LargeBinary, nullable=False),  # ten float32: what the network makes of it
)

CLASS_PUPILS = Table(
    "digitlab_class_pupils",
    METADATA,
    Column("class_id", String(12), ForeignKey(CLASSES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("pupil", String(64), primary_key=True),
    Column("name", String(24), nullable=False),
    Column("heard", Float(53), nullable=False),
)

# The key is what keeps a drawing from being handed in twice, however often it was sent.
HAND_INS = Table(
    "digitlab_class_hand_ins",
    METADATA,
    Column("class_id", String(12), ForeignKey(CLASSES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("task", Integer, primary_key=True, autoincrement=False),
    Column("pupil", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, nullable=False),  # in the class, in the order in which they came
    Column("meant", Integer, nullable=False),
    Column("pixels", LargeBinary, nullable=False),  # 28 x 28 bytes, 255 is ink
    Column("picture", LargeBinary, nullable=False),  # what was drawn, as a small PNG
    Column("shares", LargeBinary, nullable=False),  # ten float32: what the network makes of it
    Column("answer", Integer, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("is_late", Boolean, nullable=False),
    Column(
        "is_held", Boolean, nullable=False
    ),  # no digit by the network's verdict, until the teacher lets it in
    Column("created", Float(53), nullable=False),
)

CLASS_VOTES = Table(
    "digitlab_class_votes",
    METADATA,
    Column("class_id", String(12), ForeignKey(CLASSES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("task", Integer, primary_key=True, autoincrement=False),
    Column("pupil", String(64), primary_key=True),
    Column("choice", Integer, nullable=False),
)

# What only tasks of some kinds have: see `tasks.MORE`.
CLASS_DETAILS = Table(
    "digitlab_class_details",
    METADATA,
    Column("class_id", String(12), ForeignKey(CLASSES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # of the task; 0 for the class itself
    Column("content", Text, nullable=False),  # JSON
)

# What pupils say of the pictures of a duel.
CLASS_ANSWERS = Table(
    "digitlab_class_answers",
    METADATA,
    Column("class_id", String(12), ForeignKey(CLASSES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("task", Integer, primary_key=True, autoincrement=False),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("pupil", String(64), primary_key=True),
    Column("choice", Integer, nullable=False),
)

# Two others look at a drawing without knowing what it is meant to be: one row each, with what they said once they have.
CLASS_CHECKS = Table(
    "digitlab_class_checks",
    METADATA,
    Column("class_id", String(12), ForeignKey(CLASSES.c.id, ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),  # of the drawing
    Column("checker", String(64), primary_key=True),
    Column("dealt", Float(53), nullable=False),
    Column("choice", Integer),  # 0 to 9, or -1 for "can't tell"
)
