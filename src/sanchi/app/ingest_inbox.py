"""Take the files of an inbox, one after the other; none of them stops the others.

Enters: the folder of an inbox. Leave: reports and refusals. Not here: taking one file in (ingest), moving files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sanchi.app.ingest import IngestReport, ingest_delivery
from sanchi.app.stores import Installation
from sanchi.core.base.errors import Refused, SanchiError, UnreadableDelivery, WrongInput
from sanchi.core.base.ids import MarketId

# What is wrong with the file itself; a market that is not there, a lock or a full disk is not its fault.
FAULTS_OF_A_FILE = (UnreadableDelivery, WrongInput, Refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFile:
    """A file that could not be taken, and why."""

    file_name: str
    error: SanchiError


def ingest_inbox(
    installation: Installation, folder: Path, named_id: MarketId | None
) -> Iterator[IngestReport | RefusedFile]:
    """Take each file in its own transaction, then put it aside as taken or refused.

    A process killed between the two finds the file again, and its bytes taken before: it is put aside then.
    Raises: what is no fault of a file; it stays where it is, and so do those after it.
    """
    inbox = installation.open_inbox(folder)
    for path in inbox.waiting():
        try:
            (report,) = ingest_delivery(installation, installation.open_delivery(path), named_id)
        except FAULTS_OF_A_FILE as error:
            inbox.keep_refused(path, str(error))
            yield RefusedFile(file_name=path.name, error=error)
        else:
            inbox.keep_taken(path)
            yield report
