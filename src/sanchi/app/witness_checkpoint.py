"""Take an outsider's countersignature under a checkpoint: verified first, then kept for good.

Enters: stores, a market, a checkpoint's number, the note as it came back, the outsider's key. Leaves: the record.
"""

from sanchi.app.log_records import WitnessedCheckpoint
from sanchi.app.prove_statement import checkpoint_numbered
from sanchi.app.stores import Stores
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.core.transparency.notes import ED25519_COSIGNATURE, cosigned_message, parsed_checkpoint, parsed_key


def witness_checkpoint(
    stores: Stores, market_id: MarketId, checkpoint_no: int, note: str, key_text: str
) -> WitnessedCheckpoint:
    """Keep the countersignature that a note carries of a key. Raises: UnknownRecord, WrongInput."""
    sealed = checkpoint_numbered(stores.log.checkpoints(market_id), market_id, checkpoint_no)
    own, _ = parsed_checkpoint(sealed.note)
    countersigned, lines = parsed_checkpoint(note)
    key = parsed_key(key_text)
    if countersigned != own:
        raise WrongInput(
            f"The note is of another checkpoint: {countersigned.leaf_count} leaves of {countersigned.origin}.",
            hint=f"Checkpoint {checkpoint_no} has {own.leaf_count} leaves; sanchi checkpoints lists them.",
        )
    if key.key_code != ED25519_COSIGNATURE:
        raise WrongInput(f"The key of {key.name} is none that countersigns.", hint="sanchi-verify witness prints it.")
    for line in lines:
        signature = key.signature_in(line)
        if signature is not None and stores.log.is_signed(key, *cosigned_message(own.text, signature)):
            witnessed = WitnessedCheckpoint(
                checkpoint_no=checkpoint_no, witness=key.name, key_text=key.text, signature_line=line
            )
            stores.log.add_witness(market_id, witnessed)
            return witnessed
    raise WrongInput(
        f"The note has no countersignature of {key.name} that fits.",
        hint="Give the note as sanchi-verify witness wrote it, and the key that it printed.",
    )
