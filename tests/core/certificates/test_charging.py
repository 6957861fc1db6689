"""What charged a battery is marked serial by serial, and only what its owner kept."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sanchi.core.certificates.certificate import are_tiling
from sanchi.core.certificates.charging import charge_slices
from sanchi.core.certificates.issue import issue_day
from sanchi.core.certificates.state import CertificateState
from sanchi.core.certificates.transfer import transfer_slice
from tests.core.certificates.market_days import CAFE, DAY, MARKET, SELF, allocated, plant

HOME = 101
SEATS = st.tuples(st.just(SELF), st.just(HOME), st.integers(18, 21), st.sampled_from([HOME, CAFE]))
ROWS = st.dictionaries(SEATS, st.integers(1, 900), min_size=1, max_size=8)


def issued(rows, revision=1, storage_nos=None):
    """Issue one home's self-consumption of (slot, holder) -> Wh."""
    return issue_day(
        market_id=MARKET,
        delivery_date=DAY,
        revision=revision,
        allocated=allocated(*((*seat, energy_wh) for seat, energy_wh in rows.items())),
        plants=[plant(HOME)],
        recovered_wh={},
        storage_nos=storage_nos or {},
    )


def charge(issue, chargeable_wh, slices=None):
    """Charge a home's battery number 7 from one issue."""
    return charge_slices(
        certificates=issue.certificates,
        slices=issue.slices if slices is None else slices,
        segments=issue.segments,
        holder_no=HOME,
        chargeable_wh=chargeable_wh,
        storage_no=7,
    )


def wanted(**wh_by_slot):
    """Make energies of slots named s1..s48."""
    wanted_wh = np.zeros(48, dtype=np.int64)
    for name, wh in wh_by_slot.items():
        wanted_wh[int(name[1:]) - 1] = wh
    return wanted_wh


def marked(charging):
    """List the serials that were charged."""
    after = [piece for change in charging.changes for piece in change.after]
    return [(each.lo_wh, each.hi_wh, each.storage_no) for each in after if each.state is CertificateState.CHARGED]


class TestChargeSlices:
    @given(ROWS, arrays.arrays(np.int64, 48, elements=st.integers(0, 1_200)))
    def test_takes_what_charged_and_was_kept_and_nothing_else(self, rows, chargeable_wh):
        issue = issued(rows)
        charging = charge(issue, chargeable_wh)

        kept = {slot_no: energy_wh for (_, _, slot_no, holder), energy_wh in rows.items() if holder == HOME}
        expected = [min(kept.get(slot_no, 0), int(chargeable_wh[slot_no - 1])) for slot_no in range(1, 49)]
        assert charging.charged_wh.tolist() == expected
        segments = issue.segments
        found = np.zeros(48, dtype=np.int64)
        for lo_wh, hi_wh, storage_no in marked(charging):
            assert storage_no == 7
            overlap_wh = np.minimum(segments.hi_wh, hi_wh) - np.maximum(segments.lo_wh, lo_wh)
            np.add.at(found, segments.slot_no - 1, np.maximum(overlap_wh, 0))
        assert found.tolist() == expected
        for change in charging.changes:
            assert are_tiling(
                [(each.lo_wh, each.hi_wh) for each in change.after], change.before.lo_wh, change.before.hi_wh
            )

    def test_leaves_what_was_given_away(self):
        issue = issued({(SELF, HOME, 20, HOME): 100, (SELF, HOME, 21, HOME): 100})
        (piece,) = issue.slices
        given_away = transfer_slice(piece, lo_wh=0, hi_wh=60, new_holder_no=CAFE).after

        charging = charge(issue, wanted(s20=100, s21=30), given_away)

        assert marked(charging) == [(60, 130, 7)]
        assert charging.charged_wh[[19, 20]].tolist() == [40, 30]

    def test_leaves_what_is_used_up_already(self):
        issue = issued({(SELF, HOME, 20, HOME): 100})
        retired = [each.in_state(CertificateState.RETIRED, 3) for each in issue.slices]

        assert charge(issue, wanted(s20=100), retired).changes == ()

    def test_never_charges_what_came_out_of_a_battery(self):
        issue = issued({(SELF, HOME, 20, HOME): 100}, storage_nos={HOME: 4})

        assert issue.certificates[0].certificate_id.endswith("/self_consumption/1/stored-4")
        assert charge(issue, wanted(s20=100)).changes == ()

    def test_takes_the_oldest_certificate_first(self):
        first, second = issued({(SELF, HOME, 20, HOME): 100}), issued({(SELF, HOME, 20, HOME): 50}, revision=2)
        both = replace(
            first,
            certificates=(*second.certificates, *first.certificates),
            slices=(*second.slices, *first.slices),
            segments=type(first.segments).joined([second.segments, first.segments]),
        )

        charging = charge(both, wanted(s20=120))

        assert [(change.before.certificate_id[-1], change.after[0].hi_wh) for change in charging.changes] == [
            ("1", 100),
            ("2", 20),
        ]
