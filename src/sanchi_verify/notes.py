"""Reads checkpoints and keys of signed notes, verifies their signatures, and countersigns.

Enter: texts as published (c2sp.org signed-note, tlog-checkpoint, tlog-cosignature). Leave: what they say, checked.
"""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sanchi_verify.findings import CannotCheck, NotProven, require

SIGNS_NOTES = 1
COSIGNS = 4
DASH = "\u2014 "


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A public key by name; kind is SIGNS_NOTES or COSIGNS."""

    name: str
    kind: int
    public: bytes

    @property
    def id_bytes(self) -> bytes:
        """Give what stands before each of its signatures."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """Write the key as it is handed round."""
        return f"{self.name}+{self.id_bytes.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a checkpoint says, the text that was signed, and its signature lines."""

    origin: str
    size: int
    root: bytes
    text: str
    lines: tuple[str, ...]


def read_key(text: str) -> Key:
    """Read NAME+ID+BASE64; CannotCheck where it is none."""
    try:
        name, _, encoded = text.strip().split("+", 2)
        coded = strict_base64(encoded)
        key = Key(name=name, kind=coded[0], public=coded[1:])
    except (ValueError, IndexError):
        raise CannotCheck(f"{text.strip()!r} is no key; expected NAME+ID+BASE64") from None
    if key.text != text.strip() or key.kind not in {SIGNS_NOTES, COSIGNS} or len(key.public) != 32:
        raise CannotCheck(f"{text.strip()!r} is no Ed25519 key, or its id is not its own")
    return key


def read_checkpoint(note: str) -> Checkpoint:
    """Read a note; NotProven where it is no checkpoint, or is not written as one is."""
    body, gap, rest = note.partition("\n\n")
    parts = body.split("\n")
    lines = tuple(line + "\n" for line in rest.removesuffix("\n").split("\n")) if rest.endswith("\n") else ()
    require("checkpoint", gap == "\n\n" and len(parts) == 3 and len(lines) > 0, "it is no checkpoint")
    origin, size_text, root_text = parts
    require("checkpoint", size_text.isascii() and size_text.isdigit(), f"its size is {size_text!r}")
    require("checkpoint", str(int(size_text)) == size_text, f"its size is written {size_text!r}")
    try:
        root = strict_base64(root_text)
    except ValueError:
        raise NotProven("checkpoint", "its root is no base64") from None
    require("checkpoint", len(root) == 32, "its root has not 32 bytes")
    return Checkpoint(origin=origin, size=int(size_text), root=root, text=body + "\n", lines=lines)


def verify_operator(checkpoint: Checkpoint, key: Key) -> None:
    """Check the one line of the operator; NotProven."""
    require("signature", key.name == checkpoint.origin, f"the key is of {key.name}, the log of {checkpoint.origin}")
    require("signature", len(checkpoint.lines) == 1, f"{len(checkpoint.lines)} lines of signatures instead of one")
    signature = signature_in("signature", checkpoint.lines[0], key)
    require("signature", is_signed(key, checkpoint.text.encode(), signature), "it does not fit the checkpoint")


def verify_witness(checkpoint: Checkpoint, key: Key, line: str) -> int:
    """Check a countersignature; returns when it was made, in Unix seconds. NotProven."""
    require("witness", key.kind == COSIGNS, f"the key of {key.name} is none that countersigns")
    made = signature_in("witness", line, key)
    require("witness", len(made) == 72, f"the signature of {key.name} has {len(made)} bytes")
    stamp_s = int.from_bytes(made[:8], "big")
    message = countersigned(checkpoint.text, stamp_s)
    require("witness", is_signed(key, message, made[8:]), f"the signature of {key.name} does not fit the checkpoint")
    return stamp_s


def countersign(checkpoint: Checkpoint, name: str, private: Ed25519PrivateKey, stamp_s: int) -> str:
    """Write a line of signature under a checkpoint that was found to extend the one before."""
    key = public_key(name, private)
    made = stamp_s.to_bytes(8, "big") + private.sign(countersigned(checkpoint.text, stamp_s))
    return f"{DASH}{name} {base64.b64encode(key.id_bytes + made).decode()}\n"


def public_key(name: str, private: Ed25519PrivateKey) -> Key:
    """Give the public part of a witness's key."""
    return Key(name=name, kind=COSIGNS, public=private.public_key().public_bytes_raw())


def countersigned(text: str, stamp_s: int) -> bytes:
    """Give what a witness signs."""
    return f"cosignature/v1\ntime {stamp_s}\n{text}".encode()


def signature_in(check: str, line: str, key: Key) -> bytes:
    """Take a signature out of a line of a key; NotProven where the line is another's."""
    try:
        signed = strict_base64(line.removeprefix(f"{DASH}{key.name} ").removesuffix("\n"))
    except ValueError:
        raise NotProven(check, f"no line of {key.name}") from None
    is_own = line == f"{DASH}{key.name} {base64.b64encode(signed).decode()}\n" and signed[:4] == key.id_bytes
    require(check, is_own, f"no line of {key.name} with the key {key.id_bytes.hex()}")
    return signed[4:]


def is_signed(key: Key, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature is of a key over a message."""
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def strict_base64(text: str) -> bytes:
    """Decode base64 that is written in the one way in which it is written; ValueError otherwise."""
    decoded = base64.b64decode(text, validate=True)
    if base64.b64encode(decoded).decode() != text:
        raise ValueError(text)
    return decoded
