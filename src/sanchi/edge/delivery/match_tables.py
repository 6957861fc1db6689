"""Read and write the tables of `sanchi match`, CSV or Parquet by the file's suffix.

Enters: a path and a form. Leaves: a MatchTable, or files whole. Not here: what tables mean together (app).
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.types as pt
from numpy.typing import NDArray

from sanchi.app.match_tables import MatchTable, NameColumn, NumberRange, TableForm
from sanchi.core.base.errors import UnreadableDelivery, WrongInput
from sanchi.core.matching.offers import NegativeEnergy
from sanchi.edge.delivery.column_names import check_column_names
from sanchi.edge.delivery.parquet import CODED_TEXT, checked_table, demand_number, demand_text, told_as_unreadable
from sanchi.edge.delivery.unicode_text import decode_text

CSV: Final = ".csv"
PARQUET: Final = ".parquet"
FORMATS_HINT: Final = "Name files .csv (UTF-8) or .parquet."
# Always fits into int64; rounding numbers reach 4 * 2^60, which has 19 digits.
WHOLE_NUMBER: Final = "^-?([0-9]{1,18}|[1-8][0-9]{18})$"
# What failed exports write where a name is missing.
NO_NAMES: Final = frozenset({"nan", "null", "none"})


class UnfitNumber(WrongInput):
    """A field is no whole number, or lies outside its range."""


class UnfitName(WrongInput):
    """A field is empty or holds what cannot be a name."""


def read_match_table(path: Path, form: TableForm) -> MatchTable:
    """Read a table and check each field alone; rows are counted from 1, without the header.

    Raises: UnreadableDelivery, UnfitName, UnfitNumber, NegativeEnergy.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableDelivery(f"{path}: {error.strerror}.", hint="Check the path and its rights.") from error
    if not content.strip():
        raise UnreadableDelivery(f"{path.name} is empty.", hint=f"Expected columns: {', '.join(form.columns)}.")
    table = _arrow_table(path, content, form)
    if not table.num_rows:
        raise UnreadableDelivery(f"{path.name} has no rows.", hint="Give at least one, or leave the option out.")
    coded = {column: _coded(table.column(column)) for column in table.column_names}
    return MatchTable(
        file_name=path.name,
        row_count=table.num_rows,
        names={
            column: _names(path.name, column, coded[column], may_be_empty=column in form.places)
            for column in (*form.names, *form.places)
            if column in coded
        },
        numbers={
            column: _numbers(path.name, column, coded[column], form.numbers[column])
            for column in form.numbers
            if column in coded
        },
    )


def _arrow_table(path: Path, content: bytes, form: TableForm) -> pa.Table:
    """Read all rows in the format that the suffix names."""
    suffix = path.suffix.lower()
    if suffix == CSV:
        return _csv_table(path.name, content, form)
    if suffix == PARQUET:
        return _parquet_table(path.name, content, form)
    raise UnreadableDelivery(
        f"{path.name}: the suffix {suffix or '(none)'} is not one that sanchi reads.", hint=FORMATS_HINT
    )


def _csv_table(file_name: str, content: bytes, form: TableForm) -> pa.Table:
    """Read CSV with every field as the text that stands there: a strict reading of numbers comes later."""
    decode_text(file_name, content)
    try:
        # One thread, so that a fault is told with its row.
        table = pyarrow.csv.read_csv(
            BytesIO(content),
            read_options=pyarrow.csv.ReadOptions(use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(form.columns, CODED_TEXT)),
        )
    except pa.ArrowException as error:
        reason = str(error).partition("\n")[0]
        raise UnreadableDelivery(
            f"{file_name} is not CSV: {reason}.",
            hint='Each row needs as many fields as the header; a field with a comma stands between quotes ("...").',
        ) from error
    check_column_names(file_name, table.column_names, _expected(table.column_names, form))
    return table


def _parquet_table(file_name: str, content: bytes, form: TableForm) -> pa.Table:
    """Read Parquet; names are texts or integers, numbers integers."""
    with told_as_unreadable(file_name):
        names = pa.parquet.ParquetFile(pa.BufferReader(content)).schema_arrow.names
        expected = _expected(names, form)
        table = checked_table(file_name, content, expected, coded_names=(*form.names, *form.places))
    faults = []
    for field in table.schema:
        number_fault = demand_number(field)
        is_name = field.name not in form.numbers
        faults.append(number_fault and demand_text(field) if is_name else number_fault)
    if told := [fault for fault in faults if fault]:
        raise UnreadableDelivery(
            f"{file_name}: {'; '.join(told)}.", hint="Names are texts or integers, energies and prices integers."
        )
    return table


def _expected(found: Sequence[str], form: TableForm) -> tuple[str, ...]:
    """List the columns that a file has to have, with the optional ones that it has."""
    return tuple(column for column in form.columns if column not in form.optional or column in found)


def _coded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """Give a column as one array of codes."""
    coded = column if pt.is_dictionary(column.type) else column.dictionary_encode()
    unified = coded.unify_dictionaries().combine_chunks()
    return unified.chunk(0) if isinstance(unified, pa.ChunkedArray) else unified


def _codes(coded: pa.DictionaryArray) -> NDArray[np.int32]:
    """Give the codes, -1 where a field of Parquet is null."""
    codes: NDArray[np.int32] = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes


def _names(file_name: str, column: str, coded: pa.DictionaryArray, *, may_be_empty: bool) -> NameColumn:
    """Read names; an empty one is -1 where it may be, else it is refused like any text that is no name."""
    texts = tuple(coded.dictionary.cast(pa.string()).to_pylist())
    codes = _codes(coded)
    faults = np.array([_name_fault(text, may_be_empty=may_be_empty) for text in texts] + [not may_be_empty])
    # The last fault is that of null, which has the code -1.
    if faults[codes].any():
        row = int(np.flatnonzero(faults[codes])[0])
        found = "empty" if codes[row] < 0 or not texts[codes[row]] else repr(texts[codes[row]])
        raise UnfitName(
            f"{file_name}, row {row + 1}: {column} is {found}, expected a name.",
            hint="A name is a text without blanks at its ends and without control characters, or a whole number.",
        )
    is_empty = np.array([not text for text in texts] + [True])
    return NameColumn(texts=texts, code=np.where(is_empty[codes], np.int32(-1), codes))


def _name_fault(text: str, *, may_be_empty: bool) -> bool:
    """Tell whether a text cannot be a name."""
    if not text:
        return not may_be_empty
    return text != text.strip() or not text.isprintable() or text.casefold() in NO_NAMES


def _numbers(file_name: str, column: str, coded: pa.DictionaryArray, number_range: NumberRange) -> NDArray[np.int64]:
    """Read whole numbers inside their range; each distinct one is looked at once."""
    codes = _codes(coded)
    texts = coded.dictionary.cast(pa.string())
    is_whole = pc.match_substring_regex(texts, WHOLE_NUMBER)
    numbers = pc.if_else(is_whole, texts, "0").cast(pa.int64()).to_numpy(zero_copy_only=False)
    is_fit = is_whole.to_numpy(zero_copy_only=False)
    is_fit = is_fit & (numbers >= number_range.lowest_count) & (numbers <= number_range.highest_count)
    fits = np.append(is_fit, False)
    if not fits[codes].all():
        row = int(np.flatnonzero(~fits[codes])[0])
        raise _unfit_number(
            file_name, row, column, texts[int(codes[row])].as_py() if codes[row] >= 0 else "", number_range
        )
    read: NDArray[np.int64] = numbers[codes]
    return read


def _unfit_number(file_name: str, row: int, column: str, text: str, number_range: NumberRange) -> WrongInput:
    """Word what is wrong with a number."""
    wanted = f"a whole number {number_range.lowest_count}..{number_range.highest_count}"
    what = f"{file_name}, row {row + 1}: {column} is {repr(text) if text else 'empty'}, expected {wanted}."
    is_negative_energy = column.endswith("_wh") and text.startswith("-") and text[1:].isdecimal()
    if is_negative_energy:
        return NegativeEnergy(what, hint="Each direction has its own meter channel; leave the row out or estimate it.")
    return UnfitNumber(what, hint="Write it without separators, fraction or unit: Wh, sen per kWh, permille.")
