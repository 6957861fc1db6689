"""A law of the books: a query that gives one row a case, with its figures and whether the case keeps the law.

Enters: Books. Leaves: LawResult. Not here: the laws themselves.
"""

from dataclasses import dataclass
from typing import Any, Final

import duckdb

from sanchi.app.audit import LawResult
from sanchi.core.base.errors import SanchiError
from sanchi.core.base.kinds import CertificateKind
from sanchi.edge.store.books import Books

EXAMPLES_MAX: Final = 5
NONE_TEXT: Final = "none"

_PARTY_COLUMNS: Final = (
    "home_no", "party_no", "holder_no", "buyer_no", "payer_no", "payee_no", "beneficiary_no", "owner_no", "tenant_no",
    "from_holder_no", "to_holder_no",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One law. cases_sql selects the figures of each case and `holds`, which is true where the law is kept.

    sentence : what to say of a broken case; {names} are columns of cases_sql, parties appear by id, kinds by name.
    """

    law: str
    title: str
    sentence: str
    cases_sql: str

    def judge(self, books: Books) -> LawResult:
        """Count the cases and lay out the first broken ones, in a fixed order.

        A case without an answer is broken; so is a law whose evidence cannot be read.
        """
        try:
            return self._judged(books)
        except (duckdb.Error, SanchiError) as error:
            reason = str(error).partition("\n")[0]
            return self._result(checked_count=0, broken_count=1, examples=[f"cannot be checked: {reason}"])

    def _judged(self, books: Books) -> LawResult:
        """Judge evidence that can be read."""
        counting_sql = f"SELECT count(*), count(*) FILTER (holds IS NOT TRUE) FROM ({self.cases_sql})"
        checked_count, broken_count = books.fetch(counting_sql)[0]
        examples = []
        if broken_count:
            broken_sql = f"SELECT * FROM ({self.cases_sql}) WHERE holds IS NOT TRUE ORDER BY ALL LIMIT {EXAMPLES_MAX}"
            party_ids: dict[int, str] = dict(books.fetch("SELECT party_no, party_id FROM party"))
            examples = [self.sentence.format_map(_told(case, party_ids)) for case in books.records(broken_sql)]
        return self._result(checked_count=checked_count, broken_count=broken_count, examples=examples)

    def _result(self, *, checked_count: int, broken_count: int, examples: list[str]) -> LawResult:
        """Put the result together."""
        return LawResult(
            law=self.law,
            title=self.title,
            checked_count=checked_count,
            broken_count=broken_count,
            broken_examples=tuple(examples),
        )


def _told(case: dict[str, Any], party_ids: dict[int, str]) -> dict[str, Any]:
    """Name parties and kinds of a case for people; what is missing is said to be."""
    told = {}
    for name, value in case.items():
        if value is None:
            told[name] = NONE_TEXT
        elif name in _PARTY_COLUMNS:
            told[name] = party_ids.get(value, f"number {value}")
        elif name == "kind_no" and value in list(CertificateKind):
            told[name] = CertificateKind(value).text
        else:
            told[name] = value
    return told
