"""What can go wrong between a meter and sanchi, and on which leg of the way.

Enters and leaves: enumerations. Not here: finding faults.
"""

from enum import StrEnum


class FaultKind(StrEnum):
    """Every fault that is told by name; the member's value stands in files."""

    DEVICE_OUTAGE = "device_outage"  # the home's device does not reach its cloud or broker
    METER_OUTAGE = "meter_outage"  # the gateway is there, but the meter does not answer it
    CLOUD_DOWN = "cloud_down"  # a vendor's cloud does not answer
    TOKEN_EXPIRY = "token_expiry"  # noqa: S105 - a fault, not a secret; a cloud refuses the token before its time
    RATE_LIMIT = "rate_limit"  # a cloud asks for fewer requests
    LATE = "late"  # readings arrive hours or days after their usual time
    DUPLICATE = "duplicate"  # the same reading is delivered again
    OUT_OF_ORDER = "out_of_order"  # a later reading is delivered before an earlier one
    CLOCK_SKEW = "clock_skew"  # the device's clock is wrong
    STUCK = "stuck"  # a value stands still while energy flows
    SPIKE = "spike"  # more energy than the connection can carry
    NEGATIVE = "negative"  # a value below zero
    ROLL_OVER = "roll_over"  # the register turned over: no fault of the meter, but told
    EXCHANGE = "exchange"  # another meter counts from now on, and nobody said so
    TRUNCATED_FRAME = "truncated_frame"  # a frame was cut on its way
    NEVER_CONNECTED = "never_connected"  # nothing has ever come from the home


class Leg(StrEnum):
    """A leg of the way from the meter to sanchi."""

    METER = "meter"  # the meter itself
    GATEWAY_METER = "gateway_meter"  # between the home's gateway and the meter
    DEVICE_CLOUD = "device_cloud"  # between the home's device and its cloud or broker
    CLOUD_SANCHI = "cloud_sanchi"  # between the cloud or broker and sanchi
