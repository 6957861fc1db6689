"""How functions of this package are compiled; plain typed functions enter, the same types leave.

Numba is imported when the first kernel is called, not before: by then its cache has been given a place. It caches a
kernel by the age of its own file alone, so `start` gives each state of core a cache folder of its own. No rule here.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import cache, wraps
from importlib import import_module
from threading import Lock
from typing import Any, Final, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
# Choices, and whatever is too large for 64 bits a piece: a metropolis has hundreds of millions of supplies a day.
ChoiceArray = NDArray[np.int32]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Array = TypeVar("Array", bound=np.ndarray[Any, Any])


# Functions that entry kernels compile into themselves; Numba has to know them before it compiles.
_INLINED: Final[list[Callable[..., Any]]] = []
# Two threads that call their first kernels at once must not share the list out between them.
_MAKING_KERNELS: Final = Lock()


class Engine(StrEnum):
    """What computes: both give the same numbers to the last bit."""

    NUMBA = "numba"  # compiled, for millions of homes
    NUMPY = "numpy"  # where Numba cannot be installed, and to check the other by


@cache
def default_engine() -> Engine:
    """Give Numba where it can be imported, NumPy elsewhere: slower by a factor of ten and more, the same numbers."""
    try:
        import_module("numba")
    except ImportError:
        return Engine.NUMPY
    return Engine.NUMBA


def entry_kernel(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Compile a function over a whole day when it is first called; it runs without the interpreter's lock."""

    @cache
    def compiled() -> Callable[Arguments, Result]:
        import numba  # noqa: PLC0415 - see above
        from numba.extending import register_jitable  # noqa: PLC0415 - see above

        while _INLINED:
            register_jitable(_INLINED.pop())
        kernel: Callable[Arguments, Result] = numba.njit(cache=True, nogil=True)(function)
        return kernel

    @wraps(function)
    def kernel(*arguments: Arguments.args, **options: Arguments.kwargs) -> Result:
        with _MAKING_KERNELS:
            made = compiled()
        return made(*arguments, **options)

    return kernel


def inlined(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let entry kernels compile a function into themselves; called from Python it stays plain Python."""
    _INLINED.append(function)
    return function


def read_only(array: Array) -> Array:
    """Freeze an array and give it back: kernels are compiled once, for read-only inputs."""
    array.setflags(write=False)
    return array


def frozen_view(array: Array) -> Array:
    """Give a read-only, contiguous view of an array that stays writable itself; a copy where it is not contiguous."""
    view: Any = np.ascontiguousarray(array).view()
    frozen: Array = read_only(view)
    return frozen
