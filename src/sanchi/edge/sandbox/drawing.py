"""Draws which faults happen: from the plan, the homes, the truth and the seed.

Enter: values. Leave: faults. Not here: what they do (effects).

The rule that keeps the truth decidable: a device has one fault at a time, with quiet half hours between the end of
one (late readings included) and the beginning of the next; a cloud, the same. A home's two devices, and the clouds,
fail apart from each other. The first day is without faults of devices and clouds. A value stands still only while
energy flows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import Connector, Device, HomeCast
from sanchi.edge.sandbox.chance import Chance
from sanchi.edge.sandbox.faults import Fault, Figures
from sanchi.edge.sandbox.period import SLOT_S, Period
from sanchi.edge.sandbox.plan import FaultPlan, KindPlan
from sanchi.edge.sandbox.truth import UNIT_WH, Truth

GATEWAY_AND_BR: Final = (Connector.MQTT, Connector.BR_CLOUD)
DEVICES: Final = (*GATEWAY_AND_BR, Connector.CT_CLOUD)
CLOUDS: Final = (Connector.BR_CLOUD, Connector.CT_CLOUD)
# Where a kind can happen, in the order of the drawing: what is rare and cannot move comes first.
DEVICE_KINDS: Final[Mapping[FaultKind, tuple[Connector, ...]]] = {
    FaultKind.EXCHANGE: GATEWAY_AND_BR,
    FaultKind.ROLL_OVER: GATEWAY_AND_BR,
    FaultKind.DEVICE_OUTAGE: DEVICES,
    FaultKind.METER_OUTAGE: DEVICES,
    FaultKind.LATE: DEVICES,
    FaultKind.CLOCK_SKEW: (Connector.CT_CLOUD,),
    FaultKind.STUCK: DEVICES,
    FaultKind.DUPLICATE: DEVICES,
    FaultKind.OUT_OF_ORDER: DEVICES,
    FaultKind.SPIKE: DEVICES,
    FaultKind.NEGATIVE: CLOUDS,
    FaultKind.TRUNCATED_FRAME: (Connector.MQTT,),
}
CLOUD_KINDS: Final[Mapping[FaultKind, tuple[Connector, ...]]] = {
    FaultKind.CLOUD_DOWN: CLOUDS,
    FaultKind.TOKEN_EXPIRY: (Connector.CT_CLOUD,),
    FaultKind.RATE_LIMIT: CLOUDS,
}
SERIES: Final[Mapping[tuple[FaultKind, Connector], tuple[str, ...]]] = {
    (FaultKind.ROLL_OVER, Connector.MQTT): ("import", "export"),
    (FaultKind.ROLL_OVER, Connector.BR_CLOUD): ("import", "export"),
    (FaultKind.STUCK, Connector.MQTT): ("import", "export", "pv"),
    (FaultKind.STUCK, Connector.BR_CLOUD): ("import", "export"),
    (FaultKind.STUCK, Connector.CT_CLOUD): ("pv",),
    (FaultKind.SPIKE, Connector.MQTT): ("import", "export", "pv"),
    (FaultKind.SPIKE, Connector.BR_CLOUD): ("import", "export"),
    (FaultKind.SPIKE, Connector.CT_CLOUD): ("pv", "grid"),
    (FaultKind.NEGATIVE, Connector.BR_CLOUD): ("import", "export"),
    (FaultKind.NEGATIVE, Connector.CT_CLOUD): ("pv",),
}
ONCE_PER_DEVICE: Final = frozenset({FaultKind.EXCHANGE, FaultKind.ROLL_OVER})
ATTEMPTS: Final = 40
MONTH_DAYS: Final = 30
HOUR_S: Final = 3_600
STUCK_WH_MIN: Final = 1_000
STUCK_POWER_WH_MIN: Final = 100
SERVER_ERRORS: Final = (500, 502, 503, 504)
FIRST_COUNT_MAX: Final = 50


@dataclass(slots=True, kw_only=True)
class _Drawing:
    """The faults drawn so far, and the times that they take up by device or cloud."""

    plan: FaultPlan
    truth: Truth
    seed_no: int
    faults: list[Fault] = field(default_factory=list)
    taken: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    turned: set[str] = field(default_factory=set)

    @property
    def period(self) -> Period:
        """Give the time that is played."""
        return self.truth.period

    def add(self, fault: Fault, place: str) -> bool:
        """Take a fault if its place is free around it."""
        quiet_s = self.plan.quiet_half_hours * SLOT_S
        begin_s, end_s = fault.from_s - quiet_s, fault.ends_s + quiet_s
        spans = self.taken.setdefault(place, [])
        if any(begin_s < taken_to_s and taken_from_s < end_s for taken_from_s, taken_to_s in spans):
            return False
        spans.append((fault.from_s, fault.ends_s))
        self.faults.append(fault)
        return True


def draw_faults(plan: FaultPlan, casts: Sequence[HomeCast], truth: Truth, seed_no: int) -> tuple[Fault, ...]:
    """Draw all faults, numbered from 0 in the order of their beginning."""
    drawing = _Drawing(plan=plan, truth=truth, seed_no=seed_no)
    _draw_never_connected(drawing, casts)
    homes = {cast.home: cast for cast in casts}
    devices = [device for cast in casts for device in cast.devices]
    for kind, connectors in DEVICE_KINDS.items():
        for device in devices:
            if kind in plan.kinds and device.connector in connectors:
                _draw_for_device(drawing, kind, device, homes[device.home])
    for kind, clouds in CLOUD_KINDS.items():
        for cloud in clouds:
            if kind in plan.kinds:
                _draw_for_cloud(drawing, kind, cloud)
    ordered = sorted(drawing.faults, key=lambda fault: (fault.from_s, fault.connector, fault.device_id, fault.kind))
    return tuple(_numbered(fault, number) for number, fault in enumerate(ordered))


def _numbered(fault: Fault, number: int) -> Fault:
    return Fault(**{name: getattr(fault, name) for name in Fault.__slots__} | {"fault_no": number})


def _draw_never_connected(drawing: _Drawing, casts: Sequence[HomeCast]) -> None:
    """Draw the homes whose Wi-Fi never connects; no device of theirs has another fault."""
    kind = FaultKind.NEVER_CONNECTED
    if kind not in drawing.plan.kinds:
        return
    chance = Chance(drawing.seed_no, kind)
    n_homes = min(chance.integer(*drawing.plan.kinds[kind].ranges["homes"]), len(casts) - 1)
    for cast in chance.shuffled(casts)[:n_homes]:
        for device in cast.devices:
            fault = Fault(
                fault_no=0, kind=kind, home=cast.home, connector=device.connector, device_id=device.device_id,
                series="", from_s=drawing.period.first_s, to_s=drawing.period.last_s + SLOT_S, figures={},
            )  # fmt: skip
            drawing.faults.append(fault)
            drawing.taken[device.device_id] = [(0, 2**40)]


def _month_spans(period: Period) -> list[tuple[date, int, int]]:
    """List the months with the first boundary and the end of what the period has of them."""
    spans = []
    for month in period.months:
        after = (month + timedelta(days=31)).replace(day=1)
        begin = max((month - period.first_date).days, 0) * SLOTS_PER_DAY
        end = min((after - period.first_date).days, period.n_days) * SLOTS_PER_DAY
        spans.append((month, begin, end))
    return spans


def _draw_for_device(drawing: _Drawing, kind: FaultKind, device: Device, cast: HomeCast) -> None:
    """Draw one kind's faults of one device, month by month."""
    kind_plan = drawing.plan.kinds[kind]
    margin = min(SLOTS_PER_DAY, drawing.period.n_slots // 4)
    for month, begin, end in _month_spans(drawing.period):
        chance = Chance(drawing.seed_no, kind, device.device_id, month)
        n_days = (end - begin) // SLOTS_PER_DAY
        for _ in range(chance.count(kind_plan.per_1000_months * n_days // MONTH_DAYS)):
            if kind in ONCE_PER_DEVICE and device.device_id in drawing.turned:
                continue
            tries = (
                _drawn_for_device(drawing, kind, device, cast, chance, (max(begin, margin), end))
                for _ in range(ATTEMPTS)
            )
            is_added = any(fault is not None and drawing.add(fault, device.device_id) for fault in tries)
            if is_added and kind in ONCE_PER_DEVICE:
                drawing.turned.add(device.device_id)


def _drawn_for_device(
    drawing: _Drawing, kind: FaultKind, device: Device, cast: HomeCast, chance: Chance, span: tuple[int, int]
) -> Fault | None:
    """Draw one fault, or None where it would not be one: it leaves the period, or no energy flows."""
    kind_plan = drawing.plan.kinds[kind]
    length = chance.length(*kind_plan.ranges["half_hours"]) if "half_hours" in kind_plan.ranges else 1
    begin = chance.integer(span[0], max(span[0], span[1] - 1))
    end = begin + length
    options = SERIES.get((kind, device.connector), ("",))
    series = chance.one_of(options)
    energies = drawing.truth.homes[cast.home]
    if end > drawing.period.n_slots or not _fits(kind, energies.get(series), begin, end):
        return None
    return Fault(
        fault_no=0, kind=kind, home=cast.home, connector=device.connector, device_id=device.device_id, series=series,
        from_s=drawing.period.at_s(begin), to_s=drawing.period.at_s(end),
        figures=FIGURES[kind](kind_plan, chance, device) if kind in FIGURES else {},
    )  # fmt: skip


def _fits(kind: FaultKind, energy_wh: "np.ndarray | None", begin: int, end: int) -> bool:
    """Tell whether the energy of the series lets a fault be seen at all."""
    if energy_wh is None:
        return True
    if kind is FaultKind.STUCK:
        is_flowing = int(energy_wh[begin - 1]) >= STUCK_POWER_WH_MIN and int(energy_wh[begin]) >= STUCK_POWER_WH_MIN
        return is_flowing and int(energy_wh[begin:end].sum()) >= STUCK_WH_MIN
    if kind is FaultKind.ROLL_OVER:
        return int(energy_wh[begin - 1]) >= UNIT_WH
    return True


def _draw_for_cloud(drawing: _Drawing, kind: FaultKind, cloud: Connector) -> None:
    """Draw one kind's faults of one cloud, month by month."""
    kind_plan = drawing.plan.kinds[kind]
    margin = min(SLOTS_PER_DAY, drawing.period.n_slots // 4)
    for month, begin, end in _month_spans(drawing.period):
        chance = Chance(drawing.seed_no, kind, cloud, month)
        n_days = (end - begin) // SLOTS_PER_DAY
        for _ in range(chance.count(kind_plan.per_1000_months * n_days // MONTH_DAYS)):
            tries = (_drawn_for_cloud(drawing, kind, cloud, chance, (max(begin, margin), end)) for _ in range(ATTEMPTS))
            any(fault is not None and drawing.add(fault, cloud) for fault in tries)


def _drawn_for_cloud(
    drawing: _Drawing, kind: FaultKind, cloud: Connector, chance: Chance, span: tuple[int, int]
) -> Fault | None:
    """Draw one fault of a cloud, or None where it leaves the period."""
    kind_plan = drawing.plan.kinds[kind]
    length = chance.length(*kind_plan.ranges["half_hours"]) if "half_hours" in kind_plan.ranges else 1
    begin = chance.integer(span[0], max(span[0], span[1] - 1))
    if begin + length > drawing.period.n_slots:
        return None
    figures: dict[str, int] = {}
    if kind is FaultKind.CLOUD_DOWN:
        figures = {"status": chance.one_of(SERVER_ERRORS)}
    elif kind is FaultKind.RATE_LIMIT:
        figures = {"answered_one_in": chance.integer(*kind_plan.ranges["answered_one_in"])}
    return Fault(
        fault_no=0, kind=kind, home="", connector=cloud, device_id="", series="",
        from_s=drawing.period.at_s(begin), to_s=drawing.period.at_s(begin + length), figures=figures,
    )  # fmt: skip


# ---- the figures of each kind


def _outage(plan: KindPlan, chance: Chance, device: Device) -> Figures:
    """Let a device keep what it cannot send, or lose it."""
    del device
    return {"buffered": int(chance.is_one_in(plan.shares["buffered_permille"]))}


def _meter_outage(plan: KindPlan, chance: Chance, device: Device) -> Figures:
    """Let a gateway tell that its meter is lost, or say nothing; a CT device always sends empty minutes."""
    is_told = device.connector is Connector.CT_CLOUD or chance.is_one_in(plan.shares["told_permille"])
    return {"told": int(is_told)}


def _late(plan: KindPlan, chance: Chance, device: Device) -> Figures:
    """Draw how much later the readings of the window come."""
    del device
    return {"delay_s": chance.length(*plan.ranges["delay_hours"]) * HOUR_S}


def _duplicate(plan: KindPlan, chance: Chance, device: Device) -> Figures:
    """Draw how much later the readings of the window come again."""
    del device
    return {"again_after_s": chance.length(*plan.ranges["again_after_minutes"]) * 60}


def _clock_skew(plan: KindPlan, chance: Chance, device: Device) -> Figures:
    """Draw how far the device's clock is ahead, or behind where negative."""
    del device
    return {"ahead_s": chance.length(*plan.ranges["minutes_off"]) * 60 * chance.one_of((-1, 1))}


def _spike(plan: KindPlan, chance: Chance, device: Device) -> Figures:
    """Draw by how much a count is too high, or what some minutes of a half hour tell."""
    if device.connector is Connector.CT_CLOUD:
        return {"power_w": chance.length(*plan.ranges["power_w"]), "minutes": chance.integer(*plan.ranges["minutes"])}
    return {"counts": chance.length(*plan.ranges["register_counts"])}


def _negative(plan: KindPlan, chance: Chance, device: Device) -> Figures:
    """Draw how far counts or powers are below zero."""
    if device.connector is Connector.CT_CLOUD:
        return {"power_w": chance.length(*plan.ranges["power_w"])}
    return {"counts": chance.length(*plan.ranges["register_counts"])}


def _exchange(plan: KindPlan, chance: Chance, device: Device) -> Figures:
    """Draw the first counts of the new meter, and when the market is told: -1 = never."""
    del device
    is_announced = chance.is_one_in(plan.shares["announced_permille"])
    announced_after_s = chance.integer(*plan.ranges["announced_after_days"]) * SLOTS_PER_DAY * SLOT_S
    return {
        "import_count": chance.integer(0, FIRST_COUNT_MAX),
        "export_count": chance.integer(0, FIRST_COUNT_MAX),
        "announced_after_s": announced_after_s if is_announced else -1,
    }


FIGURES: Final[Mapping[FaultKind, Callable[[KindPlan, Chance, Device], Figures]]] = {
    FaultKind.DEVICE_OUTAGE: _outage,
    FaultKind.METER_OUTAGE: _meter_outage,
    FaultKind.LATE: _late,
    FaultKind.DUPLICATE: _duplicate,
    FaultKind.CLOCK_SKEW: _clock_skew,
    FaultKind.SPIKE: _spike,
    FaultKind.NEGATIVE: _negative,
    FaultKind.EXCHANGE: _exchange,
}
