"""`sanchi sandbox score`: what the chain found, held against what the sandbox did.

Enters: the folders of a sandbox and of a home. Leaves: tables. Not here: scoring (app.score_sandbox).
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typer
from rich.markup import escape

from sanchi.app.score_sandbox import SandboxScore, score_sandbox
from sanchi.app.watch_connections import instant, watch_connections
from sanchi.core.base.ids import PartyId
from sanchi.core.metering.faults.fault import Fault
from sanchi.core.metering.faults.scoring import KindScore, TrueFault, score_lines
from sanchi.edge.cli.console import OUT, print_json, print_pairs
from sanchi.edge.cli.opening import opening

LISTED_MAX: Final = 60


def print_score(ctx: typer.Context, folder: Path, home: Path, *, as_json: bool) -> None:
    """Score a home against the sandbox that it was fed from."""
    door = opening(ctx)
    truth = door.sandbox_truth(folder)
    stores = door.installation(home).stores
    watch = watch_connections(stores, truth.market_id, truth.first_date, truth.last_date, truth.now)
    scored = score_sandbox(stores, truth, watch)
    if as_json:
        print_json(_document(scored))
    else:
        _print(scored, watch.now)


def _print(scored: SandboxScore, now: datetime) -> None:
    """Tell the table, what was missed and invented, slots and rows."""
    OUT.print(f"[bold]Faults found until {now:%Y-%m-%d %H:%M}[/]")
    for line in score_lines(scored.table):
        OUT.print(escape(line))
    for title, faults in (("missed", scored.table.missed), ("invented", scored.table.invented)):
        if faults:
            OUT.print(f"\n[bold]{title}[/]  {len(faults)}")
        for one in faults:
            OUT.print(f"  {_line(one, scored.home_names)}")
    wrong = [(one, true) for one, true in scored.table.pairs if one.leg is not true.leg]
    for one, true in wrong:
        OUT.print(f"  leg {one.leg} told, {true.leg} is right: {_line(one, scored.home_names)}")
    slots, rows = scored.slots, scored.rows
    print_pairs(
        "Energies of closed days",
        [
            ("slots compared", f"{slots.compared_count:,}"),
            ("off by more than a step", f"{slots.off_count:,}"),
            ("of these flagged by their quality", f"{slots.off_flagged_count:,}"),
            ("of these in a fault of their meter that was found", f"{slots.off_by_fault_count:,}"),
            ("not flagged at all", f"{len(slots.unflagged):,}"),
        ],
    )
    for slot in slots.unflagged[:LISTED_MAX]:
        OUT.print(
            f"  {escape(slot.home_id)} {slot.channel.text} {slot.delivery_date} slot {slot.slot_no}: "
            f"{slot.energy_wh:,} Wh, true {slot.true_wh:,} Wh"
        )
    print_pairs(
        "Rows",
        [
            ("decoded", f"{rows.decoded.row_count:,}"),
            ("taken as readings", f"{rows.decoded.accepted_row_count:,}"),
            ("taken as parts of half hours", f"{rows.decoded.part_row_count:,}"),
            ("rejected, in problems", f"{rows.decoded.rejected_row_count:,}"),
            ("records without a reading, in problems", f"{rows.decoded.record_problem_count:,}"),
            ("readings stored of closed days", f"{rows.stored_count:,}"),
            ("used", f"{rows.used_count:,}"),
            ("superseded", f"{rows.superseded_count:,}"),
            ("set aside, in problems", f"{rows.set_aside_count:,}"),
            ("used + superseded + set aside = stored", "holds" if rows.holds else "DOES NOT HOLD"),
        ],
    )


def _line(one: Fault | TrueFault, names: Mapping[int, PartyId]) -> str:
    """Tell a fault, found or true, in a line."""
    until = "now" if one.last_s is None else f"{instant(one.last_s):%m-%d %H:%M}"
    where = f"{names.get(one.home_no, '')} {one.connector} {one.device}".strip()
    evidence = f"  [dim]{escape('; '.join(one.evidence))}[/]" if isinstance(one, Fault) else ""
    return f"{one.kind:16} {escape(where)}  {instant(one.first_s):%m-%d %H:%M} .. {until}{evidence}"


def _document(scored: SandboxScore) -> dict[str, Any]:
    """Lay a score out for a machine."""
    table, slots, rows = scored.table, scored.slots, scored.rows
    return {
        "all": _kind_document(table.total),
        "by_kind": {kind.value: _kind_document(one) for kind, one in table.by_kind.items()},
        "missed": [_line(one, scored.home_names) for one in table.missed],
        "invented": [_line(one, scored.home_names) for one in table.invented],
        "slots": {
            "compared": slots.compared_count,
            "off": slots.off_count,
            "off_flagged": slots.off_flagged_count,
            "off_by_fault": slots.off_by_fault_count,
            "unflagged": [
                [
                    slot.home_id,
                    slot.channel.text,
                    slot.delivery_date.isoformat(),
                    slot.slot_no,
                    slot.energy_wh,
                    slot.true_wh,
                ]
                for slot in slots.unflagged
            ],
        },
        "rows": asdict(rows.decoded)
        | {
            "closed_days": rows.closed_day_count,
            "stored": rows.stored_count,
            "used": rows.used_count,
            "superseded": rows.superseded_count,
            "set_aside": rows.set_aside_count,
            "holds": rows.holds,
        },
    }


def _kind_document(one: KindScore) -> dict[str, Any]:
    """Lay the counts and shares of a kind out."""
    return {
        "right": one.n_right,
        "invented": one.n_invented,
        "missed": one.n_missed,
        "precision": round(one.precision, 4),
        "recall": round(one.recall, 4),
        "f1": round(one.f1, 4),
        "leg": round(one.leg_share, 4),
    }
