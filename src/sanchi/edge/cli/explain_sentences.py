"""Sentences and figures of an explanation, made of values and the words of a language.

Enter: values of app.home_explanation. Leave: texts. Not here: the words (explain_words), printing (explain_text).
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from rich.cells import cell_len

from sanchi.app.home_explanation import ExplainedKind, ExplainedSlot, PartyName
from sanchi.core.base.slots import MINUTES_PER_SLOT
from sanchi.core.base.units import E5YEN_PER_YEN, SEN_PER_YEN
from sanchi.core.matching.closing import NEVER_CLOSED_T32
from sanchi.core.matching.explanation import ChoiceExplanation, ChoiceOutcome
from sanchi.edge.cli import explain_words as words
from sanchi.edge.cli.explain_words import Language

E5YEN_DIGITS: Final = 5
DECIMALS_MIN: Final = 2
# A word with the blanks behind it, or one wide character with the marks that must not begin a line.
PIECE: Final = re.compile(r"(?:[\x21-\x7e\u2013]+|[^\x20-\x7e、。）」])[、。）」]*\x20*")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def percent_of(time_t32: int) -> int:
    """Give a time as whole per cent of the slot, rounded down.

    >>> percent_of(2**32 * 62 // 100 + 1)
    62
    """
    return time_t32 * 100 // NEVER_CLOSED_T32


def exact_yen_text(amount_e5yen: int, *, is_signed: bool = False, decimals_min: int = DECIMALS_MIN) -> str:
    """Write an amount exactly: so many decimals, and as many more as it has.

    >>> exact_yen_text(1_234_500), exact_yen_text(-5, is_signed=True), exact_yen_text(0, is_signed=True)
    ('12.345', '-0.00005', '0.00')
    """
    sign = "-" if amount_e5yen < 0 else "+" if is_signed and amount_e5yen else ""
    whole, part = divmod(abs(amount_e5yen), E5YEN_PER_YEN)
    decimals = f"{part:0{E5YEN_DIGITS}d}".rstrip("0").ljust(decimals_min, "0")
    return f"{sign}{whole:,}.{decimals}"


def exact_yen_column(amounts_e5yen: Sequence[int], *, is_signed: bool = False) -> list[str]:
    """Write amounts exactly with as many decimals as the longest needs, so that they stand under each other.

    >>> exact_yen_column([1_234_500, 100_000])
    ['12.345', '1.000']
    """
    longest = max((len(exact_yen_text(amount).partition(".")[2]) for amount in amounts_e5yen), default=DECIMALS_MIN)
    return [exact_yen_text(amount, is_signed=is_signed, decimals_min=longest) for amount in amounts_e5yen]


def price_text(price_sen_per_kwh: int, language: Language) -> str:
    """Write a price per kWh.

    >>> price_text(850, Language.EN)
    '8.50 yen/kWh'
    """
    yen, sen = divmod(price_sen_per_kwh, SEN_PER_YEN)
    return words.PRICE.said(language, price=f"{yen:,}.{sen:02d}")


def time_text(slot_no: int) -> str:
    """Write a slot as its two ends.

    >>> time_text(25)
    '12:00-12:30'
    """
    ends = [divmod(boundary * MINUTES_PER_SLOT, 60) for boundary in (slot_no - 1, slot_no)]
    return "-".join(f"{hour:02d}:{minute:02d}" for hour, minute in ends)


def day_text(day: date, language: Language) -> str:
    """Write a date as people do.

    >>> day_text(date(2020, 12, 1), Language.EN), day_text(date(2020, 12, 1), Language.JA)
    ('1 Dec 2020', '2020年12月1日')
    """
    if language is Language.JA:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def named(party: PartyName, language: Language) -> str:
    """Give a name in the language, the other one where there is none, else the id."""
    first, second = (party.name_ja, party.name) if language is Language.JA else (party.name, party.name_ja)
    return first or second or party.party_id


def rank_text(choice_no: int, language: Language) -> str:
    """Name the place of a choice."""
    return words.RANKS.get(choice_no, words.RANK).said(language, number=choice_no)


def rest_name(kind: ExplainedKind, language: Language) -> str:
    """Name where the rest goes."""
    return words.REST_PLACE[kind.rest_place].said(language, holder=named(kind.rest_holder, language))


def day_sentence(met: tuple[ChoiceExplanation, ...], language: Language) -> str:
    """Say how often a choice was full over the day, and how early at its earliest."""
    needed = [choice for choice in met if choice.outcome is not ChoiceOutcome.NOT_NEEDED]
    full = [choice for choice in needed if choice.outcome is not ChoiceOutcome.OPEN_TO_THE_END]
    if not needed:
        return words.DAY_NOT_NEEDED.said(language)
    if not full:
        return words.DAY_OPEN.said(language)
    earliest = min(percent_of(choice.closing_t32) for choice in full)
    return words.DAY_FULL.said(language, full=len(full), asked=len(needed), earliest=earliest)


def slot_sentence(choice: ChoiceExplanation, language: Language) -> str:
    """Say what a choice meant in one slot."""
    if choice.closing_t32 == 0 and choice.outcome is ChoiceOutcome.FULL_BEFORE_ARRIVAL:
        return words.NO_ROOM.said(language)
    closed, arrived = percent_of(choice.closing_t32), percent_of(choice.arrived_t32)
    if closed == arrived and choice.outcome is ChoiceOutcome.FULL_BEFORE_ARRIVAL:
        return words.FULL_JUST_BEFORE.said(language, closed=closed)
    return words.OUTCOME[choice.outcome].said(language, part=f"{choice.part_wh:,}", closed=closed, arrived=arrived)


def short_outcome(choice: ChoiceExplanation, language: Language) -> str:
    """Say the same in a table."""
    return words.OUTCOME_SHORT[choice.outcome].said(language, closed=percent_of(choice.closing_t32))


def order_text(kind: ExplainedKind, choice_nos: tuple[int, ...], language: Language) -> str:
    """Tell an order by the buyers' names."""
    names = [named(kind.choices[choice_no - 1].buyer, language) for choice_no in choice_nos]
    return words.THEN.said(language).join(names)


def half_hours(count: int, language: Language) -> str:
    """Count half hours.

    >>> half_hours(1, Language.EN), half_hours(2, Language.EN)
    ('1 half hour', '2 half hours')
    """
    return (words.HALF_HOUR if count == 1 else words.HALF_HOURS).said(language, count=count)


def is_easy(slot: ExplainedSlot) -> bool:
    """Tell whether a slot needs no telling: all of it went to a first choice that had room to the end."""
    choices = slot.matched.choices
    return (
        bool(choices)
        and not slot.is_corrected
        and choices[0].outcome is ChoiceOutcome.OPEN_TO_THE_END
        and slot.parts_wh[0] == slot.supply_wh > 0
    )


def wrapped(text: str, width: int) -> str:
    r"""Break a sentence into lines of so many columns: English between words, Japanese anywhere but before a mark.

    >>> wrapped("一二三。四 12.5%", 6)
    '一二\n三。四\n12.5%'
    """
    lines, line = [], ""
    for piece in PIECE.findall(text):
        if line and cell_len((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return "\n".join([*lines, line.rstrip()])
