"""Operators' decisions as delivered files: right as a whole, kept for ever, and closed days wait for another close."""

from datetime import date

import pytest

from sanchi.core.metering.decisions import Action
from tests.fakes.market_folder import TOWN, Town, refusal, write_market

HEADER = "meter_id,channel,slot_end,action,energy_wh,reason,decided_by,decided_at\n"
SLOT_END = "2020-12-02T00:00:00+09:00"
ROW = f"P1,pv,{SLOT_END},set,300,read from the display,op1,2020-12-05T09:12:00+09:00\n"


@pytest.fixture
def town(tmp_path):
    town = Town()
    town.take(write_market(tmp_path))
    return town


def take(town, folder, *rows):
    (folder / "overrides-1.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    (report,) = town.take(folder / "overrides-1.csv")
    return report


class TestOverrides:
    def test_are_kept_with_reason_and_person(self, town, tmp_path):
        report = take(town, tmp_path, ROW, ROW.replace("set,300", "withdraw,"))

        first, second = town.readings.decisions_between(TOWN, 0, 2**24)
        assert report.accepted_row_count == 2
        assert (first.action, first.energy_wh, first.reason, first.decided_by) == (
            Action.SET,
            300,
            "read from the display",
            "op1",
        )
        assert (second.action, second.row_no, second.delivery_no) == (Action.WITHDRAW, 2, report.delivery_no)

    def test_make_the_closed_day_of_their_slot_stale_and_no_other(self, town, tmp_path):
        town.days.put(TOWN, date(2020, 12, 1), date(2020, 12, 2))

        # Midnight closes the last slot of the day before.
        assert take(town, tmp_path, ROW).stale_dates == (date(2020, 12, 1),)

    def test_of_the_same_bytes_count_once(self, town, tmp_path):
        take(town, tmp_path, ROW)

        assert take(town, tmp_path, ROW).is_already_taken
        assert len(town.readings.decisions_between(TOWN, 0, 2**24)) == 1

    @pytest.mark.parametrize(
        ("swap", "told"),
        [
            (("read from the display", ""), "line 2: reason is empty, expected a text"),
            (("op1", ""), "line 2: decided_by is empty, expected a name"),
            (("P1,", "P9,"), "line 2: P9 is not one of the market's meters"),
            ((",pv,", ",import,"), "line 2: P1 does not measure import"),
            ((",pv,", ",heat,"), "line 2: channel is 'heat', expected one of charge"),
            (("set,300", "set,"), "line 2: energy_wh is needed with the action set, and with no other"),
            (("set,300", "withdraw,300"), "line 2: energy_wh is needed with the action set, and with no other"),
            (("set,300", "set,-1"), "line 2: energy_wh is '-1', expected a whole number"),
            (("set,300", "set,4001"), "line 2: energy_wh 4001 is more than P1 can carry (4000 Wh)"),
            (("set", "guess"), "line 2: action is 'guess', expected one of accept_estimate, set, withdraw"),
            ((SLOT_END, "2020-11-20T00:00:00+09:00"), "line 2: P1 is not in service in the slot that ends at"),
            ((SLOT_END, "2020-12-02T00:10:00+09:00"), "line 2: slot_end is '2020-12-02T00:10:00+09:00', expected"),
            (("09:12:00+09:00", "09:12:00"), "line 2: decided_at is '2020-12-05T09:12:00', expected an instant"),
        ],
    )
    def test_with_a_fault_are_refused_as_a_whole(self, town, tmp_path, swap, told):
        assert told in refusal(town, tmp_path, "overrides-1.csv", HEADER + ROW.replace(*swap) + ROW)
