"""How functions of this package are compiled; plain typed functions enter, the same types leave.

Numba is imported when the first kernel is called, not before: by then its cache has been given a place.
It caches an entry kernel by the age of its own file alone: after a change to `parts.py` or `phase.py`
empty the cache, or `rounding.py` keeps the old inlined code. Not here: any rule of matching.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, Final, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
ChoiceArray = NDArray[np.int32]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Array = TypeVar("Array", bound=np.ndarray[Any, Any])


# Functions that entry kernels compile into themselves; Numba has to know them before it compiles.
_INLINED: Final[list[Callable[..., Any]]] = []


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
        return compiled()(*arguments, **options)

    return kernel


def inlined(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let entry kernels compile a function into themselves; called from Python it stays plain Python."""
    _INLINED.append(function)
    return function


def read_only(array: Array) -> Array:
    """Freeze an array and give it back: kernels are compiled once, for read-only inputs."""
    array.setflags(write=False)
    return array
