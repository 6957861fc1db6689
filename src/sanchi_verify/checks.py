"""The checks of a proof, one function each, in the order in which they are told.

Enters: a Proof and what the asker trusts. Leaves: Findings; NotProven at the first check that fails.
docs/reference/proof.md tells what each of them means.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sanchi_verify.documents import Proof, Record, canonical, read_hex
from sanchi_verify.findings import CannotCheck, Finding, NotProven, require
from sanchi_verify.notes import Checkpoint, Key, read_checkpoint, read_key, verify_operator, verify_witness
from sanchi_verify.trees import hash_leaf, hash_node, is_extension, left_size, root_of_shown

SLOTS_PER_DAY = 48
SHARED_FIELDS = (
    "beneficiary_id", "claim_no", "energy_wh", "month", "purpose", "site", "slice_count", "statement_no", "used_from",
    "used_until",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """What the asker has from elsewhere: the operator's key, a checkpoint seen before, keys of witnesses."""

    key: Key
    seen: Checkpoint | None = None
    witnesses: Sequence[Key] = ()


def check_proof(proof: Proof, trusted: Trusted) -> Iterator[Finding]:
    """Go through all checks; NotProven at the first that fails."""
    checkpoint = read_checkpoint(proof.note)
    yield check_signature(proof, checkpoint, trusted)
    yield check_witnesses(proof, checkpoint, trusted)
    yield check_inclusion(proof, checkpoint)
    yield check_consistency(proof, checkpoint, trusted)
    yield check_tiling(proof.certificates)
    yield check_openings(proof)
    yield check_slices(proof)
    yield check_figures(proof)


def check_signature(proof: Proof, checkpoint: Checkpoint, trusted: Trusted) -> Finding:
    """Check that the checkpoint is signed by the operator whose key the asker trusts, and is of the proof's market."""
    verify_operator(checkpoint, trusted.key)
    require("signature", checkpoint.origin == f"sanchi/{proof.market_id}", f"{checkpoint.origin} is another market")
    return Finding(check="signature", told=f"{checkpoint.origin} signed {checkpoint.size:,} leaves")


def check_witnesses(proof: Proof, checkpoint: Checkpoint, trusted: Trusted) -> Finding:
    """Check that every countersignature fits, and that those of the witnesses whom the asker trusts are there."""
    found: set[str] = set()
    for witness in proof.witnesses:
        try:
            key = read_key(witness["key"])
        except CannotCheck as error:
            raise NotProven("witness", str(error)) from None
        verify_witness(checkpoint, key, witness["line"])
        require("witness", key.text not in found, f"{key.name} stands there twice")
        found.add(key.text)
    for key in trusted.witnesses:
        require("witness", key.text in found, f"{key.name} has not countersigned this checkpoint")
    names = ", ".join(sorted(text.partition("+")[0] for text in found))
    return Finding(check="witness", told=f"{len(found)} countersignatures{': ' if names else ''}{names}")


def check_inclusion(proof: Proof, checkpoint: Checkpoint) -> Finding:
    """Check that every shown leaf stands in the log of the checkpoint, at its place."""
    numbers = [leaf.leaf_no for leaf in proof.leaves]
    in_order = all(before < after for before, after in pairwise(numbers))
    require("inclusion", in_order, "the leaves do not stand in their order")
    require("inclusion", 0 <= numbers[0] <= numbers[-1] < checkpoint.size, "a leaf stands outside the log")
    hashes = {leaf.leaf_no: hash_leaf(leaf.content) for leaf in proof.leaves}
    root = root_of_shown(hashes, checkpoint.size, proof.nodes)
    require("inclusion", root == checkpoint.root, "the shown leaves do not lead to the signed root")
    return Finding(check="inclusion", told=f"{len(hashes):,} leaves lead to the signed root")


def check_consistency(proof: Proof, checkpoint: Checkpoint, trusted: Trusted) -> Finding:
    """Check that the log extends the earlier checkpoint of the proof, and the one that the asker saw before."""
    if proof.since_note is None:
        if trusted.seen is not None:
            _require_same(checkpoint, trusted.seen)
        told = "no earlier checkpoint was asked for" if trusted.seen is None else "this is the checkpoint seen before"
        return Finding(check="consistency", told=told)
    since = read_checkpoint(proof.since_note)
    verify_operator(since, trusted.key)
    is_extended = is_extension(since.size, since.root, checkpoint.size, checkpoint.root, proof.since_nodes)
    require("consistency", is_extended, f"the log does not extend the one of {since.size:,} leaves")
    if trusted.seen is not None:
        _require_same(checkpoint if trusted.seen.size == checkpoint.size else since, trusted.seen)
    return Finding(check="consistency", told=f"the log extends the one of {since.size:,} leaves")


def _require_same(found: Checkpoint, seen: Checkpoint) -> None:
    """Require the checkpoint that was seen before: another one of its size, or none of it, tells of another log."""
    require(
        "consistency",
        found.text == seen.text,
        f"the proof leads to {found.size:,} leaves, not to the checkpoint seen before with {seen.size:,}",
    )


def check_tiling(certificates: Sequence[Record]) -> Finding:
    """Check that the ranges of each certificate follow each other from 0 to its quantity."""
    for certificate in certificates:
        reached_wh = 0
        for part in certificate["parts"]:
            is_next = part["lo_wh"] == reached_wh < part["hi_wh"]
            require("tiling", is_next, f"{certificate['certificate_id']} has a gap or an overlap at {reached_wh} Wh")
            reached_wh = part["hi_wh"]
        is_full = reached_wh == certificate["quantity_wh"]
        require("tiling", is_full, f"{certificate['certificate_id']} ends at {reached_wh} Wh")
    total_wh = sum(certificate["quantity_wh"] for certificate in certificates)
    return Finding(check="tiling", told=f"{len(certificates):,} certificates of {total_wh:,} Wh are tiled")


def check_openings(proof: Proof) -> Finding:
    """Check that each opened range is the one that was sealed, and that its half hours add up to it."""
    sealed = {
        (certificate["certificate_id"], part["lo_wh"]): part
        for certificate in proof.certificates
        for part in certificate["parts"]
    }
    opened: set[tuple[str, int]] = set()
    for opening in proof.openings:
        place = opening["certificate_id"], opening["lo_wh"]
        require("openings", place in sealed and place not in opened, f"{place} is no range, or is opened twice")
        opened.add(place)
        shown = canonical({"holder_id": opening["holder_id"], "slots": opening["slots"]})
        found = hashlib.sha256(read_hex(opening["salt"], "salt of a range") + shown).hexdigest()
        require("openings", found == sealed[place]["commitment"], f"{place} is not what was sealed")
        slot_nos = [slot_no for slot_no, _ in opening["slots"]]
        is_ordered = slot_nos == sorted(set(slot_nos)) and all(1 <= number <= SLOTS_PER_DAY for number in slot_nos)
        require("openings", is_ordered, f"{place} has half hours out of their order")
        require("openings", all(energy_wh > 0 for _, energy_wh in opening["slots"]), f"{place} has an empty half hour")
        total_wh = sum(energy_wh for _, energy_wh in opening["slots"])
        is_full = total_wh == sealed[place]["hi_wh"] - sealed[place]["lo_wh"]
        require("openings", is_full, f"{place}: its half hours add up to {total_wh} Wh")
    return Finding(check="openings", told=f"{len(opened):,} ranges are what was sealed")


def check_slices(proof: Proof) -> Finding:
    """Check that the slices are those of the claim, overlap nowhere, lie in opened ranges and add up to it."""
    places = [(piece["certificate_id"], piece["lo_wh"]) for piece in proof.slices]
    require("slices", places == sorted(set(places)), "the slices do not stand in their order")
    found = tree_root([canonical(piece) for piece in proof.slices])
    require("slices", found.hex() == proof.claim["slices_root"], "the slices are not those that were claimed")
    require("slices", len(places) == proof.claim["slice_count"], f"{len(places)} slices")
    require("slices", all(piece["lo_wh"] < piece["hi_wh"] for piece in proof.slices), "a slice is empty")
    for before, after in pairwise(proof.slices):
        overlaps = before["certificate_id"] == after["certificate_id"] and after["lo_wh"] < before["hi_wh"]
        require("slices", not overlaps, f"slices of {after['certificate_id']} overlap at {after['lo_wh']} Wh")
    total_wh = sum(piece["hi_wh"] - piece["lo_wh"] for piece in proof.slices)
    require("slices", total_wh == proof.claim["energy_wh"], f"the slices add up to {total_wh} Wh")
    taken = taken_by_part(proof)
    require("slices", sum(taken.values()) == total_wh, "a slice lies outside the opened ranges")
    require("slices", len(taken) == len(proof.openings), "a range is opened that no slice lies in")
    used = {piece["certificate_id"] for piece in proof.slices}
    shown = [certificate["certificate_id"] for certificate in proof.certificates]
    require("slices", sorted(used) == sorted(shown), "a certificate is shown that no slice is of, or twice")
    holder = {(each["certificate_id"], each["lo_wh"]): each["holder_id"] for each in proof.openings}
    first_wh = sum(wh for place, wh in taken.items() if holder[place] == proof.claim["beneficiary_id"])
    told = f"{len(places):,} slices of {total_wh:,} Wh; {first_wh:,} Wh were issued to {proof.claim['beneficiary_id']}"
    return Finding(check="slices", told=told)


def check_figures(proof: Proof) -> Finding:
    """Check that every figure of the statement follows from what was sealed."""
    statement = proof.statement
    for name in SHARED_FIELDS:
        is_same = statement[name] == proof.claim[name]
        require("statement", is_same, f"it says {name} {statement[name]!r}, the claim {proof.claim[name]!r}")
    certificate = {each["certificate_id"]: each for each in proof.certificates}
    require("statement", statement["certificate_count"] == len(certificate), "it counts other certificates")
    by_kind: Counter[str] = Counter()
    for piece in proof.slices:
        by_kind[certificate[piece["certificate_id"]]["kind"]] += piece["hi_wh"] - piece["lo_wh"]
    kinds = [{"energy_wh": energy_wh, "kind": kind} for kind, energy_wh in sorted(by_kind.items())]
    require("statement", statement["by_kind"] == kinds, "its energies by kind are others")
    rows = [[*half_hour, energy_wh] for half_hour, energy_wh in sorted(by_half_hour(proof).items())]
    require("statement", statement["by_half_hour"] == rows, "its energies by half hour are others")
    told = f"{statement['energy_wh']:,} Wh of {statement['beneficiary_id']} in {len(rows):,} half hours"
    return Finding(check="statement", told=told)


def taken_by_part(proof: Proof) -> dict[tuple[str, int], int]:
    """Add up what slices take of each opened range [Wh]; ranges that none takes of are left out."""
    taken: Counter[tuple[str, int]] = Counter()
    for place, lo_wh, hi_wh, _ in slices_in_parts(proof):
        taken[place] += hi_wh - lo_wh
    return dict(taken)


def by_half_hour(proof: Proof) -> Mapping[tuple[str, int], int]:
    """Add up what the slices have of each half hour [Wh], by (delivery_date, slot_no)."""
    delivery_date = {each["certificate_id"]: each["delivery_date"] for each in proof.certificates}
    energy_wh: Counter[tuple[str, int]] = Counter()
    for (certificate_id, part_lo_wh), lo_wh, hi_wh, opening in slices_in_parts(proof):
        slot_lo_wh = part_lo_wh
        for slot_no, slot_wh in opening["slots"]:
            shared_wh = min(hi_wh, slot_lo_wh + slot_wh) - max(lo_wh, slot_lo_wh)
            if shared_wh > 0:
                energy_wh[delivery_date[certificate_id], slot_no] += shared_wh
            slot_lo_wh += slot_wh
    return energy_wh


def slices_in_parts(proof: Proof) -> Iterator[tuple[tuple[str, int], int, int, Record]]:
    """Cut the slices where opened ranges end: the range's place, the serials [lo, hi), the opening."""
    openings: dict[str, list[Record]] = defaultdict(list)
    for opening in proof.openings:
        openings[opening["certificate_id"]].append(opening)
    for piece in proof.slices:
        for opening in openings[piece["certificate_id"]]:
            part_wh = sum(energy_wh for _, energy_wh in opening["slots"])
            lo_wh = max(piece["lo_wh"], opening["lo_wh"])
            hi_wh = min(piece["hi_wh"], opening["lo_wh"] + part_wh)
            if lo_wh < hi_wh:
                yield (piece["certificate_id"], opening["lo_wh"]), lo_wh, hi_wh, opening


def tree_root(contents: Sequence[bytes]) -> bytes:
    """Hash a list of leaves by the RFC's recursion."""
    if not contents:
        return hashlib.sha256(b"").digest()
    if len(contents) == 1:
        return hash_leaf(contents[0])
    left = left_size(len(contents))
    return hash_node(tree_root(contents[:left]), tree_root(contents[left:]))
