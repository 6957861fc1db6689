"""Origin statements as PDF: set by Typst from a template of ours, in fonts that the package brings along.

Enters: an OriginStatement. Leaves: bytes, the same each time. Not here: words and figures (statement_sheet).
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import typst

from sanchi.app.documents import Language
from sanchi.app.origin_statement import OriginStatement
from sanchi.core.base.errors import SetupFault
from sanchi.edge.documents.statement_json import statement_document
from sanchi.edge.documents.statement_sheet import statement_sheet

_PLACE: Final = Path(str(files("sanchi.edge.documents")))
FONTS: Final = _PLACE / "fonts"
FONT_NAMES: Final = ("NotoSansJP_400Regular.ttf", "NotoSansJP_700Bold.ttf")
# PDF/A-3u: every font inside, text that can be searched, files attached; for archives.
_STANDARD: Final = "a-3u"


def statement_pdf(statement: OriginStatement, language: Language, serials_sha256: str) -> bytes:
    """Set a statement on A4. Raises: SetupFault where the build did not bring the fonts."""
    set_pages: bytes = _compiled(statement, language, serials_sha256, format="pdf", pdf_standards=_STANDARD)
    return set_pages


def statement_pages(statement: OriginStatement, language: Language, serials_sha256: str, ppi: int) -> list[bytes]:
    """Draw the pages of a statement as PNG. Raises: SetupFault."""
    drawn: bytes | list[bytes] = _compiled(statement, language, serials_sha256, format="png", ppi=ppi)
    return [drawn] if isinstance(drawn, bytes) else drawn


def _compiled(statement: OriginStatement, language: Language, serials_sha256: str, **options: Any) -> Any:
    """Run Typst over the template and the statement's values."""
    missing = [name for name in FONT_NAMES if not (FONTS / name).is_file()]
    if missing:
        raise SetupFault(
            f"The fonts of documents are missing: {', '.join(missing)}.",
            hint="They come with the build: scripts/setup copies them from npm into the package.",
        )
    document = statement_document(statement, serials_sha256)
    return typst.compile(
        {
            "main": (_PLACE / "templates" / "statement.typ").read_bytes(),
            "sheet.json": _bytes(statement_sheet(statement, language, serials_sha256)),
            "statement.json": _bytes(document),
        },
        # Neither the machine's fonts nor Typst's own: a sign that ours lack is an error, not another look.
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]),
        # Without it the bytes would carry the time of setting.
        timestamp=0,
        **options,
    )


def _bytes(document: object) -> bytes:
    """Write JSON."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
