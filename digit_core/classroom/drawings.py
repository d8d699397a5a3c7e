"""The drawings of classes as a teacher treats them: counted, let in, removed, told what they are, kept as a set."""

from collections.abc import Callable

from sqlalchemy import Connection

from digit_core.classroom import looks
from digit_core.classroom.records import Check, HandIn
from digit_core.classroom.rules import checks
from digit_core.classroom.tables import class_table, drawing_table
from digit_core.errors import ClassError
from digit_core.storage.drawings import Drawing, DrawingSet
from digit_core.storage.store import Store


class Drawings:
    """The drawings of a store's classes. Threads may share it. `key` and the errors are as `Classes` has them."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        """Look at nothing yet.

        Args:
            store: where classes are.
            clock: says seconds since 1970, UTC.
        """
        self._store, self._clock = store, clock

    def counted(self, class_id: str, *, revealed_alone: bool) -> drawing_table.Counted:
        """The drawings that say how well a hand is read; see `drawing_table.counted`."""
        with self._store.database.reading() as connection:
            return drawing_table.counted(connection, class_id, revealed_alone=revealed_alone)

    def all_of(self, key: str, class_id: str) -> tuple[list[HandIn], list[HandIn]]:
        """All drawings of a class in the order in which they came, and those that people read and the network does not."""
        with self._store.database.reading() as connection:
            class_table.steered(connection, key, class_id, locks=False)
            return drawing_table.hand_ins(connection, class_id), looks.collected(connection, class_id)

    def let_in(self, key: str, class_id: str, place: int) -> None:
        """Count a drawing that the network takes for no digit."""
        self._change(key, class_id, lambda connection: drawing_table.let_in(connection, class_id, place))

    def remove(self, key: str, class_id: str, place: int) -> None:
        """Remove a drawing, for ever."""
        self._change(key, class_id, lambda connection: drawing_table.remove(connection, class_id, place))

    def say(self, key: str, class_id: str, place: int, choice: int) -> None:
        """Say as the teacher what a drawing is.

        Args:
            choice: 0 to 9, or `checks.CANNOT_TELL`.
        """
        said = Check(place, checks.TEACHER, self._clock(), choice)
        self._change(key, class_id, lambda connection: drawing_table.put_check(connection, class_id, said))

    def keep(self, key: str, class_id: str) -> DrawingSet:
        """Make a set of the drawings, by the class's name and of the teacher who opened it. Held ones are left out.

        Raises:
            ClassError: there is none.
            StoreError: the teacher has too many sets, or the database no room.
        """
        with self._store.database.reading() as connection:
            found = class_table.steered(connection, key, class_id, locks=False)
            handed_in = [one for one in drawing_table.hand_ins(connection, class_id) if not one.is_held]
        if not handed_in:
            raise ClassError("There is no drawing to keep.")
        made = self._store.drawing_sets.make(found.owner, found.name)
        kept = [_kept(one, found.model) for one in handed_in]
        self._store.drawings.keep(found.owner, made.id, kept)
        return self._store.drawing_sets.get(found.owner, made.id)

    def _change(self, key: str, class_id: str, change: Callable[[Connection], None]) -> None:
        with self._store.database.writing() as connection:
            class_table.steered(connection, key, class_id)
            change(connection)
            class_table.touch(connection, class_id)


def _kept(one: HandIn, model: str) -> Drawing:
    """A drawing as a set has it, with what its class's network answered."""
    confidence = float(one.shares[one.answer])
    return Drawing(one.image, one.meant, one.picture, one.answer, min(confidence, 1.0), model)
