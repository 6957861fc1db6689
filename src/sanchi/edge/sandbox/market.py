"""The market of a sandbox as files: what `sanchi ingest` takes first, and what is told of an exchanged meter later.

Enter: the shipped pilot's master data and the world. Leave: files. Not here: readings.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import BATTERY, METER, SOLAR, HomeCast, Way
from sanchi.edge.sandbox.faults import Fault
from sanchi.edge.sandbox.master import rows_of
from sanchi.edge.sandbox.period import SLOT_S, date_of, stamp
from sanchi.edge.sandbox.truth import UNIT_WH
from sanchi.edge.sandbox.tso import use_address
from sanchi.edge.sandbox.world import World

METER_COLUMNS: Final = (
    "meter_id", "party_id", "channels", "unit_wh", "digits", "installed_at", "removed_at", "plausible_wh_max",
    "source", "address", "same_as",
)  # fmt: skip
REGISTER_COLUMNS: Final = ("meter_id", "channel", "read_at", "register_count", "received_at")
REGISTER_DIGITS: Final = 6
SOLAR_DIGITS: Final = 9
Row = dict[str, str]


def write_market(world: World, sample: Path, folder: Path) -> None:
    """Write market.toml, parties, plants, meters, offers and choices of the homes that take part."""
    folder.mkdir(parents=True, exist_ok=True)
    homes = {cast.home for cast in world.casts}
    _write_terms(world, sample / "pilot" / "market.toml", folder / "market.toml")
    for name, column in (("parties", "party_id"), ("plants", "home_id"), ("choices", "home_id"), ("offers", "")):
        rows = rows_of(sample / "pilot" / f"{name}.csv")
        kept = [row for row in rows if not row.get(column, "").startswith("H") or row[column] in homes]
        _write_rows(folder / f"{name}.csv", tuple(rows[0]), kept)
    _write_rows(folder / "meters.csv", METER_COLUMNS, meter_rows(world))


def _write_terms(world: World, shipped: Path, path: Path) -> None:
    """Write the shipped terms with the sandbox's dates."""
    lines = shipped.read_text(encoding="utf-8").splitlines()
    dates = {"first_delivery_date": world.period.first_date, "last_delivery_date": world.period.last_date}
    told = {
        "market_id": f'"sandbox-{world.seed_no}"',
        "name": '"Sandbox of meters"',
        "name_ja": '"計量の試験環境"',
    } | {name: day.isoformat() for name, day in dates.items()}
    written = [f"{key} = {told[key]}" if (key := line.partition(" = ")[0]) in told else line for line in lines]
    path.write_text("\n".join(written) + "\n", encoding="utf-8")


def meter_rows(world: World) -> list[Row]:
    """Give the meters of all homes and buyers, with the addresses by which their sources know them."""
    rows: list[Row] = []
    for cast in world.casts:
        rows += _home_rows(cast, _installed(world, cast.home))
    for meter in world.meters:
        if meter.meter_id in world.truth.uses:
            rows.append(
                _row(meter.meter_id, meter.party_id, "use", (1, 0), meter.installed_at, meter.plausible_wh_max)
                | {"source": "tso", "address": use_address(world, meter.meter_id)}
            )
    return rows


def _installed(world: World, home: str) -> Mapping[str, tuple[str, int]]:
    """Give when a home's devices were installed and what they can carry, by their first channel."""
    found: dict[str, tuple[str, int]] = {}
    for meter in world.meters:
        if meter.party_id == home:
            found.setdefault(meter.channels[0], (meter.installed_at, meter.plausible_wh_max))
    return found


def _row(meter_id: str, party: str, channels: str, form: tuple[int, int], installed_at: str, wh_max: int) -> Row:
    """Write what every meter has; form = unit_wh and digits."""
    return {
        "meter_id": meter_id,
        "party_id": party,
        "channels": channels,
        "unit_wh": str(form[0]),
        "digits": str(form[1]),
        "installed_at": installed_at,
        "removed_at": "",
        "plausible_wh_max": str(wh_max),
        "source": "",
        "address": "",
        "same_as": "",
    }


def _home_rows(cast: HomeCast, installed: Mapping[str, tuple[str, int]]) -> list[Row]:
    """Give the meters of a home by its way."""
    home, device = cast.home, cast.meter_device.device_id
    grid, solar = installed["import"], installed["pv"]
    register = (UNIT_WH, REGISTER_DIGITS)
    main = _row(f"{home}-grid", home, "import+export", register, *grid)
    if cast.way is Way.GATEWAY:
        rows = [main | {"source": "b_route", "address": f"{device}/{METER}"}]
        rows.append(
            _row(f"{home}-pv", home, "pv", (1, SOLAR_DIGITS), *solar) | {"source": "ct", "address": f"{device}/{SOLAR}"}
        )
        if cast.has_battery:
            row = _row(f"{home}-battery", home, "charge+discharge", (1, SOLAR_DIGITS), *installed["charge"])
            rows.append(row | {"source": "ct", "address": f"{device}/{BATTERY}"})
        return rows
    ct = cast.devices[1].device_id
    same = {"same_as": f"{home}-grid"}
    rows = [
        main | {"source": "b_route", "address": device},
        _row(f"{home}-pv", home, "pv", (1, 0), *solar) | {"source": "ct", "address": f"{ct}/pv"},
        _row(f"{home}-grid-ct", home, "import+export", (1, 0), *grid)
        | {"source": "ct", "address": f"{ct}/grid"}
        | same,
    ]
    if cast.way is Way.CLOUDS_TSO:
        for channel, point in (("import", cast.import_point), ("export", cast.export_point)):
            row = _row(f"{home}-{channel}-tso", home, channel, (1, 0), *grid)
            rows.append(row | {"source": "tso", "address": point} | same)
    return rows


def announced_exchanges(world: World) -> list[tuple[int, Fault]]:
    """List the exchanges that the market is told of, each with the instant of telling."""
    told = [fault for fault in world.faults if fault.kind is FaultKind.EXCHANGE]
    return sorted(
        ((fault.to_s + fault.figures["announced_after_s"], fault) for fault in told
         if fault.figures["announced_after_s"] >= 0),
        key=lambda each: (each[0], each[1].fault_no),
    )  # fmt: skip


def write_exchange(world: World, fault: Fault, announced_s: int, folder: Path) -> None:
    """Write what the fitter wrote down: both meters, and what both showed at the exchange."""
    target = folder / f"{date_of(announced_s)}-{fault.home}"
    target.mkdir(parents=True, exist_ok=True)
    cast = next(cast for cast in world.casts if cast.home == fault.home)
    old = _home_rows(cast, _installed(world, fault.home))[0]
    at = stamp(fault.from_s)
    new = old | {"meter_id": f"{fault.home}-grid-2", "installed_at": at}
    _write_rows(target / "meters.csv", METER_COLUMNS, [old | {"removed_at": at}, new])
    last = _last_counts(world, cast, fault)
    counts = [
        {
            "meter_id": row["meter_id"],
            "channel": name,
            "read_at": at,
            "register_count": str(number[name]),
            "received_at": stamp(announced_s),
        }
        for row, number in ((old, last), (new, {name: fault.figures[f"{name}_count"] for name in last}))
        for name in last
    ]
    _write_rows(target / "registers-exchange.csv", REGISTER_COLUMNS, counts)


def _last_counts(world: World, cast: HomeCast, fault: Fault) -> dict[str, int]:
    """Give what the old meter showed when it was taken off."""
    n_slots = (fault.from_s - world.period.first_s) // SLOT_S
    first = {"import": cast.import_count, "export": cast.export_count}
    gained = {name: int(world.truth.homes[cast.home][name][:n_slots].sum()) for name in first}
    return {
        name: (count * UNIT_WH + cast.rest_wh[n] + gained[name]) // UNIT_WH % 10**REGISTER_DIGITS
        for n, (name, count) in enumerate(first.items())
    }


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
