"""Find the files of a delivery and the order in which they have to be taken.

Enters: the path of a file or folder. Leaves: an OpenedDelivery. Not here: what stands in the files.
"""

import re
from pathlib import Path
from typing import Final

from sanchi.app.arrivals import OpenedDelivery
from sanchi.app.deliveries import FileKind
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.edge.delivery.arrival import read_file
from sanchi.edge.delivery.tso_files import TSO_NAME

# Parties before what refers to them, master data before readings; readings go by name, whichever kind.
ORDER: Final = {
    FileKind.MARKET: 0,
    FileKind.PARTIES: 1,
    FileKind.PLANTS: 2,
    FileKind.METERS: 3,
    FileKind.OFFERS: 4,
    FileKind.PERKS: 5,
    FileKind.CHOICES: 6,
    FileKind.PREFERENCES: 7,
    FileKind.PASSING_ON: 8,
    FileKind.OUTSIDE_CLAIMS: 8,
    FileKind.OUTSIDE_LOTS: 8,
    FileKind.REGISTERS: 9,
    FileKind.ENERGIES: 9,
    FileKind.FRAMES: 9,
    FileKind.SK_LINES: 9,
    FileKind.CT_CLOUD: 9,
    FileKind.GATEWAY_CLOUD: 9,
    FileKind.EVENTS: 9,
    FileKind.TSO: 9,
    FileKind.VENDOR: 9,
    FileKind.OVERRIDES: 10,
}
END_OF_KIND: Final = re.compile(r"[-_.0-9]")
KINDS_HINT: Final = f"A file is named after its kind ({', '.join(ORDER)}): registers-2020-12.csv."


def open_delivery(path: Path) -> OpenedDelivery:
    """Open a file, or all files of a folder; hidden files and folders inside it are left alone.

    Raises: UnreadableDelivery when the path is not there or no file's name says a kind.
    """
    kinds = {file: kind_of(file.name) for file in _files_at(path)}
    passed_over_names = tuple(file.name for file, kind in kinds.items() if kind is None)
    taken = sorted((ORDER[kind], file.name, file, kind) for file, kind in kinds.items() if kind is not None)
    if not taken:
        names = ", ".join(passed_over_names) or "it is empty"
        raise UnreadableDelivery(f"{path}: nothing here is named after a kind ({names}).", hint=KINDS_HINT)
    return OpenedDelivery(
        file_names=tuple(name for _, name, _, _ in taken),
        passed_over_names=passed_over_names,
        files=(read_file(file, kind) for _, _, file, kind in taken),
    )


def kind_of(file_name: str) -> FileKind | None:
    """Read a file's kind from its name up to the first `-`, `_`, digit or `.`; None when it says none.

    The network operator names its files itself; a kind of two words has the `_` between them.

    >>> kind_of("registers-2020-12.parquet")
    <FileKind.REGISTERS: 'registers'>
    """
    if TSO_NAME.match(file_name):
        return FileKind.TSO
    name = file_name.lower()
    word = END_OF_KIND.split(name, maxsplit=1)[0]
    return next((kind for kind in ORDER if kind == word or _begins_with(name, kind)), None)


def _begins_with(name: str, kind: FileKind) -> bool:
    """Tell whether a name begins with a kind of two words."""
    return "_" in kind and name.startswith(kind) and END_OF_KIND.match(name, len(kind)) is not None


def _files_at(path: Path) -> list[Path]:
    """List the file itself, or the folder's visible files by name."""
    try:
        if not path.is_dir():
            path.stat()
            return [path]
        return sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith("."))
    except OSError as error:
        raise UnreadableDelivery(f"{path}: {error.strerror}.", hint="Check the path and its rights.") from error
