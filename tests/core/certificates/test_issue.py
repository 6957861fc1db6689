"""The issue of a market-day: certificates by home and kind, slices by holder, segments by slot."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.certificates.certificate import are_tiling
from sanchi.core.certificates.issue import issue_day
from sanchi.core.certificates.state import CertificateState
from tests.core.certificates.market_days import (
    CAFE,
    DAY,
    MARKET,
    OFFICE,
    RETAILER,
    SELF,
    SURPLUS,
    allocated,
    market_days,
    plant,
)
from tests.oracles.issue_oracle import issue_slowly


def issued(rows, plants=None, revision=1, recovered_wh=None):
    """Issue a day with a plant for each home."""
    return issue_day(
        market_id=MARKET,
        delivery_date=DAY,
        revision=revision,
        allocated=rows,
        plants=plants or [plant(101), plant(102), plant(103)],
        recovered_wh=recovered_wh or {},
    )


class TestIssue:
    def test_serials_follow_holder_then_slot(self):
        rows = allocated(
            (SURPLUS, 101, 21, OFFICE, 30),
            (SURPLUS, 101, 20, OFFICE, 20),
            (SURPLUS, 101, 22, CAFE, 5),
            (SURPLUS, 101, 22, RETAILER, 1),
        )

        issue = issued(rows)

        assert [(each.lo_wh, each.hi_wh, each.holder_no) for each in issue.slices] == [
            (0, 1, RETAILER),
            (1, 6, CAFE),
            (6, 56, OFFICE),
        ]
        segments = issue.segments
        assert segments.lo_wh.tolist() == [0, 1, 6, 26]
        assert segments.hi_wh.tolist() == [1, 6, 26, 56]
        assert segments.slot_no.tolist() == [22, 22, 20, 21]
        assert segments.holder_no.tolist() == [RETAILER, CAFE, OFFICE, OFFICE]

    def test_certificate_carries_what_the_plant_is(self):
        issue = issued(allocated((SELF, 102, 20, CAFE, 8)), revision=3, recovered_wh={(102, SELF): 2})
        certificate = issue.certificates[0]

        assert certificate.certificate_id == "tokyo/PV-102/2020-11-20/self_consumption/3"
        assert (certificate.home_no, certificate.device_id, certificate.kind) == (102, "PV-102", SELF)
        assert (certificate.quantity_wh, certificate.recovered_wh, certificate.revision) == (8, 2, 3)
        assert (certificate.measurement_grade, certificate.ct_class_permille) == ("ct", 10)
        assert (certificate.commissioning_date, certificate.fit_end) == (date(2009, 11, 1), date(2019, 11, 1))

    def test_one_certificate_a_home_and_kind_in_their_order(self):
        rows = allocated((SELF, 102, 20, CAFE, 8), (SURPLUS, 102, 20, CAFE, 9), (SELF, 101, 20, CAFE, 7))

        found = [(each.home_no, each.kind, each.quantity_wh) for each in issued(rows).certificates]

        assert found == [(101, SELF, 7), (102, SURPLUS, 9), (102, SELF, 8)]

    def test_surplus_is_refused_until_the_day_before_the_tariff_ends(self):
        rows = allocated((SURPLUS, 101, 20, CAFE, 8))

        with pytest.raises(Refused, match="surplus/1") as refusal:
            issued(rows, plants=[plant(101, fit_end=DAY + timedelta(days=1))])

        assert refusal.value.rule is RefusalRule.BEFORE_FIT_END
        assert issued(rows, plants=[plant(101, fit_end=DAY)]).certificates

    @pytest.mark.parametrize(("kind", "other"), [(SURPLUS, SELF), (SELF, SURPLUS)])
    def test_inside_an_outside_claim_is_refused_for_its_kind_alone(self, kind, other):
        claimed = replace(plant(101), claimed_by={kind: "club-7"})

        with pytest.raises(Refused, match="the outside claim club-7 covers") as refusal:
            issued(allocated((kind, 101, 20, CAFE, 5)), plants=[claimed])

        assert refusal.value.rule is RefusalRule.INSIDE_OUTSIDE_CLAIM
        assert issued(allocated((other, 101, 20, CAFE, 5)), plants=[claimed]).certificates

    @pytest.mark.parametrize("kind", [SURPLUS, SELF])
    def test_both_kinds_are_refused_until_the_day_before_the_plant_begins(self, kind):
        rows = allocated((kind, 101, 20, CAFE, 8))

        with pytest.raises(Refused, match="before the plant began") as refusal:
            issued(rows, plants=[replace(plant(101), commissioning_date=DAY + timedelta(days=1))])

        assert refusal.value.rule is RefusalRule.BEFORE_COMMISSIONING
        assert issued(rows, plants=[replace(plant(101), commissioning_date=DAY)]).certificates

    def test_self_consumption_is_certified_under_the_tariff(self):
        late = plant(101, fit_end=date(2030, 1, 1))

        assert issued(allocated((SELF, 101, 20, CAFE, 8)), plants=[late]).certificates

    def test_two_homes_of_one_device_are_refused(self):
        rows = allocated((SURPLUS, 101, 20, CAFE, 8), (SURPLUS, 102, 20, CAFE, 8))
        twins = [plant(101), replace(plant(102), device_id="PV-101")]

        with pytest.raises(Refused, match="homes 101 and 102") as refusal:
            issued(rows, plants=twins)

        assert refusal.value.rule is RefusalRule.DUPLICATE_ISSUE

    def test_home_without_plant_trips(self):
        with pytest.raises(AssertionError, match="home 104"):
            issued(allocated((SURPLUS, 104, 20, CAFE, 8)))

    def test_nothing_allocated_issues_nothing(self):
        issue = issued(allocated())

        assert (issue.certificates, issue.slices, issue.segments.row_count) == ((), (), 0)

    @given(market_days())
    def test_every_allocated_watt_hour_stands_in_one_slice_and_one_segment(self, rows):
        issue = issued(rows)
        home_of = {each.certificate_id: (each.home_no, each.kind) for each in issue.certificates}
        in_slices, in_segments = {}, {}
        for piece in issue.slices:
            key = (*home_of[piece.certificate_id], piece.holder_no)
            in_slices[key] = in_slices.get(key, 0) + piece.energy_wh
        segments = issue.segments
        for row in range(segments.row_count):
            home_and_kind = home_of[segments.certificate_id[row]]
            key = (*home_and_kind, int(segments.slot_no[row]), int(segments.holder_no[row]))
            in_segments[key] = int(segments.hi_wh[row] - segments.lo_wh[row])

        assert in_slices == rows.totals_by("home_no", "kind_no", "holder_no")
        assert in_segments == rows.totals_by("home_no", "kind_no", "slot_no", "holder_no")

    @given(market_days())
    def test_slices_and_segments_tile_each_certificate(self, rows):
        issue = issued(rows)

        for certificate in issue.certificates:
            name = certificate.certificate_id
            pieces = [each for each in issue.slices if each.certificate_id == name]
            own = issue.segments.of_certificate(name)

            assert are_tiling([(each.lo_wh, each.hi_wh) for each in pieces], 0, certificate.quantity_wh)
            assert are_tiling(zip(own.lo_wh, own.hi_wh, strict=True), 0, certificate.quantity_wh)
            assert issue.segments.digest_of(name) == certificate.segments_digest
            assert all(each.state is CertificateState.ACTIVE for each in pieces)

    @given(market_days(), st.randoms(use_true_random=False))
    def test_order_of_rows_does_not_matter(self, rows, random):
        order = list(range(rows.row_count))
        random.shuffle(order)

        one, other = issued(rows), issued(rows.take(order))

        assert (one.certificates, one.slices) == (other.certificates, other.slices)

    @given(market_days(), st.integers(0, 3))
    def test_is_what_the_slow_one_gives(self, rows, recovered):
        plants = [plant(101), plant(102), plant(103)]
        recovered_wh = {(101, SURPLUS): min(recovered, rows.totals_by("home_no", "kind_no").get((101, SURPLUS), 0))}

        issue = issued(rows, plants=plants, revision=2, recovered_wh=recovered_wh)
        certificates, slices, segments = issue_slowly(MARKET, DAY, 2, rows, plants, recovered_wh)

        columns = ("certificate_id", "lo_wh", "hi_wh", "slot_no", "holder_no")
        found = zip(*(getattr(issue.segments, name).tolist() for name in columns), strict=True)
        assert list(issue.certificates) == certificates
        assert list(issue.slices) == slices
        assert list(found) == segments
