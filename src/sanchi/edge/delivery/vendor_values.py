"""Read a vendor's stamps and numbers exactly, a column at a time: what could not be read is told beside it.

Enter: Arrow columns, of texts or of their own types. Leave: int64 arrays with masks. Not here: which column is what.
"""

from datetime import timedelta
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sanchi.edge.delivery.vendor_mapping import ISO, VendorMapping

# A number of at most 12 digits stays inside int64 whatever its decimals.
NUMBER_TEXT: Final = r"^-?[0-9]{1,12}(\.[0-9]{1,%d})?$"
WHOLE_TEXT: Final = r"^-?[0-9]{1,15}$"
MIDNIGHT_TEXT: Final = r"([ T])24:00"
ISO_OFFSET_TEXT: Final = r"(Z|[+-][0-9]{2}:?[0-9]{2})$"
DAY_S: Final = 86_400

Array: TypeAlias = Any  # pa.Array or pa.ChunkedArray
BoolArray: TypeAlias = NDArray[np.bool_]
IntArray: TypeAlias = NDArray[np.int64]


def stamps_of(column: Array, mapping: VendorMapping) -> tuple[IntArray, BoolArray]:
    """Read stamps as Unix seconds, and which of them could be read; 24:00 is the midnight that ends its day."""
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        return _seconds(column)
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        column = column.cast(pa.string())
    text = pc.utf8_trim_whitespace(column)
    is_midnight = pc.match_substring_regex(text, MIDNIGHT_TEXT)
    text = pc.replace_substring_regex(text, MIDNIGHT_TEXT, r"\100:00")
    next_day_s = np.where(mask_of(is_midnight), DAY_S, 0)
    if mapping.stamp_format == ISO:
        seconds, is_readable = iso_seconds_of(text, mapping.utc_offset)
    else:
        seconds, is_readable = _seconds(pc.strptime(text, format=mapping.stamp_format, unit="s", error_is_null=True))
        if mapping.utc_offset is not None:
            seconds = seconds - int(mapping.utc_offset.total_seconds())
    return seconds + next_day_s, is_readable


def iso_seconds_of(text: Array, utc_offset: timedelta | None = None) -> tuple[IntArray, BoolArray]:
    """Read ISO 8601 stamps; one without an offset is readable only where an offset is agreed for all."""
    if pa.types.is_timestamp(text.type):
        return (
            _seconds(text) if text.type.tz is not None else (np.zeros(len(text), np.int64), np.zeros(len(text), bool))
        )
    text = pc.utf8_trim_whitespace(text.cast(pa.string()))
    has_offset = mask_of(pc.match_substring_regex(text, ISO_OFFSET_TEXT))
    seconds = np.zeros(len(text), dtype=np.int64)
    is_readable = np.zeros(len(text), dtype=np.bool_)
    for mask, target in ((has_offset, pa.timestamp("us", "UTC")), (~has_offset, pa.timestamp("us"))):
        if mask.any() and (target.tz is not None or utc_offset is not None):
            index = np.flatnonzero(mask)
            found, could = _seconds(_cast_each(pc.take(text, pa.array(index)), target))
            shift_s = 0 if target.tz is not None or utc_offset is None else int(utc_offset.total_seconds())
            seconds[index], is_readable[index] = found - shift_s, could
    return seconds, is_readable


def _cast_each(text: Array, target: pa.DataType) -> Array:
    """Cast texts to instants; those that are none become null. The usual block has none of these."""
    try:
        return text.cast(target)
    except pa.ArrowInvalid:
        return pa.array([_cast_one(each, target) for each in text], type=target)


def _cast_one(text: pa.Scalar, target: pa.DataType) -> Any:
    """Cast one text, or give None."""
    try:
        return text.cast(target).as_py()
    except pa.ArrowInvalid:
        return None


def _seconds(stamps: Array) -> tuple[IntArray, BoolArray]:
    """Give whole seconds; a fraction becomes an odd second, which is never on a half hour."""
    is_readable = mask_of(pc.is_valid(stamps))
    us = pc.fill_null(stamps.cast(pa.timestamp("us", stamps.type.tz), safe=False).cast(pa.int64()), 0)
    stamp_us = us.to_numpy(zero_copy_only=False)
    stamp_s = stamp_us // 1_000_000
    return np.where(stamp_us % 1_000_000 == 0, stamp_s, stamp_s | 1), is_readable


def numbers_of(column: Array, decimals: int) -> tuple[IntArray, BoolArray, BoolArray]:
    """Read numbers exactly as counts of their last place; also which are told at all, and which are readable.

    A float column is read by its shortest text, which is what its writer meant.
    """
    if pa.types.is_integer(column.type):
        is_told = mask_of(pc.is_valid(column))
        wide = pc.fill_null(column, 0).cast(pa.int64(), safe=False).to_numpy(zero_copy_only=False)
        is_small = np.abs(wide) < 10**12
        return np.where(is_small, wide, 0) * 10**decimals, is_told, is_small
    text = pc.utf8_trim_whitespace(pc.fill_null(column.cast(pa.string()), ""))
    is_told = mask_of(pc.not_equal(text, ""))
    pattern = NUMBER_TEXT % decimals if decimals else WHOLE_TEXT
    is_readable = mask_of(pc.match_substring_regex(text, pattern))
    sound = pc.if_else(pa.array(is_readable), text, "0")
    if not decimals:
        return sound.cast(pa.int64()).to_numpy(zero_copy_only=False), is_told, is_readable
    scaled = sound.cast(pa.decimal128(20, decimals))
    unit = pa.scalar(10**decimals, pa.decimal128(8, 0))
    return pc.multiply(scaled, unit).cast(pa.int64()).to_numpy(zero_copy_only=False), is_told, is_readable


def mask_of(mask: Array) -> BoolArray:
    """Give a mask as an array; null is false."""
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), dtype=np.bool_)  # noqa: FBT003 - Arrow
