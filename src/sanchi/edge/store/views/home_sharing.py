"""Reads how a home's day was shared, slot by slot, with the explanation that the published closing times give.

Enters: Books, a home, a date. Leaves: HomeDayDetail. Not here: words (portal), the rule itself (core.matching).
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Final

from sanchi.app.roster import Roster, call_roster
from sanchi.app.views.homes import HomeDayDetail, SlotSharing
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.allocated import REST_CHOICE_NO
from sanchi.core.matching.explanation import explain_slot, recompute_parts
from sanchi.core.matching.home_keys import key_of_text
from sanchi.edge.store.books import Books
from sanchi.edge.store.market import DjangoMarketStore
from sanchi.edge.store.views.open_market import OpenMarket

USE_SQL: Final = "greatest(import_wh + pv_wh + discharge_wh - charge_wh - export_wh, 0)"

_SLOTS_SQL: Final = f"""
    SELECT pv_wh, {USE_SQL}, export_wh, surplus_withheld_wh + self_withheld_wh FROM slot_energy
    WHERE party_no = $home_no AND delivery_date = $day ORDER BY slot_no
"""
_PARTS_SQL: Final = """
    SELECT kind_no, slot_no, choice_no, energy_wh FROM allocations
    WHERE home_no = $home_no AND delivery_date = $day ORDER BY kind_no, slot_no, choice_no
"""
_CLOSING_SQL: Final = "SELECT kind_no, slot_no, buyer_no, closing_t32 FROM closing_times WHERE delivery_date = ?"
# After a whole day's match later revisions correct homes one by one, and the table stands as it was published.
_HOME_ONLY_SQL: Final = """
    SELECT is_home_only FROM day_run JOIN market_day USING (delivery_date)
    WHERE delivery_date = $day AND day_run.revision = revision_in_force
"""
_TABLE_SQL: Final = """
    SELECT kind_no, slot_no, buyer_no, closing_t32, rounding_phi60 FROM closing_times WHERE delivery_date = $day
"""
_HOME_KEY_SQL: Final = "SELECT market_id || '/' || party_id FROM market, party WHERE party_no = $home_no"
_DAY_SQL: Final = """
    SELECT revision_in_force, is_finalised FROM market_day SEMI JOIN home_day USING (delivery_date)
    WHERE delivery_date = $day AND EXISTS (FROM home_day WHERE delivery_date = $day AND home_no = $home_no)
"""


def read_home_day_detail(market: OpenMarket, home_no: int, day: date) -> HomeDayDetail | None:
    """Read a day of a home; None when it is not closed for the home."""
    books, place = market.books, {"home_no": home_no, "day": day}
    found = books.fetch(_DAY_SQL, place)
    if not found:
        return None
    revision, is_finalised = found[0]
    slots = books.fetch(_SLOTS_SQL, place)
    roster = roster_of_home(books, home_no, day)
    ranks = {kind: listed_buyers(roster, kind) for kind in CertificateKind}
    pv_wh, use_wh, export_wh, withheld_wh = (tuple(column) for column in zip(*slots, strict=True))
    return HomeDayDetail(
        delivery_date=day,
        revision=revision,
        is_finalised=is_finalised,
        pv_wh=pv_wh,
        use_wh=use_wh,
        export_wh=export_wh,
        withheld_wh=sum(withheld_wh),
        sharing=_with_corrections(books, home_no, day, _sharing(books, home_no, day, ranks)),
        buyers=tuple(market.parties.by_no[no] for no in sorted({no for ranked in ranks.values() for no in ranked})),
    )


def _sharing(books: Books, home_no: int, day: date, ranks: dict[CertificateKind, list[int]]) -> tuple[SlotSharing, ...]:
    """Explain each slot in which the home had something to share."""
    place = {"home_no": home_no, "day": day}
    closing_t32: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for kind_no, slot_no, buyer_no, closes_t32 in books.fetch(_CLOSING_SQL, [day]):
        closing_t32[kind_no, slot_no][buyer_no] = closes_t32
    parts = books.fetch(_PARTS_SQL, place)
    return tuple(
        _slot_sharing(
            kind_no,
            slot_no,
            {choice_no: part_wh for *_, choice_no, part_wh in rows},
            ranks[CertificateKind(kind_no)],
            times,
        )
        for (kind_no, slot_no), rows in groupby(parts, key=lambda row: (row[0], row[1]))
        for times in [closing_t32[kind_no, slot_no]]
    )


def roster_of_home(books: Books, home_no: int, day: date) -> Roster:
    """Call the roster of one home on a date: the list that the day is matched with, and whom it leaves out."""
    ((market_id,),) = books.fetch("SELECT market_id FROM market")
    # Without meters nobody else has a seat but the buyers whose offers are in force.
    alone = replace(DjangoMarketStore().book(market_id), meters=())
    return call_roster(alone, day, kept_nos=[home_no])


def listed_buyers(roster: Roster, kind: CertificateKind) -> list[int]:
    """Give the buyer_nos of the only home's list, best first."""
    return [roster.buyers[position].party_no for position in roster.choices[kind][0].tolist() if position >= 0]


def _slot_sharing(
    kind_no: int, slot_no: int, part_of_choice_wh: dict[int, int], choices: list[int], closing_t32: dict[int, int]
) -> SlotSharing:
    """Explain one slot."""
    assert max(part_of_choice_wh) <= len(choices), f"slot {slot_no}: a choice that the home did not have"
    return SlotSharing(
        kind=CertificateKind(kind_no),
        slot_no=slot_no,
        explanation=explain_slot(
            supply_wh=sum(part_of_choice_wh.values()),
            choices=choices,
            closing_t32=closing_t32,
            parts_wh=[part_of_choice_wh.get(choice_no, 0) for choice_no in range(REST_CHOICE_NO + 1, len(choices) + 1)],
        ),
    )


def _with_corrections(
    books: Books, home_no: int, day: date, sharing: tuple[SlotSharing, ...]
) -> tuple[SlotSharing, ...]:
    """Mark the slots whose Wh the published table does not give: a correction after finalising changed them."""
    if books.fetch(_HOME_ONLY_SQL, {"day": day}) != [(True,)]:
        return sharing
    ((key_text,),) = books.fetch(_HOME_KEY_SQL, {"home_no": home_no})
    closing_t32: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    rounding_phi60: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for kind_no, slot_no, buyer_no, closes_t32, rounds_phi60 in books.fetch(_TABLE_SQL, {"day": day}):
        closing_t32[kind_no, slot_no][buyer_no] = closes_t32
        rounding_phi60[kind_no, slot_no][buyer_no] = rounds_phi60
    marked = []
    for one in sharing:
        choices = one.explanation.choices
        by_table_wh = recompute_parts(
            supply_wh=one.explanation.supply_wh,
            choices=[choice.buyer_no for choice in choices],
            closing_t32=closing_t32[one.kind, one.slot_no],
            rounding_phi60=rounding_phi60[one.kind, one.slot_no],
            home_key=key_of_text(key_text),
            delivery_date=day,
            slot_no=one.slot_no,
        )
        is_corrected = by_table_wh != tuple(choice.part_wh for choice in choices)
        marked.append(replace(one, is_corrected=is_corrected))
    return tuple(marked)
