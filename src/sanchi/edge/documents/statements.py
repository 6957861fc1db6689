"""Writes origin statements as PDF, JSON or CSV.

Enters: an OriginStatement. Leaves: bytes, the same each time. Not here: each format (statement_*).
"""

import json
from hashlib import sha256

from sanchi.app.documents import DocumentFormat, Language
from sanchi.app.origin_statement import OriginStatement
from sanchi.edge.documents.statement_csv import statement_csv
from sanchi.edge.documents.statement_json import statement_document
from sanchi.edge.documents.statement_pdf import statement_pdf


class StatementDocuments:
    """Fulfils app.documents.StatementWriter."""

    def written(self, statement: OriginStatement, file_format: DocumentFormat, language: Language) -> bytes:
        """Write a statement; all of its formats name the digest of its CSV. Raises: SetupFault."""
        serials = statement_csv(statement)
        if file_format is DocumentFormat.CSV:
            return serials
        serials_sha256 = sha256(serials).hexdigest()
        if file_format is DocumentFormat.JSON:
            document = statement_document(statement, serials_sha256)
            return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
        return statement_pdf(statement, language, serials_sha256)
