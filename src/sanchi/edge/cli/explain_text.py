"""Lays an explanation out on the terminal, for 80 columns and more.

Enter: HomeExplanation, HomeRecomputation. Leaves: printed text. Not here: words (explain_words), figures.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from sanchi.app.home_explanation import (
    ExplainedKind,
    ExplainedSlot,
    HomeExplanation,
    OrdersVerdict,
    PartyName,
    RestPlace,
)
from sanchi.app.recompute_home import HomeRecomputation, RecomputedSlot, RecomputeVerdict
from sanchi.edge.cli import explain_words as words
from sanchi.edge.cli.console import OUT, PIPE_WIDTH
from sanchi.edge.cli.explain_sentences import (
    day_sentence,
    day_text,
    exact_yen_column,
    exact_yen_text,
    half_hours,
    is_easy,
    named,
    order_text,
    percent_of,
    price_text,
    rank_text,
    rest_name,
    short_outcome,
    slot_sentence,
    time_text,
    wrapped,
)
from sanchi.edge.cli.explain_words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Prints in one language."""

    language: Language

    def explanation(self, told: HomeExplanation) -> None:
        """Print the whole document."""
        self._head(told)
        for kind in told.kinds:
            self._kind(told, kind)

    def recomputation(self, told: HomeRecomputation) -> None:
        """Print table figures, recomputed and booked Wh side by side, and whether they agree."""
        lang = self.language
        _say(f"{told.home_id}  {day_text(told.delivery_date, lang)}", "bold")
        _say(words.KEY.said(lang, key=told.home_key), "dim")
        _say(words.RECOMPUTE.said(lang))
        for slot in told.slots:
            self._recomputed(slot)
        counts = Counter(slot.verdict for slot in told.slots)
        worst = next((verdict for verdict in _WORST_FIRST if counts[verdict]), RecomputeVerdict.AGREES)
        figures = {
            "slots": half_hours(len(told.slots), lang),
            "corrected": counts[RecomputeVerdict.CORRECTED],
            "differing": counts[RecomputeVerdict.DIFFERS],
        }
        OUT.print()
        _say(words.NOTHING.said(lang) if not told.slots else words.RECOMPUTED_SUM[worst].said(lang, **figures))

    def _head(self, told: HomeExplanation) -> None:
        """Say whose day it is, how far it may still change, and how the market works."""
        lang = self.language
        part = (
            words.WHOLE_DAY.said(lang)
            if told.slot_no is None
            else words.ONE_SLOT.said(lang, time=time_text(told.slot_no), slot=told.slot_no)
        )
        head = words.HEAD.said(
            lang,
            home=named(told.home, lang),
            home_id=told.home.party_id,
            day=day_text(told.delivery_date, lang),
            part=part,
        )
        state = (words.FINAL if told.is_finalised else words.PRELIMINARY).said(lang)
        _say(head, "bold")
        _say(words.STATE.said(lang, revision=told.revision, state=state), "dim")
        OUT.print()
        _say(words.HOW.said(lang))
        if told.is_stale:
            _say(words.STALE.said(lang))
        if told.is_home_only:
            OUT.print()
            _say(words.HOME_ONLY.said(lang))
            if not any(slot.is_corrected for kind in told.kinds for slot in kind.slots):
                _say(words.NOT_CORRECTED_HERE.said(lang))

    def _kind(self, told: HomeExplanation, kind: ExplainedKind) -> None:
        """Tell one kind: what was supplied, each choice, the rest, the half hours, other orders."""
        lang = self.language
        _section(words.KIND[kind.kind].said(lang))
        if not kind.slots:
            _say(words.NOTHING.said(lang))
            return
        _say(words.SUPPLIED.said(lang, supply=f"{kind.supply_wh:,}", amount=exact_yen_text(kind.amount_e5yen)))
        if kind.withheld_wh:
            _say(words.WITHHELD.said(lang, offered=f"{kind.offered_wh:,}", withheld=f"{kind.withheld_wh:,}"))
        holder = named(kind.rest_holder, lang)
        corrected_count = sum(slot.is_corrected for slot in kind.slots)
        if corrected_count:
            _say(
                words.CORRECTED_HERE.said(
                    lang, slots=half_hours(corrected_count, lang), rest=self._rest_in_sentence(kind)
                )
            )
        self._shares(kind)
        if not kind.choices:
            sentence = words.ALL_PASSED_OVER if kind.passed_over else words.NO_CHOICES
            _say(sentence[kind.rest_place].said(lang, holder=holder))
            self._passed_over(kind)
            return
        self._passed_over(kind)
        if told.slot_no is None:
            self._reasons(
                (rank_text(choice.choice_no, lang), choice.buyer, day_sentence(choice.met, lang))
                for choice in kind.choices
            )
            _say(words.REST_SENTENCE[kind.rest_place].said(lang, holder=holder))
            self._slots(kind)
        else:
            self._one_slot(kind, kind.slots[0])
            _say(words.REST_SENTENCE[kind.rest_place].said(lang, holder=holder))
        self._orders(kind, is_corrected=corrected_count > 0)

    def _rest_in_sentence(self, kind: ExplainedKind) -> str:
        """Name the rest inside a sentence."""
        if kind.rest_place is RestPlace.STANDARD_OFFER:
            return words.REST_IN_SENTENCE.said(self.language)
        return words.OWNER_IN_SENTENCE.said(self.language, holder=named(kind.rest_holder, self.language))

    def _shares(self, kind: ExplainedKind) -> None:
        """Print each choice and the rest with price, Wh and money as they stand in the books."""
        lang = self.language
        table = _table(
            ("", "left"), ("", "left"), ("", "right"), ("Wh", "right"), (words.COLUMN_MONEY, "right"), lang=lang
        )
        *moneys, rest_money = exact_yen_column(
            [*(choice.amount_e5yen for choice in kind.choices), kind.rest_amount_e5yen]
        )
        for choice, money in zip(kind.choices, moneys, strict=True):
            table.add_row(
                rank_text(choice.choice_no, lang),
                escape(named(choice.buyer, lang)),
                price_text(choice.home_price_sen_per_kwh, lang),
                f"{choice.part_wh:,}",
                money,
            )
        table.add_row(
            words.REST.said(lang),
            escape(rest_name(kind, lang)),
            price_text(kind.rest_price_sen_per_kwh, lang) if kind.rest_place is RestPlace.STANDARD_OFFER else "",
            f"{kind.rest_wh:,}",
            rest_money,
        )
        _print(table)

    def _reasons(self, told: Iterable[tuple[str, PartyName, str]]) -> None:
        """Say of each choice why."""
        for rank, buyer, sentence in told:
            _say(words.REASON.said(self.language, rank=rank, buyer=named(buyer, self.language), sentence=sentence))

    def _passed_over(self, kind: ExplainedKind) -> None:
        """Say how the list came about, and whom it leaves out."""
        lang = self.language
        if kind.is_ranked_by_worth:
            _say(words.BY_WORTH.said(lang))
        for reason, sentence in words.PASSED_OVER.items():
            left_out = [named(each.buyer, lang) for each in kind.passed_over if each.reason is reason]
            if left_out:
                _say(sentence.said(lang, buyers=words.AND.said(lang).join(left_out)))

    def _one_slot(self, kind: ExplainedKind, slot: ExplainedSlot) -> None:
        """Say of each choice how the slot went; where it was corrected, what it came to then."""
        lang = self.language
        self._reasons(
            (rank_text(choice.choice_no, lang), choice.buyer, slot_sentence(met, lang))
            for choice, met in zip(kind.choices, slot.matched.choices, strict=True)
        )
        if slot.is_corrected:
            figures = {"matched": f"{slot.matched.supply_wh:,}", "supply": f"{slot.supply_wh:,}"}
            _say(words.CORRECTED_SLOT.said(lang, **figures))
            names = [named(choice.buyer, lang) for choice in kind.choices]
            now = [f"{name} {part_wh:,} Wh" for name, part_wh in zip(names, slot.parts_wh, strict=True)]
            _say("  " + words.AND.said(lang).join([*now, f"{rest_name(kind, lang)} {slot.rest_wh:,} Wh"]))

    def _slots(self, kind: ExplainedKind) -> None:
        """Print the half hours in which more than the first choice mattered, and sum the others up."""
        lang = self.language
        easy = [slot for slot in kind.slots if is_easy(slot)]
        telling = [slot for slot in kind.slots if not is_easy(slot)]
        if telling:
            OUT.print()
            _say(words.SLOTS.said(lang), "bold")
            buyers = [(escape(named(choice.buyer, lang)), "right") for choice in kind.choices]
            rest = (words.REST, "right")
            columns = ((words.COLUMN_TIME, "left"), (words.COLUMN_SUPPLY, "right"), *buyers, rest)
            table = _table(*columns, (words.COLUMN_MONEY, "right"), lang=lang)
            moneys = exact_yen_column([slot.amount_e5yen for slot in telling])
            for slot, money in zip(telling, moneys, strict=True):
                table.add_row(
                    time_text(slot.slot_no),
                    f"{slot.supply_wh:,}",
                    *(self._slot_cell(slot, place) for place in range(len(kind.choices))),
                    f"{slot.rest_wh:,}",
                    money,
                )
            _print(table)
        if easy:
            energy_wh = sum(slot.supply_wh for slot in easy)
            buyer = named(kind.choices[0].buyer, lang)
            sentence = words.SLOTS_EASY if telling else words.ALL_SLOTS_EASY
            _say(sentence.said(lang, slots=half_hours(len(easy), lang), energy=f"{energy_wh:,}", buyer=buyer))

    def _slot_cell(self, slot: ExplainedSlot, place: int) -> str:
        """Write what a choice got in a slot, and why; where a correction changed it, what was matched."""
        met = slot.matched.choices[place]
        why = short_outcome(met, self.language)
        if slot.is_corrected:
            why = words.CORRECTED_SHORT.said(self.language, matched=f"{met.part_wh:,}")
        return f"{slot.parts_wh[place]:,}\n[dim]{why}[/]"

    def _orders(self, kind: ExplainedKind, *, is_corrected: bool) -> None:
        """Print what each other order would have brought, and which was best."""
        lang = self.language
        OUT.print()
        _say(words.ORDERS.said(lang) if kind.orders else "", "bold")
        if kind.orders and is_corrected:
            _say(words.ORDERS_BEFORE.said(lang))
        if kind.orders:
            buyers = [(f"{escape(named(choice.buyer, lang))} Wh", "right") for choice in kind.choices]
            columns = ((words.COLUMN_ORDER, "left"), *buyers, (words.REST, "right"), (words.COLUMN_MONEY, "right"))
            table = _table(*columns, (words.COLUMN_GAIN, "right"), lang=lang)
            moneys = exact_yen_column([order.amount_e5yen for order in kind.orders])
            gains = exact_yen_column([order.gain_e5yen for order in kind.orders], is_signed=True)
            for place, order in enumerate(kind.orders):
                name = " > ".join(map(str, order.choice_nos))
                table.add_row(
                    f"{name}  [dim]{words.OWN_ORDER.said(lang)}[/]" if place == 0 else name,
                    *(f"{part_wh:,}" for part_wh in order.parts_wh),
                    f"{order.rest_wh:,}",
                    moneys[place],
                    "" if place == 0 else gains[place],
                )
            _print(table)
        figures: dict[str, object] = {}
        if kind.verdict is OrdersVerdict.ANOTHER_BETTER:
            best = max(kind.orders, key=lambda order: order.gain_e5yen)
            figures = {"order": order_text(kind, best.choice_nos, lang), "gain": exact_yen_text(best.gain_e5yen)}
        _say(words.VERDICT[kind.verdict].said(lang, **figures))

    def _recomputed(self, slot: RecomputedSlot) -> None:
        """Print one slot: the table's figures, then Wh side by side."""
        lang = self.language
        OUT.print()
        kind = "" if slot.kind is None else f"  {words.KIND_SHORT[slot.kind].said(lang)}"
        verdict = words.RECOMPUTED_VERDICT[slot.verdict].said(lang)
        style = "bold red" if slot.verdict is RecomputeVerdict.DIFFERS else "bold"
        supply = words.SUPPLY_SHORT.said(lang, supply=f"{slot.supply_wh:,}")
        _say(f"{time_text(slot.slot_no)}{kind}  {supply}  PHI {slot.phase_u60}  {verdict}", style)
        columns = (
            *((words.COLUMN_BUYER, "left"), (words.COLUMN_CLOSING, "right"), ("%", "right")),
            *((words.COLUMN_ROUNDING, "right"), (words.COLUMN_RECOMPUTED, "right"), (words.COLUMN_BOOKED, "right")),
        )
        table = _table(*columns, lang=lang)
        for choice in slot.choices:
            table.add_row(
                escape(choice.buyer_id),
                str(choice.closing_t32),
                str(percent_of(choice.closing_t32)),
                str(choice.rounding_phi60),
                f"{choice.recomputed_wh:,}",
                _wh_or_nothing(choice.booked_wh),
            )
        rest = f"{slot.rest_recomputed_wh:,}", _wh_or_nothing(slot.rest_booked_wh)
        table.add_row(words.REST.said(lang), "", "", "", *rest)
        _print(table)


_WORST_FIRST = (
    RecomputeVerdict.DIFFERS,
    RecomputeVerdict.CORRECTED,
    RecomputeVerdict.NOT_COMPARED,
    RecomputeVerdict.AGREES,
)


def _wh_or_nothing(energy_wh: int | None) -> str:
    """Write an energy, a dash where there is none."""
    return "–" if energy_wh is None else f"{energy_wh:,}"


def _say(text: str, style: str = "") -> None:
    """Print a sentence, broken between words where the line ends."""
    if text:
        OUT.print(Text(wrapped(text, OUT.width), style=style))


def _section(title: str) -> None:
    """Print a heading."""
    OUT.print()
    _say(title, "bold underline")


def _table(*columns: tuple[object, str], lang: Language) -> Table:
    """Make a plain table; a heading is a text or words."""
    is_narrow = OUT.width < PIPE_WIDTH
    table = Table(box=None, pad_edge=False, padding=(0, 1), collapse_padding=is_narrow)
    for heading, justify in columns:
        text = heading.said(lang) if isinstance(heading, words.Words) else str(heading)
        is_first = not table.columns
        table.add_column(text, justify=justify, header_style="dim", no_wrap=is_first, overflow="fold")  # type: ignore[arg-type]
    return table


def _print(table: Table) -> None:
    """Print a table whose headings may be broken and whose figures may not."""
    for column in table.columns:
        lines = [line for cell in column.cells if cell is not column.header for line in _plain(cell).split("\n")]
        column.min_width = max(map(cell_len, lines), default=0)
    OUT.print(table)


def _plain(cell: object) -> str:
    """Take the markup off."""
    return Text.from_markup(str(cell)).plain
