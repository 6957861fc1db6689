"""The pairs of frames by which a smart meter is asked for what it counted before.

Enter: which day or instant. Leave: the bytes of a SetC and of the Get that has to follow its answer. Not here: the
answers (gateway_rows). A meter keeps one choice at a time, so one pair is finished before the next begins.
"""

from datetime import datetime
from typing import Final

from sanchi.core.base.slots import JST
from sanchi.core.metering.formats.echonet_frames import (
    METER_CODE,
    TRANSACTION_NO_MAX,
    Property,
    UnfitRequest,
    get_request,
    set_request,
)

HISTORY_DAYS_MAX: Final = 99
HALF_HOUR_COUNT_MAX: Final = 12
MINUTE_COUNT_MAX: Final = 10
MINUTES_PER_HALF_HOUR: Final = 30


def day_history_requests(back_days: int, *, transaction_no: int, meter_code: int = METER_CODE) -> tuple[bytes, bytes]:
    """Ask for the 48 counts of a day in both directions: SetC E5, then Get E2 and E4.

    back_days : 0 = today by the meter's clock.
    Raises: UnfitRequest.
    """
    if not 0 <= back_days <= HISTORY_DAYS_MAX:
        raise UnfitRequest(f"back_days {back_days}: a meter keeps 0..{HISTORY_DAYS_MAX}.")
    chosen = Property(0xE5, bytes([back_days]))
    return _pair(chosen, (0xE2, 0xE4), transaction_no, meter_code)


def half_hour_history_requests(
    last_at: datetime, wanted_count: int, *, transaction_no: int, meter_code: int = METER_CODE
) -> tuple[bytes, bytes]:
    """Ask for counts at half hours backwards from an instant: SetC ED, then Get EC.

    Raises: UnfitRequest.
    """
    if last_at.tzinfo is not None and last_at.astimezone(JST).minute % MINUTES_PER_HALF_HOUR:
        raise UnfitRequest(f"last_at {last_at.isoformat()} is not on a half hour.")
    edt = _choice(last_at, wanted_count, HALF_HOUR_COUNT_MAX)
    return _pair(Property(0xED, edt), (0xEC,), transaction_no, meter_code)


def minute_history_requests(
    last_at: datetime, wanted_count: int, *, transaction_no: int, meter_code: int = METER_CODE
) -> tuple[bytes, bytes]:
    """Ask for counts at minutes backwards from an instant: SetC EF, then Get EE.

    Raises: UnfitRequest.
    """
    edt = _choice(last_at, wanted_count, MINUTE_COUNT_MAX)
    return _pair(Property(0xEF, edt), (0xEE,), transaction_no, meter_code)


def _choice(last_at: datetime, wanted_count: int, count_max: int) -> bytes:
    """Write an instant and a count as ED and EF have them."""
    if last_at.tzinfo is None or last_at.second or last_at.microsecond:
        raise UnfitRequest(f"last_at {last_at.isoformat()} has to be a whole minute with an offset.")
    if not 1 <= wanted_count <= count_max:
        raise UnfitRequest(f"wanted_count {wanted_count}: a meter gives 1..{count_max} at once.")
    local = last_at.astimezone(JST)
    clock = bytes([local.month, local.day, local.hour, local.minute])
    return local.year.to_bytes(2) + clock + bytes([wanted_count])


def _pair(chosen: Property, asked: tuple[int, ...], transaction_no: int, meter_code: int) -> tuple[bytes, bytes]:
    """Write the two frames with consecutive numbers."""
    following_no = (transaction_no + 1) & TRANSACTION_NO_MAX
    return (
        set_request([chosen], transaction_no=transaction_no, destination_code=meter_code),
        get_request(asked, transaction_no=following_no, destination_code=meter_code),
    )
