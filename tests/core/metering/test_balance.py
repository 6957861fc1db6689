"""Balanced homes: nothing lost or counted twice between PV, register and battery."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.metering.balance import BalanceInput, UnfitBalance, balance_homes
from sanchi.core.metering.readings import Quality
from tests.oracles.metering_balance import OracleHome, balance

ENERGIES = ("import_wh", "export_wh", "pv_wh", "charge_wh", "discharge_wh")
HOMES = settings(max_examples=150, deadline=None)


def homes_of(n_homes=1, efficiency_permille=900, **channels) -> BalanceInput:
    """Make homes without energy but for the given channels, everything measured."""
    measured = np.full((n_homes, 48), Quality.MEASURED, dtype=np.int8)
    energies = {name: np.zeros((n_homes, 48), dtype=np.int64) for name in ENERGIES}
    return BalanceInput(
        **energies | {name: np.atleast_2d(array).astype(np.int64) for name, array in channels.items()},
        export_quality=measured,
        pv_quality=measured,
        charge_quality=measured,
        discharge_quality=measured,
        has_battery=np.ones(n_homes, dtype=np.bool_),
        battery_efficiency_permille=np.full(n_homes, efficiency_permille, dtype=np.int64),
    )


def in_slots(**energy_wh_of_slot) -> np.ndarray:
    """Lay a day out from slot_index to energy, as s18=500."""
    day = np.zeros(48, dtype=np.int64)
    for slot, energy_wh in energy_wh_of_slot.items():
        day[int(slot[1:])] = energy_wh
    return day


@st.composite
def random_homes(draw) -> BalanceInput:
    """Draw homes with any energies and qualities, physical or not."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_homes = draw(st.integers(1, 4))
    shape = (n_homes, 48)
    busy = draw(st.sampled_from((0.1, 0.5, 1.0)))

    def energies(wh_max):
        return rng.integers(0, wh_max + 1, shape) * (rng.random(shape) < busy)

    return BalanceInput(
        import_wh=energies(2000),
        export_wh=energies(20) * 100,
        pv_wh=energies(2500),
        charge_wh=energies(1500),
        discharge_wh=energies(1500),
        export_quality=rng.integers(0, 4, shape).astype(np.int8),
        pv_quality=rng.integers(0, 4, shape).astype(np.int8),
        charge_quality=rng.integers(0, 4, shape).astype(np.int8),
        discharge_quality=rng.integers(0, 4, shape).astype(np.int8),
        has_battery=rng.random(n_homes) < 0.5,
        battery_efficiency_permille=rng.integers(0, 1001, n_homes),
    )


class TestBalance:
    @HOMES
    @given(random_homes())
    def test_equals_the_slow_way_home_by_home(self, homes):
        balances = balance_homes(homes)

        for n in range(homes.import_wh.shape[0]):
            expected = balance(
                OracleHome(
                    export_wh=homes.export_wh[n].tolist(),
                    pv_wh=homes.pv_wh[n].tolist(),
                    charge_wh=homes.charge_wh[n].tolist(),
                    discharge_wh=homes.discharge_wh[n].tolist(),
                    is_export_known=(homes.export_quality[n] >= 2).tolist(),
                    is_pv_known=(homes.pv_quality[n] >= 2).tolist(),
                    is_battery_known=[
                        not homes.has_battery[n]
                        or min(homes.charge_quality[n, slot], homes.discharge_quality[n, slot]) >= 2
                        for slot in range(48)
                    ],
                    battery_efficiency_permille=int(homes.battery_efficiency_permille[n]),
                )
            )
            for field in fields(expected):
                assert getattr(balances, field.name)[n].tolist() == getattr(expected, field.name), field.name

    @HOMES
    @given(random_homes())
    def test_solar_energy_adds_up_per_home(self, homes):
        balances = balance_homes(homes)

        came_wh = balances.pv_wh.sum(axis=1) + balances.ct_meter_residual_wh
        went_wh = balances.self_wh.sum(axis=1) + balances.export_pv_wh.sum(axis=1)
        assert came_wh.tolist() == went_wh.tolist()
        assert (balances.export_pv_wh + balances.grid_export_wh == homes.export_wh).all()
        for field in fields(balances):
            assert getattr(balances, field.name).min() >= 0, field.name

    @HOMES
    @given(random_homes())
    def test_battery_gives_no_more_solar_energy_than_it_took(self, homes):
        balances = balance_homes(homes)

        given_mwh = 1000 * balances.discharge_pv_wh.cumsum(axis=1)
        taken_mwh = balances.charge_pv_wh.cumsum(axis=1) * homes.battery_efficiency_permille[:, None]
        assert (given_mwh[:, 1:] <= taken_mwh[:, :-1]).all()
        assert (balances.discharge_pv_wh <= homes.discharge_wh).all()

    @HOMES
    @given(seed=st.integers(0, 2**32 - 1), efficiency_permille=st.integers(0, 1000))
    def test_no_wh_of_a_physical_home_counts_twice(self, seed, efficiency_permille):
        rng = np.random.default_rng(seed)
        pv_wh = rng.integers(0, 2000, 48)
        charge_wh = rng.integers(0, 1500, 48)
        discharge_wh = rng.integers(0, 1500, 48) * (rng.random(48) < 0.4)
        # What leaves the roof is direct sun that was not charged, or comes out of the battery.
        export_wh = rng.integers(0, pv_wh - np.minimum(charge_wh, pv_wh) + discharge_wh + 1)
        homes = homes_of(
            efficiency_permille=efficiency_permille,
            pv_wh=pv_wh, charge_wh=charge_wh, discharge_wh=discharge_wh, export_wh=export_wh,
        )  # fmt: skip

        balances = balance_homes(homes)

        assert balances.ct_meter_residual_wh.tolist() == [0]
        offered_wh = balances.surplus_offered_wh.sum() + balances.self_offered_wh.sum()
        assert offered_wh == pv_wh.sum()

    def test_homes_do_not_touch_each_other(self):
        lonely = homes_of(pv_wh=in_slots(s20=500), export_wh=in_slots(s20=600))
        among = homes_of(
            2,
            pv_wh=np.stack([in_slots(s20=999, s21=999), in_slots(s20=500)]),
            export_wh=np.stack([in_slots(), in_slots(s20=600)]),
        )

        assert balance_homes(among).self_wh[1].tolist() == balance_homes(lonely).self_wh[0].tolist()


class TestCarry:
    def test_export_ahead_of_pv_is_taken_from_the_next_slots(self):
        homes = homes_of(pv_wh=in_slots(s20=550, s21=550), export_wh=in_slots(s20=600, s21=400))

        balances = balance_homes(homes)

        assert balances.self_wh[0, 20:22].tolist() == [0, 100]
        assert balances.ct_meter_residual_wh.tolist() == [0]

    def test_what_is_left_at_midnight_is_written_down(self):
        homes = homes_of(pv_wh=in_slots(s30=550), export_wh=in_slots(s30=600))

        balances = balance_homes(homes)

        assert balances.self_wh.sum() == 0
        assert balances.ct_meter_residual_wh.tolist() == [50]

    def test_clipping_invents_self_consumption_where_the_carry_conserves_it(self):
        pv_wh, truly_exported_wh = np.zeros(48, dtype=np.int64), np.zeros(48, dtype=np.int64)
        pv_wh[16:32] = 530
        truly_exported_wh[16:32] = 510
        register_wh = np.diff(truly_exported_wh.cumsum() // 100 * 100, prepend=0)
        true_self_wh = int((pv_wh - truly_exported_wh).sum())

        carried = balance_homes(homes_of(pv_wh=pv_wh, export_wh=register_wh))
        clipped_wh = int(np.maximum(pv_wh - register_wh, 0).sum())

        assert true_self_wh == 320
        assert clipped_wh == 450
        # One step of the register is all that the carry can be off, and the register counts it tomorrow.
        assert carried.self_wh.sum() == 380
        assert carried.self_wh.sum() + register_wh.sum() == pv_wh.sum()
        assert clipped_wh + register_wh.sum() > pv_wh.sum()


class TestBattery:
    def test_charge_from_the_sun_is_self_consumption(self):
        homes = homes_of(pv_wh=in_slots(s20=800), charge_wh=in_slots(s20=1000))

        balances = balance_homes(homes)

        assert balances.charge_pv_wh[0, 20] == 800
        assert balances.self_wh[0, 20] == 800

    def test_solar_energy_comes_out_first_less_losses(self):
        homes = homes_of(
            efficiency_permille=900,
            pv_wh=in_slots(s20=800),
            charge_wh=in_slots(s2=500, s20=800),
            discharge_wh=in_slots(s36=500, s37=500),
        )

        balances = balance_homes(homes)

        assert balances.discharge_pv_wh[0, 36:38].tolist() == [500, 220]

    def test_fractions_of_a_wh_are_kept_until_they_are_whole(self):
        homes = homes_of(
            efficiency_permille=995,
            pv_wh=in_slots(s20=1, s21=1),
            charge_wh=in_slots(s20=1, s21=1),
            discharge_wh=in_slots(s21=5, s22=5),
        )

        balances = balance_homes(homes)

        assert balances.discharge_pv_wh[0, 21:23].tolist() == [0, 1]

    def test_energy_stored_before_midnight_has_no_origin(self):
        homes = homes_of(discharge_wh=in_slots(s1=700), export_wh=in_slots(s1=600))

        balances = balance_homes(homes)

        assert balances.grid_export_wh[0, 1] == 600
        assert balances.export_pv_wh.sum() == 0
        assert balances.surplus_offered_wh.sum() == 0

    def test_export_beyond_the_sun_is_never_certified(self):
        homes = homes_of(pv_wh=in_slots(s20=500), discharge_wh=in_slots(s20=400), export_wh=in_slots(s20=700))

        balances = balance_homes(homes)

        assert balances.grid_export_wh[0, 20] == 200
        assert balances.surplus_offered_wh[0, 20] == 500

    def test_exported_solar_storage_is_surplus_and_no_longer_self_consumption(self):
        homes = homes_of(
            efficiency_permille=900,
            pv_wh=in_slots(s20=1000),
            charge_wh=in_slots(s20=1000),
            discharge_wh=in_slots(s36=900),
            export_wh=in_slots(s36=900),
        )

        balances = balance_homes(homes)

        assert balances.surplus_offered_wh[0, 36] == 900
        assert balances.self_wh[0, 20] == 100
        assert balances.ct_meter_residual_wh.tolist() == [0]


class TestQuality:
    def test_register_proves_pv_that_was_not_measured(self):
        homes = homes_of(export_wh=in_slots(s20=600, s21=600))
        homes = replace(homes, pv_quality=np.full((1, 48), Quality.MISSING, dtype=np.int8))

        balances = balance_homes(homes)

        assert balances.pv_wh[0, 20:22].tolist() == [600, 600]
        assert balances.ct_meter_residual_wh.tolist() == [0]
        assert balances.surplus_offered_wh.sum() == 1200
        assert balances.self_offered_wh.sum() == 0

    @pytest.mark.parametrize(
        ("export_quality", "pv_quality", "surplus_wh", "self_wh"),
        [
            (Quality.MEASURED, Quality.MEASURED, 300, 200),
            (Quality.RECOVERED, Quality.MEASURED, 300, 200),
            (Quality.ESTIMATED, Quality.MEASURED, 0, 0),
            (Quality.MISSING, Quality.MEASURED, 0, 0),
            (Quality.MEASURED, Quality.ESTIMATED, 300, 0),
            (Quality.MEASURED, Quality.RECOVERED, 300, 200),
        ],
    )
    def test_only_known_energy_is_offered(self, export_quality, pv_quality, surplus_wh, self_wh):
        homes = replace(
            homes_of(pv_wh=in_slots(s20=500), export_wh=in_slots(s20=300)),
            export_quality=np.full((1, 48), export_quality, dtype=np.int8),
            pv_quality=np.full((1, 48), pv_quality, dtype=np.int8),
        )

        balances = balance_homes(homes)

        assert balances.surplus_offered_wh.sum() == surplus_wh
        assert balances.self_offered_wh.sum() == self_wh
        assert balances.self_wh.sum() == 200

    @pytest.mark.parametrize(
        ("has_battery", "pv_quality", "surplus_wh"),
        [
            (True, Quality.MEASURED, 500),
            (True, Quality.ESTIMATED, 0),
            (True, Quality.MISSING, 0),
            (False, Quality.MEASURED, 1300),
            (False, Quality.MISSING, 1300),
        ],
    )
    @pytest.mark.parametrize("channel", ["charge_quality", "discharge_quality"])
    def test_unmeasured_battery_proves_no_more_surplus_than_the_sun(self, channel, has_battery, pv_quality, surplus_wh):
        known = replace(
            homes_of(pv_wh=in_slots(s20=500), export_wh=in_slots(s20=700, s40=600)),
            pv_quality=np.full((1, 48), pv_quality, dtype=np.int8),
            has_battery=np.array([has_battery]),
        )
        missing = np.full((1, 48), Quality.MISSING, dtype=np.int8)

        balances = balance_homes(replace(known, **{channel: missing}))

        assert balances.surplus_offered_wh.sum() == surplus_wh
        assert balances.self_wh.tolist() == balance_homes(known).self_wh.tolist()


class TestInput:
    def test_refuses_another_shape(self):
        with pytest.raises(UnfitBalance, match=r"pv_wh: int64 of shape \(1, 47\)"):
            replace(homes_of(), pv_wh=np.zeros((1, 47), dtype=np.int64))

    def test_refuses_floats(self):
        with pytest.raises(UnfitBalance, match="export_wh: float64"):
            replace(homes_of(), export_wh=np.zeros((1, 48)))

    def test_refuses_negative_energy(self):
        with pytest.raises(UnfitBalance, match="charge_wh: -1 is below zero"):
            replace(homes_of(), charge_wh=np.full((1, 48), -1))

    def test_refuses_a_battery_that_creates_energy(self):
        with pytest.raises(UnfitBalance, match="1001 is above 1000"):
            replace(homes_of(), battery_efficiency_permille=np.array([1001]))

    def test_takes_a_market_without_homes(self):
        empty = homes_of(0, **{name: np.zeros((0, 48)) for name in ENERGIES})

        assert balance_homes(empty).self_wh.shape == (0, 48)
