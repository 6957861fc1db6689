"""A market of homes with batteries over a month's end, as delivered files drawn from a seed.

Enters: a folder and a seed. Leaves: CSV files in docs/formats.md's form. Not here: what should come of them.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from sanchi.core.base.slots import JST, SLOTS_PER_DAY, dates_between
from tests.markets.small_market import ENERGY_COLUMNS, METER_COLUMNS, OFFER_COLUMNS, PLANT_COLUMNS, REGISTER_COLUMNS

FIRST_DATE, LAST_DATE = date(2020, 11, 28), date(2020, 12, 1)
CORRECTED = date(2020, 11, 29)
SLOT = timedelta(minutes=30)
UNIT_WH = 100
# Battery's capacity, power a slot and efficiency; end of the tariff; who owns the value.
HOMES = (
    (3_000, 700, 900, "2020-06-01", "H1"),
    (12_000, 1_500, 850, "2021-06-01", "H2"),
    (500, 400, 1000, "2020-06-01", "R01"),
)


def write_market(folder: Path, seed: int) -> None:
    """Write `pilot`, and `correction`: the first home made a fifth less on one day."""
    for name in ("pilot", "correction"):
        (folder / name).mkdir(parents=True)
    _write_master(folder / "pilot")
    random = Random(seed)
    registers: list[list[object]] = []
    energies: list[list[object]] = []
    for home, (capacity_wh, power_wh, efficiency_permille, *_) in enumerate(HOMES, start=1):
        _live(random, home, (capacity_wh, power_wh, efficiency_permille), registers, energies)
    _write(folder / "pilot" / "registers.csv", REGISTER_COLUMNS, registers)
    _write(folder / "pilot" / "energies.csv", ENERGY_COLUMNS, energies)
    midnight = datetime.combine(CORRECTED, datetime.min.time(), tzinfo=JST)
    stamps = {(midnight + SLOT * n).isoformat() for n in range(1, SLOTS_PER_DAY + 1)}
    lowered = [
        [*row[:3], int(str(row[3])) * 4 // 5, "2021-02-01T00:00:00+09:00"]
        for row in energies
        if row[0] == "P1" and row[2] in stamps
    ]
    _write(folder / "correction" / "energies-p1.csv", ENERGY_COLUMNS, lowered)


def _live(
    random: Random,
    home: int,
    battery: tuple[int, int, int],
    registers: list[list[object]],
    energies: list[list[object]],
) -> None:
    """Let a home generate, use, charge and discharge, by day to the grid too, and count what its register sees."""
    capacity_wh, power_wh, efficiency_permille = battery
    counted_wh = {"import": 0, "export": 0}
    opening = datetime.combine(FIRST_DATE, datetime.min.time(), tzinfo=JST)
    registers += [[f"M{home}", channel, opening.isoformat(), 1_000, opening.isoformat()] for channel in counted_wh]
    inside_mwh = 0
    n_slots = len(dates_between(FIRST_DATE, LAST_DATE)) * SLOTS_PER_DAY
    for number in range(n_slots):
        stamp = (opening + SLOT * (number + 1)).isoformat()
        pv_wh = max(0, 64 - (number % SLOTS_PER_DAY - 24) ** 2) * random.randint(5, 25)
        use_wh = random.randint(20, 200)
        room_wh = (capacity_wh * 1000 - inside_mwh) // efficiency_permille
        wants_grid = random.random() < 0.1  # some charging at night
        charge_wh = max(0, min(power_wh, room_wh, power_wh if wants_grid else pv_wh - use_wh))
        wanted_wh = use_wh - pv_wh if random.random() < 0.9 else power_wh
        discharge_wh = 0 if charge_wh else max(0, min(power_wh, inside_mwh // 1000, wanted_wh))
        inside_mwh += charge_wh * efficiency_permille - discharge_wh * 1000
        net_wh = pv_wh + discharge_wh - use_wh - charge_wh
        counted_wh["export"] += max(net_wh, 0)
        counted_wh["import"] += max(-net_wh, 0)
        energies += [
            [f"P{home}", "pv", stamp, pv_wh, stamp],
            [f"C{home}", "charge", stamp, charge_wh, stamp],
            [f"C{home}", "discharge", stamp, discharge_wh, stamp],
        ]
        registers += [
            [f"M{home}", channel, stamp, 1_000 + energy_wh // UNIT_WH, stamp]
            for channel, energy_wh in counted_wh.items()
        ]


def _write_master(folder: Path) -> None:
    """Write who takes part; the second home sells what it uses itself, as far as the builder takes it."""
    (folder / "market.toml").write_text(
        '[market]\nmarket_id = "batteries"\nname = "Batteries"\nname_ja = "蓄電池"\ngrid_area = "03"\n'
        f'retailer_id = "R01"\nfirst_delivery_date = {FIRST_DATE}\nlast_delivery_date = {LAST_DATE}\n'
        "tax_permille = 100\nfinalise_day = 25\nwaiting_days = 20\n",
        encoding="utf-8",
    )
    homes = range(1, len(HOMES) + 1)
    parties = [[f"H{home}", "home", f"Home {home}", f"家{home}", "", "Adachi"] for home in homes]
    parties += [["builder", "buyer", "Builder", "建設", "", "Koto"], ["R01", "retailer", "Retailer", "小売", "", ""]]
    _write(folder / "parties.csv", ("party_id", "role", "name", "name_ja", "company", "district"), parties)
    plants = [
        [
            f"H{home}", f"H{home}-PV", "self_consumption", 5_000, "2010-06-01", fit_end, "ct", 30, capacity_wh,
            power_wh * 2, efficiency_permille, "R01", "R01", owner_id, f"H{home}", 850, "measured", "measured",
            "measured",
        ]
        for home, (capacity_wh, power_wh, efficiency_permille, fit_end, owner_id) in enumerate(HOMES, start=1)
    ]  # fmt: skip
    _write(folder / "plants.csv", PLANT_COLUMNS, plants)
    opening = datetime.combine(FIRST_DATE, datetime.min.time(), tzinfo=JST).isoformat()
    meters = [[f"M{home}", f"H{home}", "import+export", UNIT_WH, 6, opening, "", 9_000] for home in homes]
    meters += [[f"P{home}", f"H{home}", "pv", 1, 0, opening, "", 9_000] for home in homes]
    meters += [[f"C{home}", f"H{home}", "charge+discharge", 1, 0, opening, "", 9_000] for home in homes]
    _write(folder / "meters.csv", METER_COLUMNS, meters)
    offer = ["builder", "self_consumption", 100, 130, "cap_only", 60, FIRST_DATE, ""]
    _write(folder / "offers.csv", OFFER_COLUMNS, [offer])
    choice = ["H2", "self_consumption", 1, "builder", FIRST_DATE]
    _write(folder / "choices.csv", ("home_id", "kind", "choice_no", "buyer_id", "valid_from"), [choice])


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
