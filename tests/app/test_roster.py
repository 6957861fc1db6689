"""Who may offer on a date: nobody outside the platform, before the plant began or under the tariff."""

from datetime import date, timedelta

import numpy as np
import pytest

from sanchi.app.market import HomeGroup, MeasurementGrade, Plant
from sanchi.app.roster import Roster
from sanchi.core.base.ids import PartyId
from sanchi.core.base.kinds import CertificateKind

DAY = date(2020, 12, 5)
NEXT_DAY = DAY + timedelta(days=1)
HOME = PartyId("H1")


def roster_of(*, group: HomeGroup, commissioning_date: date, fit_end: date) -> Roster:
    """Make the roster of one home, for its plant alone."""
    plant = Plant(
        home_id=HOME,
        device_id="H1-PV",
        group=group,
        capacity_w=4_000,
        commissioning_date=commissioning_date,
        fit_end=fit_end,
        measurement_grade=MeasurementGrade.CT,
        ct_class_permille=30,
        battery_capacity_wh=0,
        battery_power_w=0,
        battery_efficiency_permille=0,
        purchaser_id=HOME,
        recruiter_id=HOME,
        value_owner_id=HOME,
        payee_id=HOME,
        standard_price_sen_per_kwh=850,
        load_provenance="measured",
        pv_provenance="measured",
        battery_provenance="",
    )
    return Roster(
        delivery_date=DAY,
        homes=(),
        plants=(plant,),
        buyers=(),
        party_nos={},
        points=(),
        offers={},
        choices={},
        home_key=np.zeros(1, dtype=np.int64),
    )


class TestMayOffer:
    @pytest.mark.parametrize(
        ("group", "commissioning_date", "fit_end", "may_surplus", "may_self"),
        [
            (HomeGroup.SURPLUS, DAY, DAY, True, True),
            (HomeGroup.SURPLUS, DAY, NEXT_DAY, False, True),
            (HomeGroup.SURPLUS, NEXT_DAY, NEXT_DAY, False, False),
            (HomeGroup.SURPLUS, NEXT_DAY, DAY, False, False),
            (HomeGroup.OUTSIDE, DAY, DAY, False, False),
        ],
    )
    def test_follows_group_commissioning_and_tariff(self, group, commissioning_date, fit_end, may_surplus, may_self):
        roster = roster_of(group=group, commissioning_date=commissioning_date, fit_end=fit_end)

        assert roster.may_offer(CertificateKind.SURPLUS).tolist() == [may_surplus]
        assert roster.may_offer(CertificateKind.SELF_CONSUMPTION).tolist() == [may_self]
