"""How functions of this package are compiled; plain typed functions enter, the same types leave.

Numba caches an entry kernel by the age of its own file alone: after a change to `parts.py` or `phase.py`
empty the cache, or `rounding.py` keeps the old inlined code. Not here: any rule of matching.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numba
import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
ChoiceArray = NDArray[np.int32]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Array = TypeVar("Array", bound=np.ndarray[Any, Any])


def entry_kernel(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Compile a function that loops over a whole day; it runs without the interpreter's lock."""
    compiled: Callable[Arguments, Result] = numba.njit(cache=True, nogil=True)(function)
    return compiled


def inlined(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let entry kernels compile a function into themselves; called from Python it stays plain Python."""
    register_jitable(function)
    return function


def read_only(array: Array) -> Array:
    """Freeze an array and give it back: kernels are compiled once, for read-only inputs."""
    array.setflags(write=False)
    return array
