"""Find the line on which a key of a table stands, which the TOML reader of the standard library does not tell.

Enter: the text, the table's place, a key. Leaves: a line number. Not here: reading TOML.
"""

import re
from typing import Final

HEADER: Final = re.compile(r"\s*\[\[?\s*([\w-]+)\s*\]?\]")
KEY: Final = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=")


def line_of(text: str, table: str, table_no: int, key: str = "") -> int:
    r"""Give the line (1 = the first) of a key in the n-th table of a name, or of the table's header where it is not.

    Table "" is what stands above all tables. A key inside a text of several lines could mislead it by some lines.

    >>> line_of('every = "1h"\n[[connector]]\nname = "a"\n[[connector]]\nname = "b"', "connector", 2, "name")
    5
    """
    current, seen_count, header_line = "", 0, 1
    for line_no, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            current = header[1]
            seen_count += current == table
            header_line = line_no if current == table and seen_count == table_no else header_line
        is_here = current == table and (not table or seen_count == table_no)
        if key and is_here and (found := KEY.match(line)) and found[1] == key:
            return line_no
    return header_line
