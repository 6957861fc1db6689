"""Logs that an operator publishes as tiles, honest ones and such as were rolled back or forked.

Enters: data of leaves, a folder. Leaves: tiles and a signed checkpoint there. Not here: any market.
"""

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sanchi.core.transparency.notes import ED25519_NOTE, CheckpointText, NoteKey, signed_note
from sanchi.core.transparency.tiles import tiles
from sanchi_verify.notes import Key, read_key
from tests.core.transparency.grown_trees import GrownTree

ORIGIN = "sanchi/tokyo"


class Operator:
    """Signs whatever it wants to be believed."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        public_bytes = self.private.public_key().public_bytes_raw()
        self.note_key = NoteKey(name=ORIGIN, key_code=ED25519_NOTE, public_bytes=public_bytes)

    @property
    def key(self) -> Key:
        return read_key(self.note_key.text)

    def publish(self, leaves: Sequence[bytes], folder: Path) -> Path:
        tree = GrownTree()
        tree.add(list(leaves))
        for path, content in tiles(tree.node_of, len(leaves)):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        text = CheckpointText(origin=ORIGIN, leaf_count=len(leaves), root=tree.frontier.root()).text
        line = self.note_key.signature_line(self.private.sign(text.encode()))
        (folder / "checkpoint").write_text(signed_note(text, [line]))
        return folder
