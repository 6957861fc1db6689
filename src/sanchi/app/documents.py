"""The port that sets documents for people and programs outside.

Enters: an OriginStatement. Leaves: bytes. Not here: any format.
"""

import re
from enum import StrEnum
from typing import Final, Protocol

from sanchi.app.origin_statement import OriginStatement

_UNSAFE: Final = re.compile(r"[^\w.-]+")


class Language(StrEnum):
    """The language of a document."""

    JA = "ja"
    EN = "en"


class DocumentFormat(StrEnum):
    """What a document is written as."""

    PDF = "pdf"  # for people, in one language, with the figures attached
    JSON = "json"  # all figures
    CSV = "csv"  # every watt-hour by half hour, roof and serials


class StatementWriter(Protocol):
    """Writes origin statements: the same statement, the same bytes."""

    def written(self, statement: OriginStatement, file_format: DocumentFormat, language: Language) -> bytes:
        """Write a statement; language counts for PDF alone. Raises: SetupFault."""


def file_name_of(statement: OriginStatement, file_format: DocumentFormat, language: Language) -> str:
    """Name the file of a statement after its number; PDFs also after their language.

    The number's slashes, and whatever else no file should be named by, become hyphens.
    """
    stem = _UNSAFE.sub("-", statement.statement_no)
    suffix = f".{language}.pdf" if file_format is DocumentFormat.PDF else f".{file_format}"
    return stem + suffix
