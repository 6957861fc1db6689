"""Countersigns a checkpoint, after finding from published tiles that it extends the last one countersigned.

Enter: a folder of tiles with a checkpoint, the witness's key and state. Leaves: a note with one more line.
The state is a file of notes, one a log; a witness that loses it can be shown two histories.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sanchi_verify.findings import CannotCheck, NotProven, require
from sanchi_verify.notes import Checkpoint, Key, countersign, read_checkpoint, verify_operator
from sanchi_verify.trees import hash_node, is_extension, left_size

TILE_HEIGHT = 8
TILE_WIDTH = 256
HASH_BYTES = 32
CHECK = "consistency"
SEED_BYTES = 32

NodeOf = Callable[[int, int], bytes]


def keep_key(file: Path) -> Ed25519PrivateKey:
    """Read the witness's key; one that is not there yet is made, readable by its owner alone."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n")
    except FileExistsError:
        pass
    try:
        seed = bytes.fromhex(file.read_text().strip())
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise CannotCheck(f"{file} is no key of a witness")
    return Ed25519PrivateKey.from_private_bytes(seed)


def witness(tiles: Path, key: Key, name: str, private: Ed25519PrivateKey, state: Path, stamp_s: int) -> str:
    """Check the published checkpoint against the last one, countersign it, and remember it. NotProven."""
    checkpoint = read_checkpoint((tiles / "checkpoint").read_text())
    verify_operator(checkpoint, key)
    notes = json.loads(state.read_text()) if state.exists() else {}
    last = read_checkpoint(notes[checkpoint.origin]) if checkpoint.origin in notes else None
    check_extension(tiles, last, checkpoint)
    line = countersign(checkpoint, name, private, stamp_s)
    note = checkpoint.text + "\n" + "".join(checkpoint.lines)
    _keep_state(state, notes | {checkpoint.origin: note})
    return note + line


def check_extension(tiles: Path, old: Checkpoint | None, checkpoint: Checkpoint) -> None:
    """Require that tiles lead to a checkpoint, and that it extends an older one. NotProven."""
    node_of = _nodes_of(tiles, checkpoint.size)
    require(CHECK, _range_root(node_of, 0, checkpoint.size) == checkpoint.root, "the tiles do not lead to its root")
    if old is None:
        return
    require(CHECK, old.origin == checkpoint.origin, f"{old.origin} is another log")
    require(CHECK, old.size <= checkpoint.size, f"the log shrank from {old.size:,} to {checkpoint.size:,} leaves")
    hashes = _extension_hashes(node_of, old.size, checkpoint.size)
    is_extended = is_extension(old.size, old.root, checkpoint.size, checkpoint.root, hashes)
    require(CHECK, is_extended, f"it does not extend the one of {old.size:,} leaves: the log was forked or rewritten")


def _nodes_of(tiles: Path, size: int) -> NodeOf:
    """Look complete nodes up in tiles; those between two rows of tiles are hashed from the lower one."""
    kept: dict[tuple[int, int], bytes] = {}

    def tile(row: int, number: int) -> bytes:
        if (row, number) not in kept:
            width = min(TILE_WIDTH, (size >> row * TILE_HEIGHT) - number * TILE_WIDTH)
            file = tiles / _path_of(row, number, width)
            kept[row, number] = file.read_bytes()
            require(CHECK, len(kept[row, number]) == width * HASH_BYTES, f"{file.name} is no tile of {width} hashes")
        return kept[row, number]

    def node_of(level: int, index: int) -> bytes:
        row, height = divmod(level, TILE_HEIGHT)
        number, first = divmod(index << height, TILE_WIDTH)
        content = tile(row, number)[first * HASH_BYTES : (first + (1 << height)) * HASH_BYTES]
        hashes = [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
        while len(hashes) > 1:
            hashes = [hash_node(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
        return hashes[0]

    return node_of


def _path_of(row: int, number: int, width: int) -> str:
    """Name a tile as they are published."""
    digits = f"{number:03d}"
    while len(digits) % 3:
        digits = "0" + digits
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{row}/{path}" + ("" if width == TILE_WIDTH else f".p/{width}")


def _range_root(node_of: NodeOf, first: int, size: int) -> bytes:
    """Hash the leaves [first, first + size) from complete nodes."""
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node_of(level, first >> level)
    left = left_size(size)
    return hash_node(_range_root(node_of, first, left), _range_root(node_of, first + left, size - left))


def _extension_hashes(node_of: NodeOf, old_size: int, size: int) -> list[bytes]:
    """List the hashes of a consistency proof, deepest first."""
    hashes: list[bytes] = []
    first, is_whole = 0, True
    while old_size != size:
        left = left_size(size)
        if old_size <= left:
            hashes.append(_range_root(node_of, first + left, size - left))
            size = left
        else:
            hashes.append(_range_root(node_of, first, left))
            first, old_size, size, is_whole = first + left, old_size - left, size - left, False
    return [*([] if is_whole else [_range_root(node_of, first, size)]), *reversed(hashes)]


def _keep_state(state: Path, notes: dict[str, str]) -> None:
    """Write the state so that after a power cut the old or the new one is there whole."""
    being_written = state.with_suffix(".being-written")
    with being_written.open("w") as file:
        json.dump(notes, file, ensure_ascii=False, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    being_written.replace(state)


def read_tiles_failure(error: OSError) -> NotProven:
    """Word a tile that is not there: without it nothing is shown."""
    return NotProven(CHECK, f"{error.filename} is missing or cannot be read")
