"""Log lines that are for TensorFlow's own developers, kept out of what people read."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LEVEL = "TF_CPP_MIN_LOG_LEVEL"  # TensorFlow's own variable: whoever sets it wants to see them


@contextmanager
def kept_out() -> Iterator[None]:
    """Keep away what the libraries of TensorFlow and LiteRT, written in C++, write to standard error.

    They write to the process's file, past Python, some lines before any level is looked at. So that file is put aside, and
    `sys.stderr` writes to a copy of it.
    """
    if LEVEL in os.environ:
        yield
        return
    os.environ[LEVEL] = "3"
    logging.getLogger("absl").setLevel(logging.ERROR)  # Keras' advice on formats
    sys.stderr.flush()
    python_errors = sys.stderr
    kept = os.dup(2)
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        if python_errors is sys.__stderr__:  # else somebody reads along already
            encoding, errors = sys.stderr.encoding, sys.stderr.errors
            sys.stderr = os.fdopen(kept, "w", 1, encoding=encoding, errors=errors, closefd=False)
        yield
    finally:
        if sys.stderr is not python_errors:
            sys.stderr.flush()
            sys.stderr = python_errors
        os.dup2(kept, 2)
        os.close(kept)
        del os.environ[LEVEL]
