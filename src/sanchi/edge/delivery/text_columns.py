"""Read columns of texts as codes, whole numbers and stamps, all rows at once; each distinct text is looked at once.

Enter: Arrow columns of texts. Leave: NumPy columns. Not here: files, what the numbers mean.
"""

import re
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sanchi.core.metering.intake_columns import LEFT_OUT, NOT_READABLE
from sanchi.edge.delivery.stamps import microseconds_of

CODED_TEXT: Final = pa.dictionary(pa.int32(), pa.string())
# A longer number is none that a meter shows; this many digits always fit into int64.
WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
# The spelling that Arrow and datetime read alike; all others are left to datetime, one by one.
USUAL_STAMP: Final = (
    r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([+-]([01][0-9]|2[0-3]):[0-5][0-9]|Z)$"
)

Numbers = tuple[NDArray[np.int64], NDArray[np.bool_]]


def coded_texts(column: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Give the distinct texts in the order of their first row, and each row's position; -1 where it is empty."""
    coded = _coded(column)
    texts = coded.dictionary.to_pylist()
    code = np.array(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int32)
    if "" not in texts:
        return tuple(texts), code
    empty = texts.index("")
    new_code = np.arange(len(texts) + 1, dtype=np.int32)
    new_code[empty:] -= 1
    new_code[[empty, -1]] = -1
    return tuple(text for text in texts if text), new_code[code]


def member_nos(column: pa.ChunkedArray | None, members: Mapping[str, IntEnum], n_rows: int) -> NDArray[np.int8]:
    """Read words as numbers; an empty field, or a whole column (None) that is left out, says so."""
    if column is None:
        return np.full(n_rows, LEFT_OUT, dtype=np.int8)
    texts, code = coded_texts(column)
    no_of_code: list[int] = [members.get(text, NOT_READABLE) for text in texts]
    return np.array([*no_of_code, LEFT_OUT], dtype=np.int8)[code]


def whole_numbers(column: pa.ChunkedArray) -> Numbers:
    """Read whole numbers without plus, separator or fraction; gives 0 and False where a text is none."""
    return _read_distinct(column, f"^{WHOLE_NUMBER.pattern}$", pa.int64(), whole_number)


def instants_us(column: pa.ChunkedArray) -> Numbers:
    """Read ISO 8601 stamps with offset as microseconds since 1970 UTC; gives 0 and False where a text is none."""
    return _read_distinct(column, USUAL_STAMP, pa.timestamp("us", "UTC"), microseconds_of)


def whole_number(text: str) -> int | None:
    """Read a whole number without sign, separator or fraction (a minus is read, and judged later)."""
    return int(text) if WHOLE_NUMBER.fullmatch(text) else None


def _coded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """Give a column as one array of codes."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    whole = coded.cast(CODED_TEXT).unify_dictionaries().combine_chunks()
    return whole if isinstance(whole, pa.DictionaryArray) else whole.chunk(0)


def _read_distinct(
    column: pa.ChunkedArray, pattern: str, arrow_type: pa.DataType, number_of: Callable[[str], int | None]
) -> Numbers:
    """Read the distinct texts of the usual spelling by Arrow, all others by a function, and spread them out."""
    coded = _coded(column)
    is_usual = np.array(pc.match_substring_regex(coded.dictionary, pattern).to_numpy(zero_copy_only=False), dtype=bool)
    number = np.zeros(is_usual.size + 1, dtype=np.int64)
    is_read = np.zeros(is_usual.size + 1, dtype=np.bool_)
    usual = np.flatnonzero(is_usual)
    try:
        number[usual] = coded.dictionary.take(pa.array(usual)).cast(arrow_type).cast(pa.int64()).to_numpy()
        is_read[usual] = True
        rest = np.flatnonzero(~is_usual)
    except pa.ArrowInvalid:
        # A 31st of April has the usual spelling and is no stamp.
        rest = np.arange(is_usual.size)
    for position, text in zip(rest.tolist(), coded.dictionary.take(pa.array(rest)).to_pylist(), strict=True):
        found = number_of(text)
        number[position], is_read[position] = found or 0, found is not None
    code = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return number[code], is_read[code]
