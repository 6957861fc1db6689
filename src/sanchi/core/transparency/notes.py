"""Checkpoints as signed notes in the form of C2SP (tlog-checkpoint, signed-note, tlog-cosignature).

Enter: sizes, roots, public keys, signatures. Leave: texts and back. Not here: signing and verifying (an edge).
"""

from base64 import b64decode, b64encode
from binascii import Error as UnreadableBase64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sanchi.core.base.errors import WrongInput
from sanchi.core.transparency.hashing import HASH_BYTES

# Kinds of keys in signed notes.
ED25519_NOTE: Final = 0x01
ED25519_COSIGNATURE: Final = 0x04

_DASH: Final = "\N{EM DASH} "
_KEY_ID_BYTES: Final = 4
_STAMP_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 64
_TEXT_LINES: Final = 3
_VKEY_PARTS: Final = 3


class UnreadableNote(WrongInput):
    """A text is no checkpoint, no key or no signature in the form of C2SP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointText:
    """What a checkpoint says: whose log it is, how many leaves it has, and their root."""

    origin: str
    leaf_count: int
    root: bytes

    @property
    def text(self) -> str:
        """Write what is signed."""
        return f"{self.origin}\n{self.leaf_count}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteKey:
    """A public Ed25519 key by name; key_code tells what it signs (ED25519_NOTE, ED25519_COSIGNATURE)."""

    name: str
    key_code: int
    public_bytes: bytes

    @property
    def key_id(self) -> bytes:
        """Give the four bytes that stand before each signature of the key."""
        marked = self.name.encode() + b"\n" + bytes([self.key_code]) + self.public_bytes
        return sha256(marked).digest()[:_KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """Write the key as verifiers take it: name, key id and key."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.key_code]) + self.public_bytes).decode()}"

    def signature_line(self, signature: bytes) -> str:
        """Write a signature, or for a cosignature stamp and signature, as a line of a note."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + signature).decode()}\n"

    def signature_in(self, line: str) -> bytes | None:
        """Give the signature that a line has of this key; None where it is of another key."""
        name, _, encoded = line.removeprefix(_DASH).rstrip("\n").rpartition(" ")
        signed = _decoded(encoded)
        is_own = name == self.name and signed is not None and signed[:_KEY_ID_BYTES] == self.key_id
        return signed[_KEY_ID_BYTES:] if is_own and signed is not None else None


def parsed_key(text: str) -> NoteKey:
    """Read a key as verifiers take it. Raises: UnreadableNote."""
    parts = text.strip().split("+", _VKEY_PARTS - 1)
    coded = _decoded(parts[-1])
    if len(parts) == _VKEY_PARTS and coded and len(coded) == 1 + HASH_BYTES:
        key = NoteKey(name=parts[0], key_code=coded[0], public_bytes=coded[1:])
        if key.text == text.strip() and key.key_code in {ED25519_NOTE, ED25519_COSIGNATURE}:
            return key
    raise UnreadableNote(f"{text!r} is no Ed25519 key of a signed note.", hint="Write it as NAME+KEYID+BASE64.")


def parsed_checkpoint(note: str) -> tuple[CheckpointText, tuple[str, ...]]:
    """Read a note: what it says, and its signature lines. Raises: UnreadableNote."""
    text, gap, signed = note.partition("\n\n")
    lines = text.split("\n")
    signatures = tuple(signed.splitlines(keepends=True))
    if gap and len(lines) == _TEXT_LINES and signatures and all(line.startswith(_DASH) for line in signatures):
        root = _decoded(lines[2])
        if lines[1].isascii() and lines[1].isdigit() and root is not None and len(root) == HASH_BYTES:
            read = CheckpointText(origin=lines[0], leaf_count=int(lines[1]), root=root)
            if read.text == text + "\n":
                return read, signatures
    raise UnreadableNote("This is no checkpoint: three lines, an empty one, then lines of signatures.")


def signed_note(text: str, signature_lines: Sequence[str]) -> str:
    """Put a text and its signatures together."""
    return text + "\n" + "".join(signature_lines)


def cosigned_message(text: str, cosigned: bytes) -> tuple[bytes, bytes]:
    """Give (message, signature) of a cosignature, which carries when it was made. Raises: UnreadableNote."""
    if len(cosigned) != _STAMP_BYTES + _SIGNATURE_BYTES:
        raise UnreadableNote("A cosignature has 8 bytes of time and 64 bytes of signature.")
    stamp_s = int.from_bytes(cosigned[:_STAMP_BYTES], "big")
    return f"cosignature/v1\ntime {stamp_s}\n{text}".encode(), cosigned[_STAMP_BYTES:]


def _decoded(text: str) -> bytes | None:
    """Decode base64 that is written in the one way in which it would be encoded; None where it is not."""
    try:
        decoded = b64decode(text, validate=True)
    except (UnreadableBase64, ValueError):
        return None
    return decoded if b64encode(decoded).decode() == text else None
