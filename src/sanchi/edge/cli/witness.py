"""`sanchi witness`: take an outsider's countersignature under a checkpoint."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from sanchi.app.witness_checkpoint import witness_checkpoint
from sanchi.core.base.errors import WrongInput
from sanchi.edge.cli.console import OUT
from sanchi.edge.cli.markets import chosen_market
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, MarketOption, opening

STEP = "witness"

CheckpointOption = Annotated[int, typer.Option("--checkpoint", help="The checkpoint's number.")]
NoteOption = Annotated[Path, typer.Option("--note", help="The note as the witness gave it back.")]
KeyOption = Annotated[str, typer.Option("--key", help="The witness's public key, as sanchi-verify witness printed it.")]


def run(
    ctx: typer.Context,
    checkpoint: CheckpointOption,
    note: NoteOption,
    key: KeyOption,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
) -> None:
    """Keep an outsider's countersignature under a checkpoint, once it is verified; proofs carry it from then on."""
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    try:
        text = note.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongInput(f"{note} cannot be read.", hint="Name the file that sanchi-verify witness wrote.") from error
    use_case = partial(witness_checkpoint, installation.stores, market_id, checkpoint, text, key)
    kept = installation.run_step(market_id, STEP, str(checkpoint), use_case)
    OUT.print(f"kept  checkpoint {kept.checkpoint_no}, countersigned by {escape(kept.witness)}")
