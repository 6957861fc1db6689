"""Lots, their uses and batteries' accounts come back as saved; the database itself refuses what does not follow."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from sanchi.app.market import OutsideClaim, OutsideLot, OutsideScheme
from sanchi.app.outside_ports import OutsideUse, RegisteredLot, StorageAccount
from sanchi.core.base.ids import PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.topping_up import LotUse
from sanchi.edge.store.sql import execute, fetch
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket

LOT = OutsideLot(
    lot_id="L1",
    buyer_id=PartyId("B01"),
    scheme="NFC",
    serial_first="A-1",
    serial_last="A-9",
    quantity_wh=1_000,
    generated_from=date(2020, 10, 1),
    generated_until=date(2020, 10, 31),
    energy_source="solar",
    plant_name="Solar park",
    municipality="千葉市",
    facility_id="F1",
    reference="",
)
BUYER_NO = 4
ACCOUNT = StorageAccount(
    storage_no=1,
    home_no=1,
    first_date=DAY,
    last_date=DAY,
    carry_in_wh=0,
    charged_wh=1_000,
    discharged_wh=450,
    loss_wh=50,
    carry_out_wh=500,
    previous_storage_no=None,
)
CLAIM = OutsideClaim(
    claim_id="C1",
    home_id=PartyId("H02"),
    kind=CertificateKind.SELF_CONSUMPTION,
    scheme=OutsideScheme.J_CREDIT,
    first_date=DAY,
    until_date=None,
    reference="member 7",
)


def use(lo_wh: int, hi_wh: int, quantity_wh: int = 1_000, lot_no: int = 1) -> OutsideUse:
    return OutsideUse(
        use=LotUse(lot_no=lot_no, lo_wh=lo_wh, hi_wh=hi_wh, quantity_wh=quantity_wh),
        month=Month(year=2020, month_no=12),
        beneficiary_no=BUYER_NO,
        purpose="renewable electricity use",
    )


def following(before: StorageAccount, **changes: Any) -> StorageAccount:
    """Give the account of the next day, in which everything left is used up without a loss."""
    day = before.last_date + timedelta(days=1)
    carried_wh = before.carry_out_wh
    nothing: dict[str, Any] = {"charged_wh": 0, "loss_wh": 0, "carry_out_wh": 0}
    own: dict[str, Any] = {
        "carry_in_wh": carried_wh,
        "discharged_wh": carried_wh,
        "previous_storage_no": before.storage_no,
    }
    named: dict[str, Any] = {"storage_no": before.storage_no + 1, "first_date": day, "last_date": day}
    return replace(before, **nothing | own | named | changes)


class TestClaims:
    def test_come_back_as_they_were_saved_last(self, market: StoredMarket):
        ended = replace(CLAIM, until_date=DAY + timedelta(days=3), scheme=OutsideScheme.PPA)
        with market.step():
            market.home.stores.market.save_outside_claims(MARKET, [CLAIM])
        with market.step():
            market.home.stores.market.save_outside_claims(MARKET, [ended, replace(CLAIM, claim_id="C2")])

        assert market.home.stores.market.book(MARKET).outside_claims == (ended, replace(CLAIM, claim_id="C2"))

    def test_of_no_day_are_refused(self, market: StoredMarket):
        with pytest.raises(IntegrityError), market.step():
            market.home.stores.market.save_outside_claims(MARKET, [replace(CLAIM, until_date=DAY)])


class TestLots:
    def test_come_back_numbered_as_they_came(self, market: StoredMarket):
        other = replace(LOT, lot_id="L2", serial_first="B-1", serial_last="B-2")
        with market.step():
            market.home.stores.outside.add_lots(MARKET, [LOT])
        with market.step():
            market.home.stores.outside.add_lots(MARKET, [other])

        assert market.home.stores.outside.lots(MARKET) == (
            RegisteredLot(lot_no=1, lot=LOT),
            RegisteredLot(lot_no=2, lot=other),
        )

    @pytest.mark.parametrize("changes", [{"serial_first": "C-1"}, {"lot_id": "L2"}])
    def test_that_share_name_or_serial_are_refused(self, market: StoredMarket, changes: dict[str, Any]):
        with market.step():
            market.home.stores.outside.add_lots(MARKET, [LOT])

        with pytest.raises(IntegrityError), market.step():
            market.home.stores.outside.add_lots(MARKET, [replace(LOT, **changes)])

    @pytest.mark.parametrize(
        "statement", ["UPDATE outside_lot SET quantity_wh = 2000", "DELETE FROM outside_lot", "DELETE FROM outside_use"]
    )
    def test_never_change(self, market: StoredMarket, statement: str):
        with market.step():
            market.home.stores.outside.add_lots(MARKET, [LOT])
            market.home.stores.outside.add_uses(MARKET, [use(0, 300)])

        with pytest.raises(IntegrityError), market.step():
            execute(statement)


class TestUses:
    def test_come_back_in_the_order_of_the_lot(self, market: StoredMarket):
        with market.step():
            market.home.stores.outside.add_lots(MARKET, [LOT])
            market.home.stores.outside.add_uses(MARKET, [use(0, 300)])
            market.home.stores.outside.add_uses(MARKET, [use(300, 1_000)])

        assert market.home.stores.outside.uses(MARKET) == (use(0, 300), use(300, 1_000))

    @pytest.mark.parametrize(
        "wrong",
        [
            [use(0, 300), use(200, 400)],
            [use(0, 300), use(301, 400)],
            [use(0, 300), use(0, 400)],
            [use(0, 300), use(100, 300)],
            [use(1, 300)],
            [use(0, 1_001, quantity_wh=1_001)],
            [use(0, 10, lot_no=2)],
        ],
        ids=["overlap", "gap", "from the start again", "the end again", "not from the start", "beyond", "no such lot"],
    )
    def test_that_do_not_follow_each_other_are_refused_at_commit(self, market: StoredMarket, wrong: list[OutsideUse]):
        with market.step():
            market.home.stores.outside.add_lots(MARKET, [LOT])

        with pytest.raises(IntegrityError), market.step():
            market.home.stores.outside.add_uses(MARKET, wrong)

        assert fetch("SELECT count(*) FROM outside_use") == [(0,)]


class TestAccounts:
    def test_come_back_as_they_were_made(self, market: StoredMarket):
        storage = market.home.stores.storage
        with market.step():
            assert storage.next_storage_no(MARKET) == 1
            storage.add_accounts(MARKET, [ACCOUNT])
        with market.step():
            assert storage.next_storage_no(MARKET) == 2
            storage.add_accounts(MARKET, [following(ACCOUNT)])

        assert storage.accounts(MARKET) == (ACCOUNT, following(ACCOUNT))

    @pytest.mark.parametrize(
        "wrong",
        [
            following(ACCOUNT, carry_in_wh=501, discharged_wh=501),
            following(ACCOUNT, carry_in_wh=499, discharged_wh=499),
            following(ACCOUNT, previous_storage_no=None),
            following(ACCOUNT, previous_storage_no=7),
            following(ACCOUNT, discharged_wh=400),
            following(ACCOUNT, discharged_wh=600),
            following(ACCOUNT, first_date=ACCOUNT.first_date),
            following(ACCOUNT, last_date=ACCOUNT.first_date),
        ],
        ids=[
            "carries more", "carries less", "carried by none", "carried by nobody known", "does not add up",
            "gives more", "the same beginning", "ends before it begins",
        ],
    )  # fmt: skip
    def test_that_do_not_add_up_or_follow_are_refused(self, market: StoredMarket, wrong: StorageAccount):
        with market.step():
            market.home.stores.storage.add_accounts(MARKET, [ACCOUNT])

        with pytest.raises(IntegrityError), market.step():
            market.home.stores.storage.add_accounts(MARKET, [wrong])

        assert market.home.stores.storage.accounts(MARKET) == (ACCOUNT,)

    def test_carry_on_what_is_inside_once_alone(self, market: StoredMarket):
        with market.step():
            market.home.stores.storage.add_accounts(MARKET, [ACCOUNT, following(ACCOUNT)])
        again = following(ACCOUNT, storage_no=3, first_date=DAY + timedelta(days=9), last_date=DAY + timedelta(days=9))

        with pytest.raises(IntegrityError), market.step():
            market.home.stores.storage.add_accounts(MARKET, [again])

    @pytest.mark.parametrize(
        "statement", ["UPDATE storage_account SET loss_wh = loss_wh", "DELETE FROM storage_account"]
    )
    def test_never_change(self, market: StoredMarket, statement: str):
        with market.step():
            market.home.stores.storage.add_accounts(MARKET, [ACCOUNT])

        with pytest.raises(IntegrityError), market.step():
            execute(statement)
