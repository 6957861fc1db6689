"""A score leaves out what is yet to come and what the market was told of, and calls a wrong slot wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sanchi.app.score_sandbox import TrueFaultLine, _comparable
from sanchi.core.metering.faults.fault import NO_HOME, Fault
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.scoring import TrueFault

NOW = datetime(2020, 12, 4, tzinfo=UTC)
NOW_S = int(NOW.timestamp())


def line(kind: FaultKind, first_s: int, *, home: str = "H1", told_at: datetime | None = None) -> TrueFaultLine:
    fault = TrueFault(
        kind=kind, leg=Leg.METER, home_no=NO_HOME, connector="br", device="br-1", first_s=first_s, last_s=first_s + 60
    )
    return TrueFaultLine(fault=fault, home=home, told_at=told_at)


def found(kind: FaultKind, first_s: int) -> Fault:
    return Fault(
        kind=kind, leg=Leg.METER, home_no=7, connector="br", device="br-1", meter_no=0, channel_no=0,
        first_s=first_s, last_s=first_s, figure=0, evidence=(),
    )  # fmt: skip


def compared(told: list[Fault], lines: list[TrueFaultLine], known_at: datetime = NOW):
    return _comparable(told, lines, {"H1": 7}, NOW_S, known_at)


def test_faults_get_the_numbers_of_their_homes_and_those_of_clouds_none():
    _, true = compared([], [line(FaultKind.SPIKE, 0), line(FaultKind.CLOUD_DOWN, 0, home="")])

    assert [one.home_no for one in true] == [7, NO_HOME]


def test_what_is_yet_to_come_is_not_asked_for():
    assert compared([], [line(FaultKind.SPIKE, NOW_S)]) == ([], [])


def test_exchange_that_the_market_knows_is_neither_missed_nor_invented():
    exchange = line(FaultKind.EXCHANGE, NOW_S - 3600, told_at=NOW - timedelta(seconds=1))

    assert compared([found(FaultKind.EXCHANGE, NOW_S - 3000)], [exchange]) == ([], [])


def test_exchange_that_is_told_later_is_to_be_found():
    exchange = line(FaultKind.EXCHANGE, NOW_S - 3600, told_at=NOW + timedelta(days=1))
    told = [found(FaultKind.EXCHANGE, NOW_S - 3000)]

    assert compared(told, [exchange]) == (told, [replace(exchange.fault, home_no=7)])
    assert compared(told, [exchange], NOW + timedelta(days=2)) == ([], [])


def test_another_fault_at_the_time_of_a_known_exchange_stays():
    exchange = line(FaultKind.EXCHANGE, NOW_S - 3600, told_at=NOW - timedelta(seconds=1))
    told = [found(FaultKind.SPIKE, NOW_S - 3600)]

    assert compared(told, [exchange])[0] == told
