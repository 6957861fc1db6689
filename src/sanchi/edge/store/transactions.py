"""The transaction of a step.

Enters: nothing. Leaves: a block that is stored whole or not at all. Not here: locks.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError
from django.db.transaction import atomic

from sanchi.core.base.errors import StepBusy
from sanchi.edge.store.database_url import WAIT_FOR_WRITER_S

_SQLITE_BUSY = "database is locked"


@contextmanager
def transaction() -> Iterator[None]:
    """Begin, then commit, or roll back when the block raises. Raises: StepBusy."""
    try:
        with atomic(durable=True):
            yield
    except OperationalError as error:
        if _SQLITE_BUSY not in str(error):
            raise
        raise StepBusy(
            f"Another process has been writing to the database for more than {WAIT_FOR_WRITER_S} s.",
            hint="Wait until it has ended, then run this again; nothing was stored.",
        ) from error
