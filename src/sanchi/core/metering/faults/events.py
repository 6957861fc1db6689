"""What connectors notice beside readings: polls that fail, gateways that come and go.

Enter: events as files tell them. Leave: EventRows. Not here: what they mean together.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray


class EventCode(IntEnum):
    """Every kind of event; the numbers stand in files, the lower-case names in deliveries."""

    POLL_OK = 1  # a cloud answered; subject = the connector
    POLL_FAILED = 2  # it did not, or with 5xx, after all retries
    TOKEN_REFUSED = 3  # 401 for a token that was valid by its own account
    RATE_LIMITED = 4  # 429
    BROKER_LOST = 5  # the broker cannot be reached; subject = the connector
    BROKER_BACK = 6
    DEVICE_SEEN = 7  # the cloud last heard of the device at this instant; subject = the gateway or device
    GATEWAY_ONLINE = 8  # subject = the gateway
    GATEWAY_OFFLINE = 9  # by its last will or its own word
    METER_JOINED = 10  # the gateway speaks with its meter again; subject = the gateway
    METER_LOST = 11
    FRAME_MALFORMED = 12  # subject = the gateway
    CLOCK_OFF = 13  # figure = seconds that the device's clock is ahead (negative: behind)
    NO_DATA = 14  # the meter answered that it has no value; subject = the gateway


_DTYPES: Final = (("at_s", np.int64), ("event_no", np.int8), ("subject_code", np.int32), ("figure", np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRows:
    """Events in the order of time; equal-length arrays that become read-only.

    at_s : Unix seconds; event_no : members of EventCode; subject_code : position in subject_texts;
    figure : a number whose meaning the code tells, else 0 (an HTTP status for POLL_FAILED, 0 = no answer).
    """

    subject_texts: tuple[str, ...]
    subject_code: NDArray[np.int32]
    at_s: NDArray[np.int64]
    event_no: NDArray[np.int8]
    figure: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Assert types and lengths, and freeze."""
        for name, dtype in _DTYPES:
            array = getattr(self, name)
            assert array.dtype == dtype, f"{name}: {array.dtype}, expected {np.dtype(dtype)}"
            assert array.shape == self.at_s.shape, f"{name}: shape {array.shape}, not {self.at_s.shape}"
            array.flags.writeable = False
