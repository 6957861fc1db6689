"""Words for how a day was shared."""

from dataclasses import replace

import pytest
from django.utils import translation

from sanchi.core.matching import explain_slot
from sanchi.edge.portal.home_day import told_sharing, why
from tests.edge.portal.fake_home import home_view
from tests.edge.portal.fake_numbers import DATES

HALF, FULL = 2**31, 2**32


def explained(*closing_t32: int):
    """Explain 1,000 Wh over choices 0, 1, ... that close when told."""
    arrived, parts_wh = 0, []
    for closes in closing_t32:
        parts_wh.append(1_000 * max(0, closes - arrived) // FULL)
        arrived = max(arrived, closes)
    return explain_slot(
        supply_wh=1_000, choices=range(len(closing_t32)), closing_t32=closing_t32, parts_wh=parts_wh
    ).choices


class TestWhy:
    @pytest.mark.parametrize(
        ("closing_t32", "english", "japanese"),
        [
            ((FULL, HALF), ["open to the end", "not needed"], ["最後まで空き", "不要"]),
            ((HALF, FULL), ["full at 50 %", "open to the end"], ["50%で満枠", "最後まで空き"]),
            ((HALF, HALF // 2), ["full at 50 %", "full already"], ["50%で満枠", "すでに満枠"]),
            ((FULL * 62 // 100 + 1,), ["full at 62 %"], ["62%で満枠"]),
            ((0, FULL), ["full already", "open to the end"], ["すでに満枠", "最後まで空き"]),
        ],
    )
    def test_says_what_a_choice_meant(self, closing_t32, english, japanese):
        choices = explained(*closing_t32)

        with translation.override("en"):
            assert [why(choice) for choice in choices] == english
        with translation.override("ja"):
            assert [why(choice) for choice in choices] == japanese


class TestDay:
    def test_counts_every_watt_hour(self):
        for home in range(0, 58, 7):
            for told in told_sharing(home_view(home, DATES[60])):
                parts_wh = sum(choice.part_wh for choice in told.choices)

                assert told.supply_wh == parts_wh + told.rest_wh
                assert parts_wh == sum(part.part_wh for slot in told.slots for part in slot.parts)

    def test_ranks_choices_and_tells_how_often_they_were_full(self):
        with translation.override("en"):
            surplus = told_sharing(home_view(7, DATES[86]))[0]

        assert [str(choice.rank) for choice in surplus.choices] == ["First choice", "Second choice", "Third choice"]
        assert surplus.choices[0].sentence.startswith("Full in ")
        assert surplus.choices[0].sentence.endswith(" % of the time.")

    def test_that_is_not_closed_tells_nothing(self):
        view = home_view(7, DATES[86])

        assert told_sharing(replace(view, detail=None)) == []

    def test_that_was_corrected_tells_no_times_of_the_corrected_slots(self):
        view = home_view(7, DATES[86])
        assert view.detail is not None
        filled = next(one for one in view.detail.sharing if len(one.explanation.choices) > 1)
        sharing = tuple(replace(one, is_corrected=one is filled) for one in view.detail.sharing)

        with translation.override("en"):
            whole = told_sharing(view)[0]
            told = told_sharing(replace(view, detail=replace(view.detail, sharing=sharing)))[0]

        assert (whole.corrected_count, told.corrected_count) == (0, 1)
        (slot,) = [slot for slot in told.slots if slot.is_corrected]
        assert slot.slot_no == filled.slot_no
        assert {part.why for part in slot.parts} == {""}
        assert [choice.part_wh for choice in told.choices] == [choice.part_wh for choice in whole.choices]
        assert told.choices[0].sentence != whole.choices[0].sentence

    def test_that_was_corrected_altogether_says_so(self):
        view = home_view(7, DATES[86])
        assert view.detail is not None
        sharing = tuple(replace(one, is_corrected=True) for one in view.detail.sharing)

        with translation.override("en"):
            told = told_sharing(replace(view, detail=replace(view.detail, sharing=sharing)))[0]

        assert {choice.sentence for choice in told.choices} == {"Every half hour was corrected later."}
