"""Draws a small market: who takes part, with which roofs and meters, on which days, and what is told late.

Enters: a seeded chance. Leaves: SimulatedMarket. Not here: offers and wishes (terms), energies, deliveries.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sanchi.core.base.slots import JST
from tests.simulation.terms import (
    DISTRICTS,
    KINDS,
    PRICES_SEN_PER_KWH,
    VALID_UNTIL,
    Record,
    draw_choices,
    draw_offer,
    draw_perks,
    draw_preferences,
    ended,
)

SLOTS = 48
PLAUSIBLE_WH = 4_000
FIRST_DATES = (date(2020, 11, 28), date(2020, 12, 29), date(2021, 1, 29), date(2021, 2, 26), date(2024, 2, 27))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One device; instants count half hours from the first midnight, share: its part of the party's channels."""

    meter_id: str
    party_id: str
    channels: tuple[str, ...]
    unit_wh: int = 1
    digits: int = 0
    opening_count: int = 0
    installed: int = 0
    removed: int | None = None
    share_permille: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A roof: its contract, and how much the sun gives it."""

    home_id: str
    group: str
    commissioning_date: date
    fit_end: date
    has_battery: bool
    purchaser_id: str
    value_owner_id: str
    payee_id: str
    standard_price_sen_per_kwh: int
    peak_wh: int
    ct_error_permille: int


@dataclass(slots=True, kw_only=True)
class SimulatedMarket:
    """What a market tells before the first reading; `late` is master data that comes when days are closed already.

    day_indexes : the days that have readings, counted from first_date; the period may be longer.
    late : groups of (kind of file, records), to be delivered in their order.
    """

    market_id: str
    first_date: date
    last_date: date
    day_indexes: tuple[int, ...]
    waiting_days: int
    homes: list[Home]
    buyer_ids: list[str]
    districts: dict[str, str]
    meters: list[Meter] = field(default_factory=list)
    told_meters: list[Meter] = field(default_factory=list)
    offers: list[Record] = field(default_factory=list)
    perks: list[Record] = field(default_factory=list)
    choices: list[Record] = field(default_factory=list)
    preferences: list[Record] = field(default_factory=list)
    late: list[list[tuple[str, list[Record]]]] = field(default_factory=list)

    def date_of(self, day_index: int) -> date:
        """Give a day's date."""
        return self.first_date + timedelta(days=day_index)

    def stamp(self, boundary: float) -> str:
        """Write an instant as files do."""
        midnight = datetime(self.first_date.year, self.first_date.month, self.first_date.day, tzinfo=JST)
        return (midnight + timedelta(minutes=30 * boundary)).isoformat()


def draw_market(chance: random.Random, market_id: str) -> SimulatedMarket:
    """Draw a market of 2-6 homes and 1-4 buyers over 3-8 days around one or two ends of months."""
    first_date = chance.choice(FIRST_DATES)
    day_indexes = tuple(range(chance.choice((3, 3, 4, 4, 5, 6, 8))))
    if chance.random() < 0.2:
        day_indexes = (0, 1, 2, *range(29, 29 + chance.randint(2, 3)))
    last_date = first_date + timedelta(days=day_indexes[-1] + chance.choice((0, 0, 1, 40)))
    buyer_ids = [f"B{number}" for number in range(1, chance.randint(1, 4) + 1)]
    market = SimulatedMarket(
        market_id=market_id,
        first_date=first_date,
        last_date=last_date,
        day_indexes=day_indexes,
        waiting_days=chance.choice((0, 2, 20, 45)),
        homes=[],
        buyer_ids=buyer_ids,
        districts={},
    )
    home_ids = [f"H{number}" for number in range(1, chance.choice((2, 3, 3, 4, 6)) + 1)]
    market.homes = [_home(chance, market, home_id) for home_id in home_ids]
    market.offers = [offer for buyer_id in buyer_ids for offer in _offers(chance, buyer_id, first_date)]
    market.perks = draw_perks(chance, market.offers)
    market.choices = [row for home_id in home_ids for row in draw_choices(chance, home_id, buyer_ids, first_date)]
    market.preferences = [
        row for home_id in home_ids for row in draw_preferences(chance, home_id, buyer_ids, first_date)
    ]
    market.districts = {party_id: chance.choice(DISTRICTS) for party_id in (*home_ids, *buyer_ids, "H9", "B9")}
    for home in market.homes:
        _install(chance, market, home)
    for buyer_id in buyer_ids:
        # Who buys value alone may have no meter at all; who follows its use gets nothing then.
        shares = chance.choice(((1_000,), (1_000,), (1_000,), (700, 300), (700, 300), ()))
        market.meters += [
            Meter(meter_id=f"{buyer_id}-use{n}", party_id=buyer_id, channels=("use",), share_permille=share)
            for n, share in enumerate(shares)
        ]
    market.told_meters = list(market.meters)
    _tell_late(chance, market)
    return market


def _home(chance: random.Random, market: SimulatedMarket, home_id: str) -> Home:
    """Draw a roof; most are their owner's, some belong to others or are still under the tariff."""
    some_day = market.date_of(chance.choice(market.day_indexes))
    birthday = date(some_day.year - chance.choice((10, 11, 12)), some_day.month, min(some_day.day, 28))
    fit_end = chance.choice((date(2019, 11, 1), date(2019, 11, 1), date(2019, 11, 1), some_day, date(2029, 1, 1)))
    return Home(
        home_id=home_id,
        group=chance.choice(("surplus", "surplus", "self_consumption", "self_consumption", "outside")),
        commissioning_date=min(fit_end, chance.choice((date(2009, 11, 1), date(2012, 2, 29), some_day, birthday))),
        fit_end=fit_end,
        has_battery=chance.random() < 0.3,
        purchaser_id=chance.choice(("R01", "R01", "R01", "S01")),
        value_owner_id=chance.choice((home_id, home_id, home_id, "S01")),
        payee_id=chance.choice((home_id, home_id, home_id, "S01", "R01")),
        standard_price_sen_per_kwh=chance.choice(PRICES_SEN_PER_KWH),
        peak_wh=chance.choice((0, 150, 900, 1_600)),
        ct_error_permille=chance.choice((970, 1_000, 1_000, 1_030)),
    )


def _offers(chance: random.Random, buyer_id: str, first_date: date) -> list[Record]:
    """Draw what a buyer pays, perhaps with another price after some days."""
    drawn: list[Record] = []
    for kind in KINDS:
        if chance.random() < 0.2:
            continue
        change = first_date + timedelta(days=chance.randint(1, 6))
        until = chance.choice(("", "", change))
        drawn.append(draw_offer(chance, buyer_id, kind, first_date - timedelta(days=30), until))
        if until and chance.random() < 0.7:
            drawn.append(draw_offer(chance, buyer_id, kind, change, ""))
    return drawn


def _install(chance: random.Random, market: SimulatedMarket, home: Home) -> None:
    """Give a home its meters: registers, one or two of panels, perhaps a battery's, perhaps one after another."""
    digits, unit_wh = chance.choice(((6, 100), (6, 100), (4, 10), (5, 1)))
    grid = Meter(
        meter_id=f"{home.home_id}-grid",
        party_id=home.home_id,
        channels=("import", "export"),
        unit_wh=unit_wh,
        digits=digits,
        # Near the end of the register, so that some turn over.
        opening_count=10**digits - chance.choice((1, 40, 10**digits)),
    )
    shares = chance.choice(((1_000,), (1_000,), (1_000,), (550, 450)))
    panels = [
        Meter(
            meter_id=f"{home.home_id}-pv{n}",
            party_id=home.home_id,
            channels=("pv",),
            unit_wh=chance.choice((1, 1, 10)),
            share_permille=share,
        )
        for n, share in enumerate(shares)
    ]
    market.meters += [*_exchanged(chance, market, grid), *panels[1:], *_exchanged(chance, market, panels[0])]
    if home.has_battery:
        market.meters.append(
            Meter(meter_id=f"{home.home_id}-bat", party_id=home.home_id, channels=("charge", "discharge"))
        )


def _exchanged(chance: random.Random, market: SimulatedMarket, meter: Meter) -> list[Meter]:
    """Let a meter be followed by another one, now and then after a pause."""
    if chance.random() > 0.15:
        return [meter]
    removed = chance.choice(market.day_indexes) * SLOTS + chance.choice((0, 1, 20, 47))
    if removed == 0:
        return [meter]
    following = replace(
        meter,
        meter_id=f"{meter.meter_id}-next",
        opening_count=chance.choice((0, 0, 17)),
        installed=removed + chance.choice((0, 0, 0, 2)),
    )
    return [replace(meter, removed=removed), following]


def _tell_late(chance: random.Random, market: SimulatedMarket) -> None:
    """Hold back some master data: an exchange, new lists and offers, a buyer and a home that join."""
    ended = [meter for meter in market.meters if meter.removed is not None]
    if ended and chance.random() < 0.5:
        late_ids = {ended[0].meter_id, f"{ended[0].meter_id}-next"}
        late = [meter_record(market, meter) for meter in market.meters if meter.meter_id in late_ids]
        market.told_meters = [
            replace(meter, removed=None) if meter == ended[0] else meter
            for meter in market.meters
            if meter.meter_id != f"{ended[0].meter_id}-next"
        ]
        market.late.append([("meters", late)])
    if chance.random() < 0.15:
        _tell_wrong(chance, market)
    later = market.date_of(chance.choice(market.day_indexes))
    if chance.random() < 0.5:
        home_id = chance.choice(market.homes).home_id
        rows = draw_choices(chance, home_id, market.buyer_ids, later)
        market.late += [[("choices", rows)]] if rows else []
    if chance.random() < 0.5:
        rows = draw_preferences(chance, chance.choice(market.homes).home_id, market.buyer_ids, later)
        market.late += [[("preferences", rows)]] if rows else []
    if chance.random() < 0.4:
        _join_buyer(chance, market, later)
    if chance.random() < 0.2:
        _join_home(chance, market)
    if chance.random() < 0.4:
        _change_offer(chance, market, later)
    if chance.random() < 0.25:
        _move(chance, market)


def _change_offer(chance: random.Random, market: SimulatedMarket, later: date) -> None:
    """Let a buyer offer something else from a day on; the offer before ends then, or is forgotten to."""
    buyer_id, kind = chance.choice(market.buyer_ids), chance.choice(KINDS)
    new = draw_offer(chance, buyer_id, kind, later, "")
    lasting = [each for each in market.offers if each[:2] == (buyer_id, kind) and each[VALID_UNTIL] == ""]
    before = [ended(each, later) for each in lasting if str(each[6]) < str(later) and chance.random() < 0.9]
    perks = draw_perks(chance, [new])
    market.late.append([("offers", [*before, new]), *([("perks", perks)] if perks else [])])


def _move(chance: random.Random, market: SimulatedMarket) -> None:
    """Tell another district of a home or buyer, or another standard price of a roof: refused where days saw them."""
    home = chance.choice(market.homes)
    party_id, role = chance.choice(((home.home_id, "home"), (chance.choice(market.buyer_ids), "buyer")))
    if chance.random() < 0.3:
        price = chance.choice(PRICES_SEN_PER_KWH)
        market.late.append([("plants", [plant_record(replace(home, standard_price_sen_per_kwh=price))])])
    else:
        market.late.append([("parties", [(party_id, role, party_id, party_id, "", chance.choice(DISTRICTS))])])


def _tell_wrong(chance: random.Random, market: SimulatedMarket) -> None:
    """Let a meter be told with a wrong unit, home, channel or beginning at first."""
    place = chance.randrange(len(market.told_meters))
    meter = market.told_meters[place]
    if meter.removed is not None:
        return
    wrong = [replace(meter, unit_wh=meter.unit_wh * 10 if meter.digits == 0 else max(1, meter.unit_wh // 10))]
    wrong.append(replace(meter, installed=chance.choice((1, 48, 100))))
    if "use" not in meter.channels:
        wrong.append(replace(meter, party_id=chance.choice(market.homes).home_id))
    if meter.channels == ("charge", "discharge"):
        wrong.append(replace(meter, channels=("charge",)))
    market.told_meters[place] = chance.choice(wrong)
    market.late.append([("meters", [meter_record(market, meter)])])
    if meter.channels == ("charge", "discharge") and chance.random() < 0.3:
        market.late.append([("meters", [meter_record(market, replace(meter, channels=("charge",)))])])


def _join_buyer(chance: random.Random, market: SimulatedMarket, later: date) -> None:
    """Let a buyer join whom the first home puts on its list."""
    meter = Meter(meter_id="B9-use0", party_id="B9", channels=("use",))
    choices = draw_choices(chance, market.homes[0].home_id, [*market.buyer_ids, "B9"], later)
    offers = [draw_offer(chance, "B9", k, later, "") for k in KINDS]
    told = [("meters", [meter_record(market, meter)]), ("offers", offers), ("perks", draw_perks(chance, offers))]
    told.append(("choices", choices))
    market.meters.append(meter)
    party = ("B9", "buyer", "B9", "B9", "", market.districts["B9"])
    market.late.append([("parties", [party]), *(each for each in told if each[1])])


def _join_home(chance: random.Random, market: SimulatedMarket) -> None:
    """Let a home join."""
    home, n_before = _home(chance, market, "H9"), len(market.meters)
    market.homes.append(home)
    _install(chance, market, home)
    meters = [meter_record(market, meter) for meter in market.meters[n_before:]]
    party: tuple[str, list[Record]] = ("parties", [("H9", "home", "H9", "H9", "", market.districts["H9"])])
    market.late.append([party, ("plants", [plant_record(home)]), ("meters", meters)])


def meter_record(market: SimulatedMarket, meter: Meter) -> Record:
    """Lay a meter out as in meters.csv."""
    removed = "" if meter.removed is None else market.stamp(meter.removed)
    return (
        meter.meter_id, meter.party_id, "+".join(meter.channels), meter.unit_wh, meter.digits,
        market.stamp(meter.installed), removed, PLAUSIBLE_WH,
    )  # fmt: skip


def plant_record(home: Home) -> Record:
    """Lay a roof out as in plants.csv."""
    battery = (5_600, 2_500, 900) if home.has_battery else (0, 0, 0)
    return (
        home.home_id, f"{home.home_id}-roof", home.group, 4_000, home.commissioning_date, home.fit_end, "ct", 30,
        *battery, home.purchaser_id, "R01", home.value_owner_id, home.payee_id, home.standard_price_sen_per_kwh,
        "modelled", "modelled", "modelled" if home.has_battery else "",
    )  # fmt: skip
