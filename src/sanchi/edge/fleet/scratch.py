"""What tasks of one run leave for each other: arrays by name, gone when the run ends.

Enter and leave: arrays. Not here: results; these lie in the result folder.
"""

import re
from functools import lru_cache
from io import BytesIO
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa

from sanchi.core.base.errors import SetupFault
from sanchi.edge.fleet.place import BEING_WRITTEN, Place

# The names that tasks give, with or without the run's own folder before them.
_ARRAY_NAME: Final = re.compile(
    rf"([0-9a-f]{{32}}/)?(choices|supply|tree|table)-[a-z0-9_-]+(\.\d+\.\d+{re.escape(BEING_WRITTEN)})?"
)


class Scratch(Protocol):
    """Arrays by name. A task that is tried again puts the same array under the same name."""

    def put(self, name: str, array: np.ndarray[Any, Any]) -> None:
        """Keep an array."""

    def get(self, name: str) -> np.ndarray[Any, Any]:
        """Give an array, read-only where it is shared with other processes."""

    def get_kept(self, name: str) -> np.ndarray[Any, Any]:
        """Give an array that the task after this one will want again."""

    def clear(self) -> None:
        """Remove everything."""


class MemoryScratch:
    """For threads: the arrays themselves."""

    def __init__(self) -> None:
        self._arrays: dict[str, np.ndarray[Any, Any]] = {}

    def put(self, name: str, array: np.ndarray[Any, Any]) -> None:
        """Keep an array."""
        self._arrays[name] = array

    def get(self, name: str) -> np.ndarray[Any, Any]:
        """Give an array."""
        return self._arrays[name]

    get_kept = get

    def clear(self) -> None:
        """Remove everything."""
        self._arrays.clear()


class PlaceScratch:
    """For processes and clusters: files at a place; on one machine they are mapped, so that nobody copies them."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def put(self, name: str, array: np.ndarray[Any, Any]) -> None:
        """Write an array."""
        sink = BytesIO()
        np.lib.format.write_array(sink, np.ascontiguousarray(array), allow_pickle=False)
        self.place.write(name, sink.getvalue(), is_lasting=False)

    def get(self, name: str) -> np.ndarray[Any, Any]:
        """Read an array. Raises: SetupFault."""
        return _read_array(self.place, name)

    def get_kept(self, name: str) -> np.ndarray[Any, Any]:
        """Read an array and keep it in this process for the next task."""
        return _keep_array(self.place, name) if self.place.is_remote else _read_array(self.place, name)

    def clear(self) -> None:
        """Remove the arrays of any run below the place; what else somebody keeps there is not ours to remove."""
        for name in self.place.names():
            if _ARRAY_NAME.fullmatch(name):
                self.place.remove(name)


def _read_array(place: Place, name: str) -> np.ndarray[Any, Any]:
    """Map or fetch an array."""
    content = place.read(name)
    if content is None:
        raise SetupFault(
            f"{place.location}/{name} is missing, though an earlier task wrote it.",
            hint="Workers must all see the same place: use s3://, or a folder that every machine mounts.",
        )
    source = pa.BufferReader(content)
    np.lib.format.read_magic(source)
    shape, _is_fortran_ordered, dtype = np.lib.format.read_array_header_1_0(source)
    return np.frombuffer(content, dtype=dtype, offset=source.tell()).reshape(shape)


@lru_cache(maxsize=8)
def _keep_array(place: Place, name: str) -> np.ndarray[Any, Any]:
    """Fetch an array once in each process; the place's name is the run's own."""
    return _read_array(place, name)
