"""The web processes that runs belong to: which one this is, and which ones are gone."""

import os
import socket
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from sqlalchemy import Connection

from digit_core.storage.database import put
from digit_core.storage.tables import PROCESSES

BEAT_SECONDS = 10  # how often a process with live runs says that it is there
_SILENCE_SECONDS = 90  # a process of another machine that has said nothing for so long is gone


@dataclass(frozen=True)
class Process:
    """The web process that a live run belongs to.

    Attributes:
        id: no other one's.
        place: the machine, or the container in it, whose process numbers these are.
        number, started: of the process; the same number is given again, but not at the same second.
    """

    id: str
    place: str
    number: int
    started: float

    def is_gone(self, beat: float) -> bool:
        """Whether it does not live any more, having last said so at `beat`, in seconds since 1970."""
        if self.place != _place():
            return time.time() - beat > _SILENCE_SECONDS
        try:
            return abs(psutil.Process(self.number).create_time() - self.started) > 1
        except psutil.NoSuchProcess:
            return True


def this_process() -> Process:
    """A new entry for the process that calls."""
    return Process(uuid.uuid4().hex, _place(), os.getpid(), psutil.Process().create_time())


def beat(connection: Connection, process: Process) -> None:
    """Write down that a process lives."""
    put(connection, PROCESSES, **asdict(process), beat=time.time())


def _place() -> str:
    namespace = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()} {namespace.readlink() if namespace.exists() else ''}"[:128]
