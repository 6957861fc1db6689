"""Read market.toml as one record of texts.

Enter: bytes. Leaves: MasterRows with one row. Not here: what the terms may be.
"""

import tomllib
from typing import Any, Final

from sanchi.app.arrivals import MasterRow, MasterRows
from sanchi.app.deliveries import FileKind
from sanchi.app.master_data import MASTER_COLUMNS
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.edge.delivery.column_names import check_column_names
from sanchi.edge.delivery.unicode_text import decode_text

TABLE: Final = "market"
# A market's own meters need nobody's leave, so only those who show other people's data write this key.
OPTIONAL: Final[dict[str, Any]] = {"data_credits": ""}


def terms_of_toml(file_name: str, content: bytes) -> MasterRows:
    """Read the table [market]; raises UnreadableDelivery when it is not there, or not alone."""
    try:
        document: dict[str, Any] = tomllib.loads(decode_text(file_name, content))
    except tomllib.TOMLDecodeError as error:
        raise UnreadableDelivery(f"{file_name} is not TOML: {error}.", hint="Correct that place.") from error
    table = document.get(TABLE)
    if len(document) != 1 or not isinstance(table, dict):
        found = ", ".join(document) or "nothing"
        raise UnreadableDelivery(f"{file_name} has {found}, expected one table.", hint=f"Write [{TABLE}] above.")
    table = OPTIONAL | table
    check_column_names(file_name, tuple(table), MASTER_COLUMNS[FileKind.MARKET])
    fields = {name: str(entry) for name, entry in table.items()}
    return MasterRows(file_name=file_name, rows=(MasterRow(place=f"[{TABLE}]", fields=fields),))
