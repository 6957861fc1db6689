"""One writer at a time in a folder on disk: the lock ends with its process, however that ends.

Enters: a Place. Leaves: nothing, or FolderBusy. Not here: the S3 API, which has no lock to offer.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Final

from sanchi.core.base.errors import SanchiError, SetupFault
from sanchi.edge.fleet.place import Place

LOCK_NAME: Final = "writer.lock"


class FolderBusy(SanchiError):
    """Another run writes into the folder; nothing of it was touched."""


@contextmanager
def only_writer(place: Place) -> Iterator[None]:
    """Hold a folder while writing into it; a place behind the S3 API is held by nobody. Raises: FolderBusy, SetupFault.

    The file stays: to remove it would let two runs hold two files of one name.
    """
    if place.is_remote:
        yield
        return
    try:
        Path(place.location).mkdir(parents=True, exist_ok=True)
        descriptor = os.open(place.full_path(LOCK_NAME), os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise SetupFault(
            f"{place.location} cannot be written ({error.strerror}).", hint="Name a folder that you may write."
        ) from error
    try:
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            raise FolderBusy(
                f"{place.location} is being written by another run.",
                hint="Wait for its end, or name another folder with --out.",
            ) from error
        yield
    finally:
        os.close(descriptor)
