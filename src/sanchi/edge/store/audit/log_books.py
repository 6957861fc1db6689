"""Lays the books out as their leaves have to read, field by field, from the tables alone.

Enter: Books. Leave: (leaf_id, fields) of certificates, claims, statements and days. Not here: the log itself.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Final

from sanchi.edge.store.books import Books

Booked = tuple[str, dict[str, Any]]
Salt = Callable[[str], bytes]

_KINDS: Final = {1: "surplus", 2: "self_consumption"}
_RETIRED: Final = 3
_CERTIFICATES_SQL: Final = """
    SELECT certificate_id, device_id, CAST(delivery_date AS VARCHAR) AS delivery_date, kind_no, revision, quantity_wh,
           recovered_wh, measurement_grade, ct_class_permille,
           CAST(commissioning_date AS VARCHAR) AS commissioning_date, CAST(fit_end AS VARCHAR) AS fit_end,
           segments_digest, storage_no
    FROM certificate ORDER BY certificate_id
"""
_SEGMENTS_SQL: Final = """
    SELECT certificate_id, lo_wh, hi_wh, slot_no, party_id FROM segments JOIN party ON party_no = holder_no
    ORDER BY certificate_id, lo_wh
"""
_CLAIMS_SQL: Final = """
    SELECT claim_no, party_id AS beneficiary_id, strftime(month, '%Y-%m') AS month, purpose, site,
           CAST(used_from AS VARCHAR) AS used_from, CAST(used_until AS VARCHAR) AS used_until, statement_no, energy_wh
    FROM claim JOIN party ON party_no = beneficiary_no ORDER BY claim_no
"""
_STATEMENTS_SQL: Final = """
    SELECT statement_no, payer.party_id AS payer_id, payee.party_id AS payee_id, strftime(month, '%Y-%m') AS month,
           tax_permille, opening_remainder_e5yen, accrued_e5yen, amount_yen, tax_yen, closing_remainder_e5yen
    FROM statement JOIN party AS payer ON payer.party_no = payer_no JOIN party AS payee ON payee.party_no = payee_no
    ORDER BY statement_no
"""
_LINES_SQL: Final = """
    SELECT statement_no, line_no, kind_no, party_id AS holder_id, price_sen_per_kwh, energy_wh,
           strftime(corrected_month, '%Y-%m') AS corrected_month
    FROM statement_line JOIN party ON party_no = holder_no ORDER BY statement_no, line_no
"""
_DAYS_SQL: Final = """
    SELECT CAST(delivery_date AS VARCHAR) AS delivery_date, revision, CAST(is_home_only AS INTEGER) AS is_home_only,
           result_digest FROM day_run ORDER BY delivery_date, revision
"""
_CERTIFICATE_COUNTS_SQL: Final = """
    SELECT CAST(delivery_date AS VARCHAR), revision, kind_no, count(*), sum(quantity_wh)
    FROM certificate WHERE storage_no = 0 GROUP BY ALL
"""
_IN_FORCE_SQL: Final = """
    WITH offered AS (
        SELECT delivery_date, revision, 1 AS kind_no, sum(surplus_offered_wh) AS offered_wh FROM slot_energy
        GROUP BY ALL
        UNION ALL SELECT delivery_date, revision, 2, sum(self_offered_wh) FROM slot_energy GROUP BY ALL),
    bought AS (SELECT delivery_date, revision, kind_no, sum(energy_wh) AS matched_wh FROM allocations
               WHERE choice_no > 0 GROUP BY ALL)
    SELECT CAST(delivery_date AS VARCHAR), revision, kind_no, offered_wh, coalesce(matched_wh, 0)
    FROM offered LEFT JOIN bought USING (delivery_date, revision, kind_no)
"""
_CLOSING_SQL: Final = """
    SELECT CAST(delivery_date AS VARCHAR), revision, kind_no, slot_no, party_id, capacity_wh, closing_t32,
           rounding_phi60
    FROM closing_times JOIN party ON party_no = buyer_no ORDER BY delivery_date, kind_no, slot_no, buyer_no
"""


def booked_certificates(books: Books, salt_of: Salt) -> Iterator[Booked]:
    """Lay out certificates with the commitments to their ranges."""
    ranges: dict[str, list[list[Any]]] = defaultdict(list)
    for certificate_id, lo_wh, hi_wh, slot_no, holder_id in books.fetch(_SEGMENTS_SQL):
        own = ranges[certificate_id]
        if not own or own[-1][2] != holder_id:
            own.append([lo_wh, hi_wh, holder_id, []])
        own[-1][1] = hi_wh
        own[-1][3].append([slot_no, hi_wh - lo_wh])
    for row in books.records(_CERTIFICATES_SQL):
        leaf_id = f"certificate/{row['certificate_id']}"
        parts = [
            {"lo_wh": lo_wh, "hi_wh": hi_wh, "commitment": _hidden(salt_of(f"{leaf_id}#{number}"), holder_id, slots)}
            for number, (lo_wh, hi_wh, holder_id, slots) in enumerate(ranges[row["certificate_id"]])
        ]
        kind = _KINDS[row.pop("kind_no")]
        yield leaf_id, {**row, "kind": kind, "entry": "certificate", "parts": parts}


def booked_claims(books: Books) -> Iterator[Booked]:
    """Lay out claims with the root over what they used up."""
    used_up: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for claim_no, *serials in books.fetch(
        f"SELECT claim_no, certificate_id, lo_wh, hi_wh FROM slice WHERE state_no = {_RETIRED}"
    ):
        used_up[claim_no].append((serials[0], serials[1], serials[2]))
    for row in books.records(_CLAIMS_SQL):
        leaves = [
            _json({"certificate_id": certificate_id, "hi_wh": hi_wh, "lo_wh": lo_wh})
            for certificate_id, lo_wh, hi_wh in sorted(used_up[row["claim_no"]])
        ]
        sealed = {"slice_count": len(leaves), "slices_root": _tree(leaves).hex(), "entry": "claim"}
        yield f"claim/{row['claim_no']}", {**row, **sealed}


def booked_statements(books: Books) -> Iterator[Booked]:
    """Lay out statements with their lines."""
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in books.records(_LINES_SQL):
        kind = _KINDS[row.pop("kind_no")]
        lines[row.pop("statement_no")].append({**row, "kind": kind})
    for row in books.records(_STATEMENTS_SQL):
        yield f"statement/{row['statement_no']}", {**row, "entry": "statement", "lines": lines[row["statement_no"]]}


def booked_days(books: Books) -> Iterator[Booked]:
    """Lay out revisions of days; sums and published table are those of the revision in force alone."""
    issued = {tuple(row[:3]): (row[3], row[4]) for row in books.fetch(_CERTIFICATE_COUNTS_SQL)}
    in_force: dict[tuple[str, int], dict[int, tuple[int, int]]] = defaultdict(dict)
    for delivery_date, revision, kind_no, offered_wh, matched_wh in books.fetch(_IN_FORCE_SQL):
        in_force[delivery_date, revision][kind_no] = (offered_wh, matched_wh)
    published: dict[tuple[str, int], list[str]] = defaultdict(list)
    for delivery_date, revision, kind_no, *rest in books.fetch(_CLOSING_SQL):
        named = ",".join(map(str, (_KINDS[kind_no], delivery_date, *rest)))
        published[delivery_date, revision].append(named + "\n")
    for row in books.records(_DAYS_SQL):
        place = row["delivery_date"], row["revision"]
        counts = [issued.get((*place, kind_no), (0, 0)) for kind_no in _KINDS]
        expected = {**row, "entry": "day", "certificate_count": sum(count for count, _ in counts)}
        if place in in_force:
            expected["totals"] = [
                {
                    "kind": kind,
                    "offered_wh": int(offered_wh),
                    "matched_wh": int(matched_wh),
                    "issued_wh": int(issued_wh),
                }
                for (kind_no, kind), (_, issued_wh) in zip(_KINDS.items(), counts, strict=True)
                for offered_wh, matched_wh in [in_force[place].get(kind_no, (0, 0))]
            ]
            head = "kind,delivery_date,slot_no,buyer_id,capacity_wh,closing_time,rounding\n"
            expected["closing_digest"] = hashlib.sha256((head + "".join(published[place])).encode()).hexdigest()
        yield f"day/{place[0]}/{place[1]}", expected


def _hidden(salt: bytes, holder_id: str, slots: list[list[int]]) -> str:
    """Bind who got a range first, and when it was generated."""
    return hashlib.sha256(salt + _json({"holder_id": holder_id, "slots": slots})).hexdigest()


def _json(document: dict[str, Any]) -> bytes:
    """Write a document as it is hashed."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _tree(leaves: list[bytes]) -> bytes:
    """Hash a list by the recursion of RFC 6962."""
    if len(leaves) < 2:  # noqa: PLR2004 - one leaf is no longer cut in two
        return hashlib.sha256(b"\0" + leaves[0]).digest() if leaves else hashlib.sha256(b"").digest()
    n_left = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _tree(leaves[:n_left]) + _tree(leaves[n_left:])).digest()
