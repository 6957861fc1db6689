"""Frames for tests: those that meters really sent, and builders of others.

Enter: properties. Leave: bytes, GatewayFrames. Not here: expectations.
"""

from datetime import datetime

from sanchi.core.base.slots import JST
from sanchi.core.metering.formats.gateway_frames import GatewayFrame

# From public logs and issues of other projects, as the domain research lists them.
POWER = bytes.fromhex("1081100202880105FF017202E7040000029CE80400280028")
COEFFICIENT = bytes.fromhex("1081232802880105FF017201D30400000001")
HALF_HOUR = bytes.fromhex("1081A00102880105FF017302EA0B07E606150F1E0000016CA7EB0B07E606150F1E0000000005")
PARTLY_REFUSED = bytes.fromhex(
    "1081002302880105FF015206800130E0040000123CE304000020DDE70400000001E804000AFFECD30400000001"
)
BATTERY = bytes.fromhex(
    "10810046027D0205FF01720A800130A00400002710A10400002710A20400000000A30400000000D30400000000A40400000000E40109"
    "A50400000000E60104"
)
THOUSAND_WATTS = bytes.fromhex("1081000102880105FF017301E704000003E8")
HALF_HOUR_NO_DATA = bytes.fromhex("1081000102880105FF017201EA0B07E606150F1E00FFFFFFFE")
CUT = bytes.fromhex("1081100202880105FF017202E7040000029CE804002800")
REAL_FRAMES = (POWER, COEFFICIENT, HALF_HOUR, PARTLY_REFUSED, BATTERY, THOUSAND_WATTS, HALF_HOUR_NO_DATA)

ADDRESSES = "FE80:0000:0000:0000:0000:0000:5678:1234 FE80:0000:0000:0000:1234:5678:ABCD:12EF"
A1_LINE = f"ERXUDP {ADDRESSES} 0E1A 0E1A 000000000000001234 1 0018 {POWER.hex().upper()}"
C2_LINE = f"ERXUDP {ADDRESSES} 0E1A 0E1A 0000000000001234 E1 1 0 0018 {POWER.hex().upper()}"
PANA_LINE = f"ERXUDP {ADDRESSES} 02CC 02CC 0000000000001234 0 0058 00000058A0000002AA4C03C0"

METER, SOLAR, STORAGE, BOARD = 0x028801, 0x027901, 0x027D01, 0x028701
NO_DATA = bytes.fromhex("FFFFFFFE")
BOUNDARY_S = int(datetime(2022, 6, 21, 15, 30, tzinfo=JST).timestamp())


def u32(number):
    return number.to_bytes(4)


def clock(*parts):
    """Write year, month, day, hour, minute and perhaps second as a meter does."""
    return parts[0].to_bytes(2) + bytes(parts[1:])


def frame(*properties, source=METER, esv=0x72):
    """Write a frame of (EPC, bytes)."""
    told = b"".join(bytes([epc, len(edt)]) + edt for epc, edt in properties)
    return (
        bytes.fromhex("10810001") + source.to_bytes(3) + bytes.fromhex("05FF01") + bytes([esv, len(properties)]) + told
    )


def received(content, received_s=BOUNDARY_S + 2, sent_s=BOUNDARY_S + 1, gateway="gw-1"):
    return GatewayFrame(received_s=received_s, gateway=gateway, sent_s=sent_s, frame=content)


def rows_of(decoded):
    """Give the rows as (address, channel, stamp, reading, unit, record), in their order."""
    rows = decoded.rows
    return [
        (rows.address_texts[code], *rest)
        for code, *rest in zip(
            rows.address_code.tolist(),
            rows.channel_no.tolist(),
            rows.stamp_s.tolist(),
            rows.reading.tolist(),
            rows.unit_mwh.tolist(),
            rows.record_no.tolist(),
            strict=True,
        )
    ]


def events_of(events):
    """Give the events as (subject, number, figure)."""
    return [
        (events.subject_texts[code], number, figure)
        for code, number, figure in zip(
            events.subject_code.tolist(), events.event_no.tolist(), events.figure.tolist(), strict=True
        )
    ]
