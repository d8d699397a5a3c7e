"""Who visits, and what is theirs: the form of a visitor's id, and who may change what somebody made."""

import functools
import hashlib
import hmac
import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from digit_core import settings
from digit_core.errors import StoreError

_FREE = 5  # wrong codes without a wait: people mistype
_LONGEST_SECONDS = 60.0
_FORGOTTEN_SECONDS = 3600.0  # after so long without a wrong code, the count begins anew
_KEPT = 10_000  # wrong codes and right visitors that are remembered


_log = logging.getLogger(__name__)
_VISITOR = re.compile(r"[A-Za-z0-9_-]{16,64}")


def is_visitor(value: object) -> bool:
    """Whether this has the form of a visitor's id: 16 to 64 letters, figures, hyphens and underscores."""
    return isinstance(value, str) and _VISITOR.fullmatch(value) is not None


def check(visitor: object) -> None:
    """Refuse what is no visitor's id.

    Raises:
        StoreError: it is none.
    """
    if not is_visitor(visitor):
        raise StoreError("This browser's visitor id is damaged: reload the page.")


def may_change(owner: str, visitor: str | None, code: str = "") -> bool:
    """Whether a visitor may change what `owner` made: the owner may, and who knows DIGIT_TEACHER_CODE.

    Args:
        owner: the id of the visitor who made it.
        visitor: who asks; None, before the browser has answered, is nobody.
        code: the teacher's code as it was typed; "" for none.
    """
    if visitor and hmac.compare_digest(owner.encode(), visitor.encode()):
        return True
    return is_teacher(visitor, code)


def is_teacher(visitor: str | None, code: str) -> bool:
    """Whether this is DIGIT_TEACHER_CODE, as a visitor typed it; where none is set, no code is it."""
    return (
        bool(code) and bool(settings.TEACHER_CODE) and _guesses(settings.TEACHER_CODE).is_right(code, visitor)
    )


def code_wait_seconds() -> float:
    """How long no teacher's code is taken, because too many wrong ones were typed; 0.0 if one is."""
    return _guesses(settings.TEACHER_CODE).wait_seconds() if settings.TEACHER_CODE else 0.0


@functools.lru_cache(maxsize=1)
def _guesses(code: str) -> "CodeGuesses":
    return CodeGuesses(code)


class CodeGuesses:
    """All guesses at one code, over all sessions of this process. Threads may share it.

    A page asks again at each run: a code that is known to be wrong is no new guess. Who typed the right code once does not
    wait for others' wrong ones.
    """

    def __init__(self, code: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing was guessed yet.

        Args:
            code: the right one, not empty.
            clock: says seconds.
        """
        self.code, self._clock = code, clock
        self._lock = threading.Lock()
        self._failures, self._failed_at = 0, float("-inf")
        self._wrong: OrderedDict[bytes, None] = OrderedDict()
        self._right: OrderedDict[str, None] = OrderedDict()

    def is_right(self, typed: str, visitor: str | None) -> bool:
        """Whether a visitor has typed the code; False, too, while everybody has to wait."""
        is_right = hmac.compare_digest(self.code.encode(), typed.encode())
        digest = hashlib.sha256(typed.encode()).digest()
        with self._lock:
            if is_right and visitor in self._right:
                return True
            if digest in self._wrong or self._wait_seconds() > 0:
                return False
            if is_right:
                _remember(self._right, visitor or "")
                return True
            if self._clock() - self._failed_at > _FORGOTTEN_SECONDS:
                self._failures = 0
            self._failures, self._failed_at = self._failures + 1, self._clock()
            _remember(self._wrong, digest)
            _log.warning(
                "A wrong teacher's code was typed, the %d. in a row; the next one counts in %.0f s",
                self._failures,
                self._wait_seconds(),
            )
        return False

    def wait_seconds(self) -> float:
        """How long no code is taken, 0.0 if one is."""
        with self._lock:
            return self._wait_seconds()

    def _wait_seconds(self) -> float:
        if self._failures <= _FREE:
            return 0.0
        delay = min(2.0 ** min(self._failures - _FREE, 10), _LONGEST_SECONDS)
        return max(0.0, self._failed_at + delay - self._clock())


def _remember(kept: OrderedDict, new: object) -> None:
    kept[new] = None
    while len(kept) > _KEPT:
        kept.popitem(last=False)
