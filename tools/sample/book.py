"""The master data of the sample: who takes part, with which roof, meter and contract.

Enters: homes; leaves: rows of parties.csv, plants.csv and meters.csv. Not here: offers, choices (offers).
"""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Final

import numpy as np

from tools.sample.batteries import EFFICIENCY_PERMILLE
from tools.sample.buyer_uses import USE_METERS
from tools.sample.cast import (
    COMMISSIONED_FIRST,
    COMMISSIONED_LAST,
    COMMISSIONED_LATER,
    COMPANIES,
    DISTRICTS,
    EXCHANGES,
    OUTSIDE_HOMES,
    SECOND_RETAILER_HOMES,
    SELF_CONSUMPTION_HOMES,
    THIRD_PARTY_ROOFS,
)
from tools.sample.homes import Home
from tools.sample.offers import Row
from tools.sample.period import FIRST_DATE, IntArray, chance
from tools.sample.series import REGISTER_DIGITS, REGISTER_UNIT_WH

STANDARD_PRICE: Final = 850  # sen per kWh
RECRUITERS: Final = ("R01", "S01", "S02")
# 60 A at 200 V: 12 kVA.
CONNECTION_SLOT_WH: Final = 6000
# Bright clouds and a cold day carry a roof above its rating.
ROOF_HEADROOM_PERMILLE: Final = 1200
# (grade, accuracy class in permille): a verified meter, a notified one, two classes of transformer.
GRADES: Final = (("verified", 20), ("notified", 50), ("ct", 10), ("ct", 30))
GRADE_SHARES: Final = (0.10, 0.15, 0.45, 0.30)


def party_rows(homes: list[Home]) -> list[Row]:
    """List the homes, then the companies."""
    rng = chance("districts")
    rows: list[Row] = [
        {
            "party_id": home.home_id,
            "role": "home",
            "name": f"Home {home.number:02d}",
            "name_ja": f"住宅{home.number:02d}",
            "company": "",
            "district": str(rng.choice(DISTRICTS)),
        }
        for home in homes
    ]
    return rows + [asdict(company) for company in COMPANIES]


def plant_rows(homes: list[Home]) -> list[Row]:
    """List the roofs with their contracts."""
    rng = chance("plants")
    return [plant_row(home, rng) for home in homes]


def plant_row(home: Home, rng: np.random.Generator) -> Row:
    """Describe one roof."""
    commissioned = commissioning_date(home, rng)
    grade, class_permille = GRADES[int(rng.choice(len(GRADES), p=GRADE_SHARES))]
    recruiter = str(rng.choice(RECRUITERS))
    purchaser = purchaser_id(home)
    owner = "S01" if home.number in THIRD_PARTY_ROOFS else home.home_id
    return {
        "home_id": home.home_id,
        "device_id": f"{home.home_id}-roof",
        "group": group(home),
        "capacity_w": home.capacity_w,
        "commissioning_date": str(commissioned),
        "fit_end": str(commissioned.replace(year=commissioned.year + 10)),
        "measurement_grade": grade,
        "ct_class_permille": class_permille,
        "battery_capacity_wh": home.battery.capacity_wh,
        "battery_power_w": home.battery.power_w,
        "battery_efficiency_permille": EFFICIENCY_PERMILLE if home.battery.capacity_wh else 0,
        "purchaser_id": purchaser,
        "recruiter_id": "S01" if home.number in THIRD_PARTY_ROOFS else recruiter,
        "value_owner_id": owner,
        "payee_id": owner,
        "standard_price_sen_per_kwh": 0 if purchaser == "R03" else STANDARD_PRICE,
        "load_provenance": home.source.load.provenance,
        "pv_provenance": home.source.pv.provenance if home.source.pv else "modelled",
        "battery_provenance": "modelled" if home.battery.capacity_wh else "",
    }


def group(home: Home) -> str:
    """Tell how a home takes part."""
    if home.number in SELF_CONSUMPTION_HOMES:
        return "self_consumption"
    return "outside" if home.number in OUTSIDE_HOMES else "surplus"


def purchaser_id(home: Home) -> str:
    """Tell who buys what the home feeds in: R03 stands for whoever does so outside the platform."""
    is_under_tariff = commissioned_late(home) > FIRST_DATE.replace(year=FIRST_DATE.year - 9)
    if home.number in OUTSIDE_HOMES or is_under_tariff:
        return "R03"
    return "R02" if home.number in SECOND_RETAILER_HOMES else "R01"


def commissioned_late(home: Home) -> date:
    """Give the start of a plant that is younger than the others, or the others' last."""
    return COMMISSIONED_LATER.get(home.number, COMMISSIONED_LAST)


def commissioning_date(home: Home, rng: np.random.Generator) -> date:
    """Draw when the plant was connected; always draws, so that an exception moves no other home."""
    n_days = (COMMISSIONED_LAST - COMMISSIONED_FIRST).days + 1
    drawn = COMMISSIONED_FIRST + timedelta(days=int(rng.integers(n_days)))
    return COMMISSIONED_LATER.get(home.number, drawn)


def meter_rows(homes: list[Home], uses: dict[str, IntArray]) -> list[Row]:
    """List every meter of homes and buyers."""
    rng = chance("meter ages")
    rows = [row for home in homes for row in home_meter_rows(home, rng)]
    return rows + [
        meter_row(meter.meter_id, meter.buyer_id, "use", round_up(int(uses[meter.meter_id].max()) * 5 // 4))
        for meter in USE_METERS
    ]


def home_meter_rows(home: Home, rng: np.random.Generator) -> list[Row]:
    """List the meters of one home: grid, generation, battery."""
    grid_since = f"{date(2015, 4, 1) + timedelta(days=int(rng.integers(1400)))}T10:00:00+09:00"
    gateway_since = f"{date(2020, 10, 1) + timedelta(days=int(rng.integers(40)))}T13:00:00+09:00"
    grid_id = f"{home.home_id}-grid"
    registers = {"unit_wh": REGISTER_UNIT_WH, "digits": REGISTER_DIGITS}
    grid = meter_row(grid_id, home.home_id, "import+export", CONNECTION_SLOT_WH, grid_since) | registers
    rows = [grid]
    if home.number in EXCHANGES:
        exchanged_at = f"{EXCHANGES[home.number].replace(' ', 'T')}:00+09:00"
        grid["removed_at"] = exchanged_at
        rows.append(grid | {"meter_id": f"{grid_id}-2", "installed_at": exchanged_at, "removed_at": ""})
    roof_slot_wh = round_up(home.capacity_w * ROOF_HEADROOM_PERMILLE // 2000)
    rows.append(meter_row(f"{home.home_id}-pv", home.home_id, "pv", roof_slot_wh, gateway_since))
    if home.battery.capacity_wh:
        battery_id, battery_slot_wh = f"{home.home_id}-battery", round_up(home.battery.power_w // 2)
        rows.append(meter_row(battery_id, home.home_id, "charge+discharge", battery_slot_wh, gateway_since))
    return rows


def meter_row(
    meter_id: str,
    party_id: str,
    channels: str,
    plausible_wh_max: int,
    installed_at: str = "2020-10-01T09:00:00+09:00",
) -> Row:
    """Write one row of meters.csv for a meter of half-hour energies."""
    return {
        "meter_id": meter_id,
        "party_id": party_id,
        "channels": channels,
        "unit_wh": 1,
        "digits": 0,
        "installed_at": installed_at,
        "removed_at": "",
        "plausible_wh_max": plausible_wh_max,
    }


def round_up(energy_wh: int) -> int:
    """Round a bound up to whole hundreds of Wh."""
    return -(-energy_wh // 100) * 100
