"""Who visits, and what is theirs: the form of a visitor's id, and who may change what somebody made."""

import hmac
import re

from digit_core import settings
from digit_core.errors import StoreError

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
    teacher = settings.TEACHER_CODE
    return bool(teacher) and hmac.compare_digest(teacher.encode(), code.encode())
