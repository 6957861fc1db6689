"""The number behind a home's name that feeds its public phase: anybody can work it out.

Enters: a name. Leaves: a home key. Not here: the phase itself (phase), and which names a market gives.
"""

import re
from hashlib import blake2b
from typing import Final

KEY_BITS: Final = 62
# Canonical, so that no two names are one number; 18 digits stay below 2^62.
WHOLE_NUMBER_NAME: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")


def key_of_text(text: str) -> int:
    """Give the first 62 bits of the BLAKE2b digest of 8 bytes of a text in UTF-8, read big-endian.

    >>> key_of_text("H01") < 2**62
    True
    """
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> (64 - KEY_BITS)


def key_of_name(name: str) -> int:
    """Give a home's key: a name that is a whole number is its own key, any other is hashed.

    A whole number has at most 18 digits, no sign but a minus and no leading zero; "007" is a text.

    >>> key_of_name("312")
    312
    """
    return int(name) if WHOLE_NUMBER_NAME.fullmatch(name) else key_of_text(name)
