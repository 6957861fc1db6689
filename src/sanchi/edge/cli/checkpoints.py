"""`sanchi checkpoints`: list the checkpoints of the log, or publish it as tiles."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from sanchi.app.log_records import SealedCheckpoint
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.transparency.tiles import tiles
from sanchi.edge.cli.console import OUT, print_json
from sanchi.edge.cli.markets import chosen_market
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

TilesOption = Annotated[
    Path | None, typer.Option("--tiles", help="Publish the log's hashes and its latest checkpoint into this folder.")
]
CHECKPOINT_FILE = "checkpoint"
KEY_FILE = "key"


def run(
    ctx: typer.Context,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    tiles_folder: TilesOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the checkpoints of the log: what each sealed, its size, its root and who countersigned it.

    With --tiles the hashes of the log are published as files that anybody may copy; they tell nothing of a leaf.
    """
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    stores = installation.stores
    checkpoints = stores.log.checkpoints(market_id)
    if tiles_folder is not None and checkpoints:
        n_files = publish(stores, market_id, checkpoints[-1], tiles_folder)
        OUT.print(f"published  {n_files:,} tiles of {checkpoints[-1].leaf_count:,} leaves  {escape(str(tiles_folder))}")
        return
    witnesses = _witnesses_by_no(stores, market_id)
    if as_json:
        print_json(
            {
                "key": stores.log.operator_key(market_id).text,
                "checkpoints": [_document(each, witnesses) for each in checkpoints],
            }
        )
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for heading, justify in (
        ("no", "right"),
        ("sealed", "left"),
        ("leaves", "right"),
        ("root", "left"),
        ("by", "left"),
    ):
        table.add_column(heading, justify=justify, header_style="dim")  # type: ignore[arg-type]
    for each in checkpoints:
        named = ", ".join(witnesses.get(each.checkpoint_no, []))
        table.add_row(
            str(each.checkpoint_no), escape(each.subject), f"{each.leaf_count:,}", each.root[:16], escape(named)
        )
    OUT.print(table)
    OUT.print(f"key  {stores.log.operator_key(market_id).text}", soft_wrap=True)


def publish(stores: Stores, market_id: MarketId, sealed: SealedCheckpoint, folder: Path) -> int:
    """Write the tiles of the log, then its checkpoint and the operator's key; returns the number of tiles.

    A tile that is full never changes, so it is written once; the checkpoint comes last, when all it needs is there.
    """
    n_files = 0
    for path, content in tiles(stores.log.nodes(market_id), sealed.leaf_count):
        file = folder / path
        n_files += 1
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    (folder / KEY_FILE).write_text(stores.log.operator_key(market_id).text + "\n")
    (folder / CHECKPOINT_FILE).write_text(sealed.note)
    return n_files


def _witnesses_by_no(stores: Stores, market_id: MarketId) -> dict[int, list[str]]:
    """Name the witnesses of each checkpoint."""
    named: dict[int, list[str]] = {}
    for each in stores.log.witnesses(market_id):
        named.setdefault(each.checkpoint_no, []).append(each.witness)
    return named


def _document(sealed: SealedCheckpoint, witnesses: dict[int, list[str]]) -> dict[str, object]:
    """Lay a checkpoint out for a machine."""
    return {
        "checkpoint_no": sealed.checkpoint_no,
        "subject": sealed.subject,
        "first_leaf_no": sealed.first_leaf_no,
        "leaf_count": sealed.leaf_count,
        "root": sealed.root,
        "note": sealed.note,
        "witnesses": witnesses.get(sealed.checkpoint_no, []),
    }
