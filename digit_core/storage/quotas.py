"""How much a visitor, and all of them together, may leave in the database: said before it is reached, refused after."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from digit_core import settings
from digit_core.errors import StoreError
from digit_core.storage.tables import DRAWING_SETS, METADATA, RUN_FILES, RUNS

MAX_RUNS, MAX_ALL_RUNS = 100, 3_000
MAX_ALL_SETS = 2_000
MAX_RUN_BYTES = 500_000_000  # of one visitor's runs
_NEARLY = 0.8  # from this share on it is said

_FULL = "The database holds {what}, which is the limit, so nothing was saved. {remedy}"
_ASK = "Whoever runs this app can delete old ones, or set DIGIT_STORE_MEGABYTES."


@dataclass(frozen=True)
class Use:
    """What there is of one visitor's runs.

    Attributes:
        runs: how many, deleted ones left out.
        run_bytes: of their models, recordings and weights.
    """

    runs: int
    run_bytes: int

    def warning(self) -> str:
        """A sentence if a limit is near, else ""."""
        if self.runs >= _NEARLY * MAX_RUNS:
            return f"You have {self.runs} of at most {MAX_RUNS} runs: delete those you no longer need."
        if self.run_bytes >= _NEARLY * MAX_RUN_BYTES:
            return (
                f"Your runs take {self.run_bytes / 1e6:.0f} of at most {MAX_RUN_BYTES / 1e6:.0f} MB: delete those you no "
                "longer need."
            )
        return ""


def use(connection: Connection, visitor: str) -> Use:
    """What there is of a visitor's runs."""
    is_own = (RUNS.c.owner == visitor) & RUNS.c.deleted.is_(None)
    count = select(func.count()).select_from(RUNS).where(is_own)
    size = select(func.sum(func.length(RUN_FILES.c.content))).join(RUNS, RUNS.c.id == RUN_FILES.c.run)
    return Use(
        connection.execute(count).scalar_one(), int(connection.execute(size.where(is_own)).scalar() or 0)
    )


def check_runs(connection: Connection, visitor: str, added: int) -> None:
    """Refuse so many more runs of a visitor.

    Raises:
        StoreError: a limit would be passed.
    """
    found = use(connection, visitor)
    if found.runs + added > MAX_RUNS or found.run_bytes > MAX_RUN_BYTES:
        told = f"{found.runs} runs of yours with {found.run_bytes / 1e6:.0f} MB"
        raise StoreError(_FULL.format(what=told, remedy="Delete those you no longer need."))
    count = connection.execute(select(func.count()).select_from(RUNS)).scalar_one()
    if count + added > MAX_ALL_RUNS:
        raise StoreError(_FULL.format(what=f"{count:,} runs", remedy=_ASK))
    check_bytes(connection)


def check_sets(connection: Connection) -> None:
    """Refuse one more set of drawings.

    Raises:
        StoreError: a limit would be passed.
    """
    count = connection.execute(select(func.count()).select_from(DRAWING_SETS)).scalar_one()
    if count >= MAX_ALL_SETS:
        raise StoreError(_FULL.format(what=f"{count:,} sets of drawings", remedy=_ASK))
    check_bytes(connection)


def check_bytes(connection: Connection) -> None:
    """Refuse to write more where the tables have grown to DIGIT_STORE_MEGABYTES.

    Raises:
        StoreError: they have.
    """
    if (size := _bytes(connection)) > 1_000_000 * settings.STORE_MEGABYTES:
        raise StoreError(_FULL.format(what=f"{size / 1e6:,.0f} MB", remedy=_ASK))


def _bytes(connection: Connection) -> int:
    """How large the tables are, without reading them."""
    if connection.dialect.name == "sqlite":
        asked = ("page_count", "freelist_count", "page_size")
        pages, free, size = (connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked)
        return (pages - free) * size
    sizes = (func.pg_total_relation_size(name) for name in METADATA.tables)
    return sum(connection.execute(select(*sizes)).one())
