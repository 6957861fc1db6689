"""What is final never changes, whoever asks the database."""

from datetime import date

import pytest
from django.db import IntegrityError, connection

from sanchi.core.base.months import Month
from sanchi.core.certificates.debts import Debt, DebtSettlement
from sanchi.core.certificates.retirement import retire_month
from sanchi.core.certificates.state import Operation
from sanchi.core.settlement.statement import close_month
from sanchi.edge.store.sql import execute, fetch
from sanchi.edge.store.triggers import FREEZES
from tests.edge.store.decided_slots import DECIDED, decide
from tests.edge.store.decoded_deliveries import MIDNIGHT_S, deliver_decoded, parts
from tests.edge.store.deliveries import deliver_nothing
from tests.edge.store.registry_rows import fill_registry
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket, head
from tests.edge.store.told_months import ask_again, tell_month

MONTH = Month.of(DAY)
FROZEN = [freeze.table for freeze in FREEZES]


@pytest.fixture
def full(market: StoredMarket) -> StoredMarket:
    """Fill every frozen table: a day is closed, finalised, retired, documented; something is owed and paid off."""
    deliver_nothing(market)
    deliver_decoded(market, "decoded", parts([MIDNIGHT_S + 60]))
    market.close()
    stores = market.home.stores
    with market.step():
        stores.days.mark_finalised(MARKET, [DAY])
        slices = stores.certificates.active_slices(MARKET, [DAY])
        buyer_nos = set(market.buyer_no.tolist())
        retirement = retire_month(slices=slices, buyer_nos=buyer_nos, month=MONTH, first_claim_no=1)
        stores.certificates.add_claims(MARKET, retirement.claims)
        stores.certificates.apply_changes(MARKET, head(Operation.RETIRE), retirement.changes)
        stores.certificates.add_debts(MARKET, [a_debt()])
        settlement = DebtSettlement(debt_no=1, slot_no=20, settled_wh=5)
        stores.certificates.add_settlements(MARKET, DAY, 1, [settlement])
        closed = close_month(
            market_id=MARKET,
            month=MONTH,
            accruals=stores.ledger.accruals_of_month(MARKET, MONTH),
            unfinalised_dates=(),
            corrected_dates=(),
            remainders_e5yen={},
            tax_permille=100,
        )
        stores.ledger.post(MARKET, closed.transfers)
        stores.ledger.add_statements(MARKET, closed.statements)
        stores.ledger.close_period(MARKET, MONTH, date(2021, 1, 25))
    decide(market, DECIDED)
    tell_month(market)
    ask_again(market)
    fill_registry(market)
    return market


def a_debt() -> Debt:
    from sanchi.core.base.kinds import CertificateKind

    return Debt(
        debt_no=1,
        home_no=1,
        kind=CertificateKind.SURPLUS,
        delivery_date=DAY,
        slot_no=20,
        holder_no=4,
        debt_wh=12,
        home_price_sen_per_kwh=1_000,
        buyer_price_sen_per_kwh=1_100,
        revision=1,
    )


class TestFrozenTable:
    def test_refuses_every_deletion_and_every_change_of_market(self, full: StoredMarket):
        for table in FROZEN:
            rows = fetch(f"SELECT * FROM {table}")
            assert rows, f"{table} is empty, so nothing is proven"
            for attack in (f"DELETE FROM {table}", f"UPDATE {table} SET market = 'other'"):
                with pytest.raises(IntegrityError, match=f"{table}: final rows are never"), full.step():
                    execute(attack)
            assert fetch(f"SELECT * FROM {table}") == rows

    @pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite knows no TRUNCATE")
    def test_refuses_to_be_emptied_at_once(self, full: StoredMarket):
        for table in FROZEN:
            with pytest.raises(IntegrityError, match="never changed"), full.step():
                execute(f"TRUNCATE {table} CASCADE")

    @pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL knows no REPLACE")
    def test_refuses_to_be_replaced(self, full: StoredMarket):
        with pytest.raises(IntegrityError, match="transfer: final rows"), full.step():
            execute("REPLACE INTO transfer SELECT * FROM transfer")


class TestFinalRow:
    @pytest.mark.parametrize(
        "attack",
        [
            "UPDATE slice SET state_no = 1, claim_no = NULL WHERE state_no = 3",
            "UPDATE slice SET holder_no = 1 WHERE state_no = 3",
            "UPDATE account SET debits_posted = debits_posted - 1 WHERE debits_posted > 0",
            "UPDATE account SET credits_posted = 0",
            "UPDATE account SET floor_e5yen = -1",
            "UPDATE market_day SET is_finalised = (1 = 0)",
            "UPDATE market_day SET revision_in_force = 0",
            "UPDATE day_run SET result_digest = 'other'",
            "UPDATE period SET is_closed = (1 = 0)",
            "UPDATE transfer SET amount_e5yen = amount_e5yen + 1",
            "UPDATE statement SET amount_yen = amount_yen",
        ],
    )
    def test_refuses(self, full: StoredMarket, attack: str):
        with pytest.raises(IntegrityError, match="never changed"), full.step():
            execute(attack)


class TestOpenRow:
    def test_may_change_where_it_is_not_final(self, full: StoredMarket):
        with full.step():
            assert execute("UPDATE slice SET state_no = 7 WHERE state_no = 1")
            assert execute("UPDATE account SET debits_posted = debits_posted + 1, credits_posted = credits_posted + 1")
            assert execute("UPDATE market_day SET is_stale = (1 = 1)")
            assert execute("UPDATE day_run SET used_row_count = 5")


class TestMissingTrigger:
    def test_is_noticed(self, full: StoredMarket):
        from sanchi.edge.store.schema import missing_schema, schema_is_current

        name = "transfer_frozen_delete"
        assert missing_schema() == ()
        execute(f"DROP TRIGGER {name}" + (" ON transfer" if connection.vendor == "postgresql" else ""))

        assert missing_schema() == (f"trigger {name}",)
        assert not schema_is_current()

    def test_is_noticed_when_it_was_hollowed_out(self, full: StoredMarket):
        from sanchi.edge.store.schema import missing_schema

        name = "transfer_frozen_update"
        if connection.vendor == "postgresql":
            execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$"
            )
        else:
            execute(f"DROP TRIGGER {name}")
            execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON transfer WHEN false BEGIN SELECT 1; END")

        assert missing_schema() == (f"trigger {name}",)
