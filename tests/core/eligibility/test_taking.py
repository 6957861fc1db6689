"""One kWh has one instrument, whatever is asked in whatever order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.errors import RefusalRule, Refused, WrongInput
from sanchi.core.base.ids import CertificateId
from sanchi.core.eligibility import Instrument, Taking, take

QUANTITY_WH = 30
ASKED = st.lists(
    st.builds(
        lambda name, lo_wh, length_wh, instrument: Taking(
            certificate_id=CertificateId(name), lo_wh=lo_wh, hi_wh=lo_wh + length_wh, instrument=instrument
        ),
        st.sampled_from(["one", "two"]),
        st.integers(0, QUANTITY_WH - 1),
        st.integers(1, 12),
        st.sampled_from(Instrument),
    ),
    max_size=25,
)


def taking(lo_wh, hi_wh, instrument=Instrument.J_CREDIT, name="one") -> Taking:
    return Taking(certificate_id=CertificateId(name), lo_wh=lo_wh, hi_wh=hi_wh, instrument=instrument)


class TestTake:
    @given(ASKED)
    def test_gives_every_watt_hour_one_instrument_and_refuses_just_what_would_give_it_two(self, asked):
        taken: tuple[Taking, ...] = ()
        by_wh: dict[tuple[str, int], Instrument] = {}

        for each in asked:
            serials = [(each.certificate_id, wh) for wh in range(each.lo_wh, each.hi_wh)]
            if any(serial in by_wh for serial in serials):
                with pytest.raises(Refused) as caught:
                    take(taken, each)
                assert caught.value.rule is RefusalRule.INSTRUMENT_TAKEN
            else:
                taken = take(taken, each)
                by_wh |= dict.fromkeys(serials, each.instrument)

        said = {(each.certificate_id, wh): each.instrument for each in taken for wh in range(each.lo_wh, each.hi_wh)}
        assert said == by_wh
        assert sum(each.energy_wh for each in taken) == len(by_wh)

    @pytest.mark.parametrize("second", Instrument)
    def test_refuses_the_same_watt_hour_for_any_instrument(self, second):
        taken = take((), taking(10, 20))

        with pytest.raises(Refused, match=r"INSTRUMENT_TAKEN: one: the serials \[19, 20\) became J_CREDIT_RE already"):
            take(taken, taking(19, 25, second))

    def test_lets_neighbours_and_other_certificates_be(self):
        taken = take((), taking(10, 20))

        taken = take(take(take(taken, taking(20, 30)), taking(0, 10)), taking(10, 20, name="two"))

        assert [(each.certificate_id, each.lo_wh) for each in taken] == [
            ("one", 0),
            ("one", 10),
            ("one", 20),
            ("two", 10),
        ]


class TestTaking:
    @pytest.mark.parametrize(("lo_wh", "hi_wh"), [(5, 5), (6, 5), (-1, 5)])
    def test_of_no_watt_hour_is_refused(self, lo_wh, hi_wh):
        with pytest.raises(WrongInput, match="holds no watt-hour"):
            taking(lo_wh, hi_wh)
