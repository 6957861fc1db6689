"""Alerts are decided once and told at least once: exactly once where nothing dies in between."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sanchi.app.alert_records import AlertNews
from sanchi.app.alerts import AlertMessage, AlertReport, ChannelFailed, run_alerts
from sanchi.app.views.connections import ConnectionWatch, ConnectorState
from sanchi.core.base.ids import PartyId
from sanchi.core.base.slots import JST
from sanchi.core.metering.faults.fault import Fault
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from tests.fakes.market_folder import TOWN, Town, write_market

FIRST_AT = datetime(2020, 12, 1, tzinfo=JST)
HOUR = timedelta(hours=1)


class Killed(BaseException):
    """The process ends here."""


class RecordingChannel:
    """Remembers what it told; `ends` are what becomes of the next messages: "", "fails", "dies"."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.told: list[AlertMessage] = []
        self.ends: list[str] = []

    def tell(self, message: AlertMessage) -> None:
        end = self.ends.pop(0) if self.ends else ""
        if end == "fails":
            raise ChannelFailed(f"{self.name}: no")
        self.told.append(message)
        if end == "dies":
            raise Killed

    @property
    def news(self) -> list[tuple[str | None, AlertNews]]:
        return [(message.home_id, message.news) for message in self.told]


def outage(home_no: int, first_at: datetime, last_at: datetime | None = None) -> Fault:
    return Fault(
        kind=FaultKind.DEVICE_OUTAGE,
        leg=Leg.DEVICE_CLOUD,
        home_no=home_no,
        connector="ct",
        device=f"ct-{home_no}",
        meter_no=0,
        channel_no=0,
        first_s=int(first_at.timestamp()),
        last_s=None if last_at is None else int(last_at.timestamp()),
        figure=0,
        evidence=("seen",),
    )


def watch(now: datetime, *faults: Fault) -> ConnectionWatch:
    connector = ConnectorState(
        connector="ct", device_count=58, is_down=False, since_at=None, kind=None, cause="", remedy=""
    )
    return ConnectionWatch(
        market_id=TOWN,
        first_date=FIRST_AT.date(),
        last_date=now.date(),
        now=now,
        dates=(),
        homes=(),
        connectors=(connector,),
        faults=(),
        recurring=(),
        weak_roofs=(),
        homes_without_outage=(),
        due_slots=0,
        timely_slots=0,
        rate_permille=1000,
        found=faults,
    )


def town_of(folder) -> tuple[Town, dict[str, int]]:
    town = Town()
    town.take(write_market(folder))
    return town, {party.party_id: party.party_no for party in town.market.book(TOWN).parties}


def run(town: Town, seen: ConnectionWatch, channels: Sequence[RecordingChannel]) -> AlertReport:
    return run_alerts(town.installation, seen, channels)


class TestTelling:
    def test_outage_is_told_once_when_it_has_held_and_once_when_it_is_over(self, tmp_path):
        town, numbers = town_of(tmp_path)
        channel = RecordingChannel("mail")
        for hour in range(30):
            now = FIRST_AT + hour * HOUR
            ended_at = FIRST_AT + 10 * HOUR
            fault = outage(numbers["H1"], FIRST_AT, ended_at if now >= ended_at else None)
            run(town, watch(now, fault), [channel])

        assert channel.news == [("H1", AlertNews.OPENED), ("H1", AlertNews.CLOSED)]
        opened, closed = channel.told
        assert opened.known.opened_at == FIRST_AT + 6 * HOUR
        assert closed.known.closed_at == FIRST_AT + 13 * HOUR

    def test_message_names_the_home_by_its_id_alone(self, tmp_path):
        town, numbers = town_of(tmp_path)
        channel = RecordingChannel("mail")

        run(town, watch(FIRST_AT + 6 * HOUR, outage(numbers["H1"], FIRST_AT)), [channel])

        (told,) = channel.told
        assert told.home_id == PartyId("H1")
        assert "Home 1" not in repr(told)
        assert told.remedy

    def test_channel_that_fails_tells_later_and_keeps_no_other_from_telling(self, tmp_path):
        town, numbers = town_of(tmp_path)
        mail, hook = RecordingChannel("mail"), RecordingChannel("hook")
        mail.ends = ["fails"]
        seen = watch(FIRST_AT + 6 * HOUR, outage(numbers["H1"], FIRST_AT))

        report = run(town, seen, [mail, hook])
        assert report.failures == {"mail": "mail: no"}
        assert (len(mail.told), len(hook.told)) == (0, 1)

        report = run(town, replace(seen, now=seen.now + HOUR), [mail, hook])
        assert report.failures == {}
        assert (len(mail.told), len(hook.told)) == (1, 1)

    def test_process_that_dies_after_sending_sends_the_same_id_again(self, tmp_path):
        town, numbers = town_of(tmp_path)
        channel = RecordingChannel("mail")
        channel.ends = ["dies"]
        seen = watch(FIRST_AT + 6 * HOUR, outage(numbers["H1"], FIRST_AT))
        with suppress(Killed):
            run(town, seen, [channel])
        run(town, seen, [channel])
        run(town, seen, [channel])

        assert len(channel.told) == 2
        assert len({message.message_id for message in channel.told}) == 1

    def test_new_channel_learns_of_what_is_open_and_not_of_what_is_over(self, tmp_path):
        town, numbers = town_of(tmp_path)
        old, new = RecordingChannel("old"), RecordingChannel("new")
        over = outage(numbers["H1"], FIRST_AT, FIRST_AT + 8 * HOUR)
        run(town, watch(FIRST_AT + 7 * HOUR, outage(numbers["H1"], FIRST_AT)), [old])
        now = FIRST_AT + 20 * HOUR
        run(town, watch(now, over, outage(numbers["H2"], FIRST_AT + 10 * HOUR)), [old, new])

        assert new.news == [("H2", AlertNews.OPENED)]
        assert old.news == [("H1", AlertNews.OPENED), ("H1", AlertNews.CLOSED), ("H2", AlertNews.OPENED)]


ENDS = st.lists(st.sampled_from(["", "fails", "dies"]), max_size=12)
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40)), min_size=1, max_size=3)


@given(spans=SPANS, ends=ENDS)
def test_whatever_fails_or_dies_each_news_is_told_at_least_once_and_openings_before_closings(
    tmp_path_factory, spans, ends
):
    town, numbers = town_of(tmp_path_factory.mktemp("town"))
    channel = RecordingChannel("mail")
    channel.ends = list(ends)
    n_dead = ends.count("dies")
    for hour in range(140):
        now = FIRST_AT + hour * HOUR
        faults = [
            outage(numbers["H1"], FIRST_AT + begin * HOUR, end if now >= end else None)
            for begin, end in ((begin, FIRST_AT + (begin + n_hours) * HOUR) for begin, n_hours in spans)
            if now >= FIRST_AT + begin * HOUR
        ]
        try:
            run(town, watch(now, *faults), [channel])
        except Killed:
            continue

    store = town.installation.stores.alerts
    assert store.open_alerts(TOWN) == ()
    assert store.untold(TOWN, "mail") == ()
    ids = [message.message_id for message in channel.told]
    decided = {f"{TOWN}-{alert_id}-{news}" for (_, alert_id, news, _) in store.tellings}
    assert set(ids) == decided
    assert len(ids) <= len(decided) + n_dead
    for alert_id in {message.known.alert.alert_id for message in channel.told}:
        news = [message.news for message in channel.told if message.known.alert.alert_id == alert_id]
        assert news == sorted(news, key=lambda each: each is AlertNews.CLOSED)
