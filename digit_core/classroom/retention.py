"""How long classes last: they end after a day, and their drawings are deleted 30 days later."""

import logging
import threading
import time

from digit_core.classroom.rules import tasks
from digit_core.classroom.tables import class_table, task_table
from digit_core.errors import DigitError
from digit_core.storage import store as stores
from digit_core.storage.store import Store

OPEN_SECONDS = 24 * 3600.0  # then a class ends by itself
KEPT_SECONDS = 30 * 24 * 3600.0  # after its end its drawings are deleted
_SWEEP_SECONDS = 3600.0

_log = logging.getLogger(__name__)


def sweep(store: Store, now: float) -> None:
    """End the classes of a store that are a day old; delete those that ended 30 days ago.

    Args:
        now: seconds since 1970, UTC.

    Raises:
        StoreError: the store does not answer.
    """
    with store.database.writing() as connection:
        for class_id in class_table.opened_before(connection, now - OPEN_SECONDS):
            found = class_table.locked(connection, class_id)
            if found is not None:
                task_table.reveal(connection, found)
                class_table.touch(connection, class_id, is_steering=True, state=tasks.CLOSED, ended=now)
        for class_id in class_table.ended_before(connection, now - KEPT_SECONDS):
            class_table.remove(connection, class_id)


def sweep_hourly() -> None:
    """Sweep this process's store now, and again each hour as long as the process lives."""

    def sweep_on() -> None:
        while True:
            try:
                sweep(stores.default(), time.time())
            except DigitError as error:
                _log.warning("Old classes could not be swept: %s", error)
            time.sleep(_SWEEP_SECONDS)

    threading.Thread(target=sweep_on, name="classes are swept", daemon=True).start()
