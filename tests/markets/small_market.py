"""A market of a few homes and days over a month's end, as delivered files: on time, late, and after finalising.

Enters: a folder. Leaves: CSV files in docs/formats.md's form. All figures follow from the home's number.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import JST, SLOTS_PER_DAY, dates_between

MARKET_ID = MarketId("small")
SLOT = timedelta(minutes=30)
RECEIVED_AFTER = timedelta(hours=4)
UNIT_WH = 100
CAPACITY_WH = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallMarket:
    """Which homes and days; gap_* is an outage whose readings come late, lowered_* a correction after finalising."""

    n_homes: int = 6
    first_date: date = date(2020, 11, 29)
    last_date: date = date(2020, 12, 2)
    gap_home: int = 2
    gap_date: date = date(2020, 11, 30)
    lowered_home: int = 1
    lowered_date: date = date(2020, 11, 29)

    @property
    def dates(self) -> tuple[date, ...]:
        """List the delivery dates."""
        return dates_between(self.first_date, self.last_date)


def write_market(folder: Path, market: SmallMarket | None = None) -> SmallMarket:
    """Write `pilot`, `late` and `after_final` under a folder."""
    market = market or SmallMarket()
    for name in ("pilot", "late", "after_final"):
        (folder / name).mkdir(parents=True)
    _write_master(folder / "pilot", market)
    registers, energies = _readings(market)
    gap = {(f"M{market.gap_home}", stamp) for stamp in _stamps(market.gap_date)[20:26]}
    _write(
        folder / "pilot" / "registers-1.csv",
        REGISTER_COLUMNS,
        [row for row in registers if (row[0], row[2]) not in gap],
    )
    _write(folder / "pilot" / "energies-1.csv", ENERGY_COLUMNS, energies)
    _write(
        folder / "late" / "registers-late.csv",
        REGISTER_COLUMNS,
        [_later(row) for row in registers if (row[0], row[2]) in gap],
    )
    lowered = _lowered(market, energies)
    _write(folder / "after_final" / "energies-late.csv", ENERGY_COLUMNS, lowered)
    return market


REGISTER_COLUMNS = ("meter_id", "channel", "read_at", "register_count", "received_at")
ENERGY_COLUMNS = ("meter_id", "channel", "slot_end", "energy_wh", "received_at")


def _stamps(day: date) -> list[str]:
    """List the ends of a day's slots."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=JST)
    return [(midnight + SLOT * n).isoformat() for n in range(1, SLOTS_PER_DAY + 1)]


def _received(stamp: str) -> str:
    """Give when a reading arrives on time."""
    return (datetime.fromisoformat(stamp) + RECEIVED_AFTER).isoformat()


def _later(row: Sequence[object]) -> list[object]:
    """Give a row as it arrives ten days late."""
    return [*row[:4], (datetime.fromisoformat(str(row[4])) + timedelta(days=10)).isoformat()]


def generated_wh(home: int, day_index: int, slot_index: int) -> int:
    """Give what a roof generates: a hump over the slots of daylight, another height for each home and day."""
    hump = max(0, 36 - (slot_index - 24) ** 2)
    return hump * (20 + 3 * home + day_index)


def used_wh(home: int, slot_index: int) -> int:
    """Give what a home uses."""
    return 120 + 17 * home + (slot_index * 7) % 60


def _readings(market: SmallMarket) -> tuple[list[list[object]], list[list[object]]]:
    """Let meters count what homes do and buyers use: rows of registers and of energies."""
    registers: list[list[object]] = []
    energies: list[list[object]] = []
    for home in range(1, market.n_homes + 1):
        registers += _registers(market, home)
        energies += [
            [f"P{home}", "pv", stamp, generated_wh(home, day_index, slot_index), _received(stamp)]
            for day_index, slot_index, stamp in _slots(market)
        ]
    for buyer, use_wh in (("shop", 900), ("tower", 2_000), ("builder", 100)):
        energies += [
            [f"U-{buyer}", "use", stamp, use_wh + 10 * slot_index, _received(stamp)]
            for _, slot_index, stamp in _slots(market)
        ]
    return registers, energies


def _slots(market: SmallMarket) -> list[tuple[int, int, str]]:
    """List (day_index, slot_index, stamp of its end) of the whole period."""
    return [
        (day_index, slot_index, stamp)
        for day_index, day in enumerate(market.dates)
        for slot_index, stamp in enumerate(_stamps(day))
    ]


def _registers(market: SmallMarket, home: int) -> list[list[object]]:
    """Count a home's import and export in whole units; the rest of a unit stays inside the meter."""
    opened = {"import": 10_000 * home, "export": 5_000 * home}
    running_wh = dict.fromkeys(opened, 0)
    opening = datetime.combine(market.first_date, datetime.min.time(), tzinfo=JST).isoformat()
    rows: list[list[object]] = [
        [f"M{home}", channel, opening, count, _received(opening)] for channel, count in opened.items()
    ]
    for day_index, slot_index, stamp in _slots(market):
        net_wh = generated_wh(home, day_index, slot_index) - used_wh(home, slot_index)
        running_wh["export"] += max(net_wh, 0)
        running_wh["import"] += max(-net_wh, 0)
        rows += [
            [f"M{home}", channel, stamp, count + running_wh[channel] // UNIT_WH, _received(stamp)]
            for channel, count in opened.items()
        ]
    return rows


def _lowered(market: SmallMarket, energies: Iterable[Sequence[object]]) -> list[list[object]]:
    """Correct the generation of one home and day to nine tenths: certified self-consumption was too high."""
    meter_id, stamps = f"P{market.lowered_home}", set(_stamps(market.lowered_date))
    return [
        [row[0], row[1], row[2], int(str(row[3])) * 9 // 10, _later(row)[4]]
        for row in energies
        if row[0] == meter_id and row[2] in stamps
    ]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _write_master(folder: Path, market: SmallMarket) -> None:
    """Write who takes part."""
    (folder / "market.toml").write_text(
        f'[market]\nmarket_id = "{MARKET_ID}"\nname = "Small market"\nname_ja = "小さな市場"\ngrid_area = "03"\n'
        f'retailer_id = "R01"\nfirst_delivery_date = {market.first_date}\nlast_delivery_date = {market.last_date}\n'
        "tax_permille = 100\nfinalise_day = 25\nwaiting_days = 20\n",
        encoding="utf-8",
    )
    homes = range(1, market.n_homes + 1)
    parties = [[f"H{home}", "home", f"Home {home}", f"家{home}", "", "Adachi"] for home in homes]
    parties += [
        ["shop", "buyer", "Shop", "店", "Chain", "Chuo"],
        ["tower", "buyer", "Tower", "ビル", "", "Minato"],
        ["builder", "buyer", "Builder", "建設", "", "Koto"],
        ["R01", "retailer", "Retailer", "小売", "", ""],
    ]
    _write(folder / "parties.csv", ("party_id", "role", "name", "name_ja", "company", "district"), parties)
    _write(folder / "plants.csv", PLANT_COLUMNS, [_plant(home) for home in homes])
    opening = datetime.combine(market.first_date, datetime.min.time(), tzinfo=JST).isoformat()
    meters = [[f"M{home}", f"H{home}", "import+export", UNIT_WH, 6, opening, "", CAPACITY_WH] for home in homes]
    meters += [[f"P{home}", f"H{home}", "pv", 1, 0, opening, "", CAPACITY_WH] for home in homes]
    meters += [[f"U-{buyer}", buyer, "use", 1, 0, opening, "", 50_000] for buyer in ("shop", "tower", "builder")]
    _write(folder / "meters.csv", METER_COLUMNS, meters)
    _write(
        folder / "offers.csv",
        OFFER_COLUMNS,
        [
            ["shop", "surplus", 1_000, 1_100, "metered_use", "", market.first_date, ""],
            ["tower", "surplus", 950, 1_050, "metered_use", 1_500, market.first_date, ""],
            ["builder", "self_consumption", 100, 130, "cap_only", 600, market.first_date, ""],
        ],
    )
    choices = [[f"H{home}", "surplus", 1, "shop", market.first_date] for home in homes]
    choices += [[f"H{home}", "surplus", 2, "tower", market.first_date] for home in homes if home % 2]
    choices += [[f"H{home}", "self_consumption", 1, "builder", market.first_date] for home in homes if home <= 3]
    _write(folder / "choices.csv", ("home_id", "kind", "choice_no", "buyer_id", "valid_from"), choices)
    tenants = [
        ["shop", "surplus", market.first_date, rank_no, tenant, "in_order", "", ""]
        for rank_no, tenant in enumerate(("builder", "tower"), start=1)
    ]
    _write(folder / "passing_on.csv", PASSING_ON_COLUMNS, tenants)


PLANT_COLUMNS = (
    "home_id", "device_id", "group", "capacity_w", "commissioning_date", "fit_end", "measurement_grade",
    "ct_class_permille", "battery_capacity_wh", "battery_power_w", "battery_efficiency_permille", "purchaser_id",
    "recruiter_id", "value_owner_id", "payee_id", "standard_price_sen_per_kwh", "load_provenance", "pv_provenance",
    "battery_provenance",
)  # fmt: skip
METER_COLUMNS = (
    "meter_id", "party_id", "channels", "unit_wh", "digits", "installed_at", "removed_at", "plausible_wh_max",
)  # fmt: skip
PASSING_ON_COLUMNS = (
    "owner_id", "kind", "valid_from", "rank_no", "tenant_id", "rule", "static_key", "target_permille",
)  # fmt: skip
OFFER_COLUMNS = (
    "buyer_id", "kind", "home_price_sen_per_kwh", "buyer_price_sen_per_kwh", "capacity_rule", "cap_wh_per_slot",
    "valid_from", "valid_until",
)  # fmt: skip


def _plant(home: int) -> list[object]:
    """Describe a home's roof; none has a battery."""
    home_id = f"H{home}"
    return [
        home_id, f"{home_id}-PV", "surplus", CAPACITY_WH, "2010-06-01", "2020-06-01", "ct", 30, 0, 0, 0, "R01", "R01",
        home_id, home_id, 850, "modelled", "modelled", "",
    ]  # fmt: skip
