"""The command `sanchi-verify`: checks proofs, compares checkpoints, countersigns.

Enters: arguments. Leaves: lines and an exit code: 0 all holds, 1 something does not, 2 it could not be checked.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sanchi_verify.checks import Trusted, check_proof
from sanchi_verify.documents import read_proof
from sanchi_verify.findings import CannotCheck, Finding, NotProven
from sanchi_verify.notes import Key, public_key, read_checkpoint, read_key, verify_operator
from sanchi_verify.witnessing import check_extension, keep_key, read_tiles_failure, witness

HOLDS = 0
FAILS = 1
UNCHECKED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    chosen = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], None] = chosen.run
    try:
        run(chosen)
    except NotProven as error:
        print(f"  FAILS  {error.check:<12} {error.reason}")
        print("not proven")
        return FAILS
    except (CannotCheck, OSError, UnicodeDecodeError) as error:
        print(f"cannot be checked: {error}", file=sys.stderr)
        return UNCHECKED
    return HOLDS


def run_proof(chosen: argparse.Namespace) -> None:
    """Check a proof file."""
    seen = None if chosen.seen is None else read_checkpoint(chosen.seen.read_text())
    trusted = Trusted(key=_key(chosen.key), seen=seen, witnesses=[_key(text) for text in chosen.witness])
    if seen is not None:
        verify_operator(seen, trusted.key)
    for finding in check_proof(read_proof(chosen.file.read_bytes()), trusted):
        _tell(finding)
    print("proven")


def run_consistency(chosen: argparse.Namespace) -> None:
    """Check that published tiles extend an older checkpoint."""
    old, new = (read_checkpoint(file.read_text()) for file in (chosen.old, chosen.tiles / "checkpoint"))
    key = _key(chosen.key)
    for checkpoint in (old, new):
        verify_operator(checkpoint, key)
    try:
        check_extension(chosen.tiles, old, new)
    except OSError as error:
        raise read_tiles_failure(error) from None
    _tell(Finding(check="consistency", told=f"{new.size:,} leaves extend {old.size:,}"))
    print("proven")


def run_witness(chosen: argparse.Namespace) -> None:
    """Countersign the published checkpoint."""
    private = keep_key(chosen.secret)
    try:
        note = witness(chosen.tiles, _key(chosen.key), chosen.name, private, chosen.state, int(time.time()))
    except OSError as error:
        raise read_tiles_failure(error) from None
    chosen.out.write_text(note)
    _tell(Finding(check="witness", told=f"{chosen.out} carries the countersignature of {chosen.name}"))
    print(public_key(chosen.name, private).text)


def _tell(finding: Finding) -> None:
    """Print a check that holds."""
    print(f"  holds  {finding.check:<12} {finding.told}")


def _key(given: str) -> Key:
    """Read a key, given as text or as a file."""
    return read_key(Path(given).read_text() if Path(given).is_file() else given)


def _parser() -> argparse.ArgumentParser:
    """Lay the commands out."""
    parser = argparse.ArgumentParser(prog="sanchi-verify", description="Check what an operator of sanchi says.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    proof = commands.add_parser("proof", help="check a proof of an origin statement")
    proof.add_argument("file", type=Path)
    proof.add_argument("--key", required=True, help="the operator's public key, or a file with it")
    proof.add_argument("--seen", type=Path, help="a checkpoint that you kept; the log has to extend it")
    proof.add_argument("--witness", action="append", default=[], help="a witness's key that has to have countersigned")
    proof.set_defaults(run=run_proof)
    consistency = commands.add_parser("consistency", help="check that published tiles extend a checkpoint")
    consistency.add_argument("old", type=Path, help="the checkpoint that you kept")
    consistency.add_argument("--tiles", type=Path, required=True, help="a copy of the published folder")
    consistency.add_argument("--key", required=True, help="the operator's public key, or a file with it")
    consistency.set_defaults(run=run_consistency)
    witnessing = commands.add_parser("witness", help="countersign the published checkpoint")
    witnessing.add_argument("--tiles", type=Path, required=True, help="a copy of the published folder")
    witnessing.add_argument("--key", required=True, help="the operator's public key, or a file with it")
    witnessing.add_argument("--name", required=True, help="the name that you countersign under")
    witnessing.add_argument("--secret", type=Path, required=True, help="your private key; made where it is not there")
    witnessing.add_argument("--state", type=Path, required=True, help="where you keep what you countersigned last")
    witnessing.add_argument("--out", type=Path, required=True, help="where the countersigned note goes")
    witnessing.set_defaults(run=run_witness)
    return parser


def command() -> None:
    """Run the command of the console."""
    sys.exit(main())
