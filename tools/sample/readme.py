"""The README that is shipped with the sample: credits, labels and fault plan, filled in from the build.

Enters: everything that was built; leaves: Markdown. Not here: the fixed text (readme_template.md).
"""

from pathlib import Path
from string import Template
from typing import Final

from tools.sample.book import group
from tools.sample.buyer_uses import USE_METERS
from tools.sample.cast import COMPANIES
from tools.sample.deliveries import Deliveries
from tools.sample.faults import FaultPlan, Round, Wrong
from tools.sample.homes import Home
from tools.sample.period import IntArray
from tools.sample.totals import Totals, add_up, kwh

TEMPLATE: Final = Path(__file__).with_name("readme_template.md")
ORIENTATIONS: Final = {
    90: "east", 135: "south-east", 155: "south-south-east", 180: "south",
    200: "south-south-west", 225: "south-west", 270: "west",
}  # fmt: skip


def readme_text(homes: list[Home], uses: dict[str, IntArray], plan: FaultPlan, deliveries: Deliveries) -> str:
    """Fill the template in."""
    totals = add_up(homes, uses)
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        homes=table(HOME_HEAD, [home_line(home) for home in homes]),
        buyers=table(BUYER_HEAD, [buyer_line(meter.meter_id, uses) for meter in USE_METERS]),
        n_homes_with_outages=str(len(homes_with_outages(plan))),
        outages=bullets([str(outage.where) for outage in plan.outages]),
        late=bullets([f"{late.where}: arrived {late.received} (`{late.round}`)" for late in plan.late]),
        wrong=bullets([wrong_text(wrong) for wrong in plan.wrong]),
        repeated=bullets([f"{again.where}: once more in the files of {again.month}" for again in plan.repeated]),
        rows=table(("folder", "month", "rows of registers", "rows of energies"), row_lines(deliveries)),
        **totals_text(totals),
    )
    assert "$" not in text, "a placeholder of the template is left"
    return text


def homes_with_outages(plan: FaultPlan) -> set[str]:
    """Name the homes of which something never arrives."""
    return {outage.where.meters[:3] for outage in plan.outages if outage.where.meters.startswith("H")}


def totals_text(totals: Totals) -> dict[str, str]:
    """Write the sums with thousands parted."""
    fields = {name: f"{getattr(totals, name):,}" for name in Totals.__slots__}
    return fields | {"matchable_percent": str(round(100 * totals.matchable_kwh / totals.ranked_kwh))}


HOME_HEAD: Final = (
    "home", "group", "source", "its home", "first day there", "days repeated", "roof", "battery (modelled)",
    "load kWh", "PV kWh", "export kWh",
)  # fmt: skip


def home_line(home: Home) -> tuple[str, ...]:
    """Describe one home."""
    source = home.source
    return (
        home.home_id,
        group(home),
        source.source,
        source.source_home,
        str(source.load.source_first_date),
        str(source.load.repeated_day_count),
        roof_text(home),
        battery_text(home),
        str(kwh([home.load_wh])),
        str(kwh([home.pv_wh])),
        str(kwh([home.export_wh])),
    )


def roof_text(home: Home) -> str:
    """Describe a roof: measured, or what was modelled."""
    rated = f"{home.capacity_w / 1000:.1f} kW"
    if home.roof is None:
        return f"{rated}, measured"
    roof = home.roof
    looks = ORIENTATIONS[roof.azimuth_deg]
    return f"{rated}, modelled: {looks}, {roof.tilt_deg} degrees, losses {roof.loss_permille / 10:.1f} %"


def battery_text(home: Home) -> str:
    """Describe a battery's nameplate."""
    if not home.battery.capacity_wh:
        return ""
    return f"{home.battery.capacity_wh / 1000:.1f} kWh, {home.battery.power_w / 1000:.1f} kW"


BUYER_HEAD: Final = ("meter", "buyer", "company", "participant in the source", "scaled by", "use kWh")


def buyer_line(meter_id: str, uses: dict[str, IntArray]) -> tuple[str, ...]:
    """Describe one sub-meter of a buyer."""
    meter = next(meter for meter in USE_METERS if meter.meter_id == meter_id)
    buyer = next(company for company in COMPANIES if company.party_id == meter.buyer_id)
    scale = f"{meter.scale_permille / 1000:.1f}"
    return (
        meter_id,
        f"{buyer.party_id} {buyer.name}",
        buyer.company,
        str(meter.participant),
        scale,
        str(kwh([uses[meter_id]])),
    )


def wrong_text(wrong: Wrong) -> str:
    """Tell what was wrong at first, why, and when it was corrected."""
    corrected = f"corrected {wrong.received} (`{wrong.round}`)"
    return f"{wrong.where}: {how_text(wrong.how)}, because {wrong.cause}; {corrected}"


def how_text(how: str | int) -> str:
    """Tell what was wrong at first."""
    if isinstance(how, int):
        return f"{how / 10:.0f} % of the true energy arrived at first"
    if how == "frozen":
        return "the count before the first of these stamps arrived at first, again and again"
    return (
        "at first the count ran ahead, by 0.1 kWh more each stamp of a day and 0.1 kWh less in "
        "the same hours of the next"
    )


def row_lines(deliveries: Deliveries) -> list[tuple[str, ...]]:
    """Count the rows of each file."""
    lines: list[tuple[str, ...]] = []
    for when in Round:
        for month in sorted(month for known, month in deliveries if known is when):
            listed = deliveries[when, month]
            n_registers = sum(len(rows.stamp_s) for rows in listed if rows.is_register)
            n_energies = sum(len(rows.stamp_s) for rows in listed if not rows.is_register)
            lines.append((when.value, month or "all", f"{n_registers:,}", f"{n_energies:,}"))
    return lines


def table(head: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    """Write a Markdown table."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ("---",) * len(head), *lines))


def bullets(lines: list[str]) -> str:
    """Write a Markdown list."""
    return "\n".join(f"- {line}" for line in lines)
