"""The two frames that ask a smart meter for the counts of a day: choose the day, then read it.

Enter: how many days ago. Leave: bytes. Not here: answers, and when to ask.
"""

from typing import Final

HISTORY_DAYS_MAX: Final = 99
TRANSACTION_NO_MAX: Final = 0xFFFF

_HEAD: Final = bytes.fromhex("1081")
_FROM_CONTROLLER_TO_METER: Final = bytes.fromhex("05FF01 028801")
_SET: Final = 0x61
_GET: Final = 0x62
_DAY: Final = 0xE5
_IMPORTED: Final = 0xE2
_EXPORTED: Final = 0xE4


def day_history_requests(days_before: int, *, transaction_no: int) -> tuple[bytes, bytes]:
    """Give a SetC of the day and a Get of both directions, under consecutive numbers; 0 = today by the meter's clock.

    >>> [frame.hex() for frame in day_history_requests(1, transaction_no=0x8000)]
    ['1081800005ff010288016101e50101', '1081800105ff010288016202e200e400']
    """
    assert 0 <= days_before <= HISTORY_DAYS_MAX, f"days_before {days_before} is not in 0..{HISTORY_DAYS_MAX}"
    following_no = (transaction_no + 1) & TRANSACTION_NO_MAX
    choose = bytes([_SET, 1, _DAY, 1, days_before])
    read = bytes([_GET, 2, _IMPORTED, 0, _EXPORTED, 0])
    return (
        _HEAD + transaction_no.to_bytes(2) + _FROM_CONTROLLER_TO_METER + choose,
        _HEAD + following_no.to_bytes(2) + _FROM_CONTROLLER_TO_METER + read,
    )
