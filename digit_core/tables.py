"""The store's tables as data. `digit_core/database.py` makes them, `digit_core/store.py` reads and fills them."""

from sqlalchemy import Column, Integer, MetaData, String, Table

# One more whenever a table is added or changed. Tables that are missing are made; a table that changes needs its
# ALTER in Database._upgrade as well.
SCHEMA_VERSION = 1

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
