"""Words for every rejection."""

from sanchi.core.metering.intake_findings import FAULTS, HINTS, SHOWN_S_MAX, SHOWN_S_MIN, stamp_text


class TestFindings:
    def test_every_fault_has_its_hint(self):
        assert set(FAULTS) == set(HINTS)


class TestStampText:
    def test_is_japanese_time(self):
        assert stamp_text(0) == "1970-01-01T09:00:00+09:00"

    def test_beyond_the_calendar_shows_the_nearest_year(self):
        assert stamp_text(2**62) == stamp_text(SHOWN_S_MAX) == "9999-01-01T00:00:00+09:00"
        assert stamp_text(-(2**62)) == stamp_text(SHOWN_S_MIN) == "0002-01-01T00:00:00+09:00"
