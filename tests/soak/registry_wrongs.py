"""Statements that are wrong whatever else happens at the same time, each to be refused by the database itself.

Enter: a slice as somebody saw it, and chance. Leaves: whether anything was tried: rows may have changed meanwhile.
None of them goes through a use case. Not here: what is wrong in requests (registry_requests).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sanchi.core.certificates.state import FINAL_STATES, CertificateState
from sanchi.edge.store.sql import execute, fetch

ACTIVE, RETIRED = int(CertificateState.ACTIVE), int(CertificateState.RETIRED)
NOBODY: Final = 99_999_999
_FINAL: Final = ", ".join(str(int(state)) for state in FINAL_STATES)
_COLUMNS: Final = "market, certificate_id, lo_wh, hi_wh, quantity_wh, holder_no, state_no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A slice as it was read, before others went on."""

    market: str
    certificate_id: str
    lo_wh: int
    hi_wh: int
    quantity_wh: int
    holder_no: int
    state_no: int

    @property
    def place(self) -> list[Any]:
        """Give its key."""
        return [self.certificate_id, self.lo_wh]


_AT: Final = "WHERE certificate_id = %s AND lo_wh = %s"


def seen_slice(certificate_id: str, chance: random.Random) -> Seen:
    """Read any slice of a certificate."""
    rows = fetch(f"SELECT {_COLUMNS} FROM slice WHERE certificate_id = %s ORDER BY lo_wh", [certificate_id])
    return Seen(**dict(zip(_COLUMNS.split(", "), chance.choice(rows), strict=True)))


def seen_final(chance: random.Random) -> Seen | None:
    """Read any of the first slices that are used up; None where none is."""
    rows = fetch(f"SELECT {_COLUMNS} FROM slice WHERE state_no = {RETIRED} ORDER BY certificate_id, lo_wh LIMIT 200")
    return Seen(**dict(zip(_COLUMNS.split(", "), chance.choice(rows), strict=True))) if rows else None


def _cut(seen: Seen, chance: random.Random, shift_wh: int) -> bool:
    """Cut a slice in two, with the second part beginning too early or too late."""
    if seen.hi_wh - seen.lo_wh < 4 or seen.state_no != ACTIVE:
        return False
    at_wh = chance.randrange(seen.lo_wh + 2, seen.hi_wh - 1)
    if not execute(f"UPDATE slice SET hi_wh = %s {_AT} AND hi_wh = %s", [at_wh, *seen.place, seen.hi_wh]):
        return False
    _insert(seen, at_wh + shift_wh, seen.hi_wh)
    return True


def _insert(seen: Seen, lo_wh: int, hi_wh: int, holder_no: int | None = None) -> None:
    """Insert an active slice."""
    values = [seen.market, seen.certificate_id, lo_wh, hi_wh, seen.quantity_wh, holder_no or seen.holder_no, ACTIVE]
    execute(f"INSERT INTO slice ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s)", values)


def cut_with_gap(seen: Seen, chance: random.Random) -> bool:
    """Lose a watt-hour between two parts."""
    return _cut(seen, chance, 1)


def cut_with_overlap(seen: Seen, chance: random.Random) -> bool:
    """Let two parts share a watt-hour."""
    return _cut(seen, chance, -1)


def shrink(seen: Seen, chance: random.Random) -> bool:
    """Let a watt-hour at the end of a slice vanish."""
    return execute(f"UPDATE slice SET hi_wh = hi_wh - 1 {_AT} AND hi_wh - lo_wh > 1", seen.place) > 0


def grow(seen: Seen, chance: random.Random) -> bool:
    """Let a slice reach into the next one, or beyond its certificate."""
    return execute(f"UPDATE slice SET hi_wh = hi_wh + 1 {_AT}", seen.place) > 0


def inflate(seen: Seen, chance: random.Random) -> bool:
    """Let a certificate and its last slice grow together."""
    certificate = [seen.certificate_id]
    execute("UPDATE slice SET hi_wh = hi_wh + 1 WHERE certificate_id = %s AND hi_wh = quantity_wh", certificate)
    execute("UPDATE slice SET quantity_wh = quantity_wh + 1 WHERE certificate_id = %s", certificate)
    return execute("UPDATE certificate SET quantity_wh = quantity_wh + 1 WHERE certificate_id = %s", certificate) > 0


def inflate_certificate(seen: Seen, chance: random.Random) -> bool:
    """Let the certificate alone grow."""
    sql = "UPDATE certificate SET quantity_wh = quantity_wh + 1 WHERE certificate_id = %s"
    return execute(sql, [seen.certificate_id]) > 0


def spend_twice(seen: Seen, chance: random.Random) -> bool:
    """Give the same watt-hours to somebody else as well."""
    if seen.hi_wh - seen.lo_wh < 2:
        return False
    _insert(seen, chance.randrange(seen.lo_wh + 1, seen.hi_wh), seen.hi_wh, holder_no=1)
    return True


def vanish(seen: Seen, chance: random.Random) -> bool:
    """Delete a slice."""
    return execute(f"DELETE FROM slice {_AT}", seen.place) > 0


def vanish_whole(seen: Seen, chance: random.Random) -> bool:
    """Delete a certificate with its slices."""
    execute("DELETE FROM slice WHERE certificate_id = %s", [seen.certificate_id])
    return execute("DELETE FROM certificate WHERE certificate_id = %s", [seen.certificate_id]) > 0


def issue_twice(seen: Seen, chance: random.Random) -> bool:
    """Issue a certificate of the same device, day, kind and revision under another name."""
    columns = (
        "market, home_no, device_id, delivery_date, kind_no, revision, quantity_wh, zero_wh, measurement_grade, "
        "ct_class_permille, commissioning_date, fit_end, recovered_wh, segments_digest, storage_no"
    )
    other = f"{seen.certificate_id}-{chance.randrange(1 << 30)}"
    n_issued = execute(
        f"INSERT INTO certificate (certificate_id, {columns}) SELECT %s, {columns} FROM certificate "
        "WHERE certificate_id = %s",
        [other, seen.certificate_id],
    )
    values = [seen.market, other, 0, seen.quantity_wh, seen.quantity_wh, seen.holder_no, ACTIVE]
    execute(f"INSERT INTO slice ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s)", values)
    return n_issued > 0


def change_final(seen: Seen, chance: random.Random) -> bool:
    """Give final watt-hours to somebody else."""
    return execute(f"UPDATE slice SET holder_no = 1 {_AT} AND state_no IN ({_FINAL})", seen.place) > 0


def revive(seen: Seen, chance: random.Random) -> bool:
    """Make final watt-hours active again."""
    cleared = "claim_no = NULL, reservation_no = NULL, export_lot_no = NULL, storage_no = NULL"
    return execute(f"UPDATE slice SET state_no = {ACTIVE}, {cleared} {_AT} AND state_no IN ({_FINAL})", seen.place) > 0


def retire_again(seen: Seen, chance: random.Random) -> bool:
    """Let another claim use retired watt-hours."""
    return execute(f"UPDATE slice SET claim_no = claim_no + 1 {_AT} AND state_no = {RETIRED}", seen.place) > 0


def retire_for_nothing(seen: Seen, chance: random.Random) -> bool:
    """Retire without a claim."""
    return execute(f"UPDATE slice SET state_no = {RETIRED} {_AT} AND state_no = {ACTIVE}", seen.place) > 0


def retire_for_unknown(seen: Seen, chance: random.Random) -> bool:
    """Retire for a claim that there is not."""
    sql = f"UPDATE slice SET state_no = {RETIRED}, claim_no = {NOBODY} {_AT} AND state_no = {ACTIVE}"
    return execute(sql, seen.place) > 0


def give_to_nobody(seen: Seen, chance: random.Random) -> bool:
    """Give watt-hours to a party that there is not."""
    return execute(f"UPDATE slice SET holder_no = {NOBODY} {_AT} AND state_no = {ACTIVE}", seen.place) > 0


def move(seen: Seen, chance: random.Random) -> bool:
    """Move watt-hours to another certificate."""
    sql = f"UPDATE slice SET certificate_id = (SELECT min(certificate_id) FROM certificate) || '-' {_AT}"
    return execute(sql, seen.place) > 0


def rewrite_event(seen: Seen, chance: random.Random) -> bool:
    """Let somebody else have got what an event tells of."""
    sql = "UPDATE slice_event SET to_holder_no = 1 WHERE certificate_id = %s"
    return execute(sql, [seen.certificate_id]) > 0


def drop_event(seen: Seen, chance: random.Random) -> bool:
    """Forget what happened to a certificate."""
    return execute("DELETE FROM slice_event WHERE certificate_id = %s", [seen.certificate_id]) > 0


def drop_operation(seen: Seen, chance: random.Random) -> bool:
    """Forget an operation."""
    return execute("DELETE FROM registry_operation WHERE market = %s", [seen.market]) > 0


WRONGS: Final[tuple[Callable[[Seen, random.Random], bool], ...]] = (
    cut_with_gap, cut_with_overlap, shrink, grow, inflate, inflate_certificate, spend_twice, vanish, vanish_whole,
    issue_twice, change_final, revive, retire_again, retire_for_nothing, retire_for_unknown, give_to_nobody, move,
    rewrite_event, drop_event, drop_operation,
)  # fmt: skip
OF_FINAL: Final = (change_final, revive, retire_again)
