"""Decode the bytes of a text file, which are UTF-8 and nothing else.

Enter: bytes. Leaves: text without byte order mark. Not here: what the text says.
"""

from sanchi.core.base.errors import UnreadableDelivery


def decode_text(file_name: str, content: bytes) -> str:
    """Decode UTF-8 with or without byte order mark; UnreadableDelivery names the first line that is not."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_no = content[: error.start].count(b"\n") + 1
        raise UnreadableDelivery(
            f"{file_name} is not UTF-8 text: byte {content[error.start]:#04x} in line {line_no}.",
            hint="Save it as UTF-8: spreadsheets call that 'CSV UTF-8', and plain 'CSV' is often Shift_JIS.",
        ) from error
