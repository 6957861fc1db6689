"""The attack suite: whoever asks the database, no watt-hour is certified, held or used twice without being noticed.

Each attack is refused by the database, or is found by the audit, and then the law is named. None is silently taken.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from sanchi.app.registry.order import OperationOrder
from sanchi.app.registry.retire import retire
from sanchi.app.registry.transfer import transfer
from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.months import Month
from sanchi.core.certificates.claiming import ClaimedUse
from sanchi.core.certificates.requests import Serials
from sanchi.core.certificates.retirement import retire_month
from sanchi.core.certificates.state import CertificateState, Operation
from sanchi.core.certificates.transfer import Transfer
from sanchi.core.certificates.withdrawal import SliceChange
from sanchi.edge.store.sql import execute, fetch
from tests.edge.store.audit.closed_market import ClosedMarket, Forger, closed_market
from tests.edge.store.registry_rows import fill_registry
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket, head
from tests.markets.small_market import MARKET_ID

FIRST = f"{MARKET}/H01-PV/{DAY}/surplus/1"
# What a copy of a certificate takes over; its id and revision follow.
COPIED = (
    "market, home_no, device_id, delivery_date, kind_no, quantity_wh, zero_wh, measurement_grade, ct_class_permille, "
    "commissioning_date, recovered_wh, segments_digest, storage_no"
)
COPY = (
    f"INSERT INTO certificate ({COPIED}, certificate_id, revision, fit_end) SELECT {COPIED}, "
    "{new}, {revision}, {fit_end} FROM certificate WHERE certificate_id = '{id}'"
)
COPY_SLICES = (
    "INSERT INTO slice (market, certificate_id, lo_wh, hi_wh, quantity_wh, holder_no, state_no) "
    "SELECT market, {new}, lo_wh, hi_wh, quantity_wh, holder_no, 1 FROM slice WHERE certificate_id = '{id}'"
)
OF_FIRST = f"certificate_id = '{FIRST}'"
LAST = "hi_wh = quantity_wh"
NO_REFERENCE = "claim_no = NULL, reservation_no = NULL, export_lot_no = NULL, storage_no = NULL"

# Statements of one transaction each; all of them are refused at the latest when it is committed.
REFUSED = {
    "second issue": (
        COPY.format(new="'second'", revision=1, fit_end="fit_end", id=FIRST),
        COPY_SLICES.format(new="'second'", id=FIRST),
    ),
    "issue without slices": (COPY.format(new="'second'", revision=2, fit_end="fit_end", id=FIRST),),
    "surplus inside the tariff": (
        COPY.format(new="'second'", revision=2, fit_end=f"'{DAY + timedelta(days=1)}'", id=FIRST),
        COPY_SLICES.format(new="'second'", id=FIRST),
    ),
    "overlap": (f"UPDATE slice SET hi_wh = hi_wh + 1 WHERE {OF_FIRST} AND lo_wh = 0",),
    "gap": (f"UPDATE slice SET hi_wh = hi_wh - 1 WHERE {OF_FIRST} AND state_no = 1",),
    "vanish": (f"DELETE FROM slice WHERE {OF_FIRST} AND lo_wh = 0",),
    "vanish and close the gap": (
        f"DELETE FROM slice WHERE {OF_FIRST} AND state_no = 1",
        f"UPDATE slice SET hi_wh = quantity_wh WHERE {OF_FIRST} AND lo_wh = 0",
    ),
    "inflate": (f"UPDATE slice SET hi_wh = hi_wh + 5, quantity_wh = quantity_wh + 5 WHERE {OF_FIRST} AND {LAST}",),
    "a consistent change of quantity": (
        f"UPDATE slice SET quantity_wh = quantity_wh + 5 WHERE {OF_FIRST}",
        f"UPDATE slice SET hi_wh = hi_wh + 5 WHERE {OF_FIRST} AND hi_wh + 5 = quantity_wh",
        f"UPDATE certificate SET quantity_wh = quantity_wh + 5 WHERE {OF_FIRST}",
    ),
    "a smaller quantity": (
        f"UPDATE certificate SET quantity_wh = quantity_wh - 1 WHERE {OF_FIRST}",
        f"UPDATE slice SET quantity_wh = quantity_wh - 1 WHERE {OF_FIRST}",
    ),
    "deletion of a certificate with its slices": (
        f"DELETE FROM slice WHERE {OF_FIRST}",
        f"DELETE FROM certificate WHERE {OF_FIRST}",
    ),
    "deletion of a certificate alone": (f"DELETE FROM certificate WHERE {OF_FIRST}",),
    "retire twice": ("UPDATE slice SET claim_no = 2 WHERE claim_no = 1",),
    "retired for nobody": ("UPDATE slice SET state_no = 3 WHERE state_no = 1",),
    "retired for a claim that is not there": ("UPDATE slice SET state_no = 3, claim_no = 99 WHERE state_no = 1",),
    "withdrawal of retired watt-hours": ("UPDATE slice SET state_no = 7, claim_no = NULL WHERE state_no = 3",),
    "final watt-hours given away": ("UPDATE slice SET holder_no = 1 WHERE state_no = 3",),
    "a claim that grows": ("UPDATE claim SET energy_wh = energy_wh + 1",),
    "a claim of somebody else": ("UPDATE claim SET beneficiary_no = 1",),
    "a lot that keeps its remainder": ("UPDATE export_lot SET carry_out_wh = 0",),
    "a remainder carried twice": (
        *[
            "INSERT INTO export_lot (market, lot_no, scheme, holder_no, kind_no, month, unit_wh, unit_count, "
            f"energy_wh, carry_in_wh, carry_out_wh, previous_lot_no) SELECT market, {lot_no}, scheme, holder_no, "
            f"kind_no, '{month}', unit_wh, 0, 1, carry_out_wh, carry_out_wh + 1, lot_no FROM export_lot "
            "WHERE lot_no = 1"
            for lot_no, month in ((2, "2021-01-01"), (3, "2021-02-01"))
        ],
    ),
    "a remainder that was not left": (
        (
            "INSERT INTO export_lot (market, lot_no, scheme, holder_no, kind_no, month, unit_wh, unit_count, "
            "energy_wh, carry_in_wh, carry_out_wh, previous_lot_no) SELECT market, 2, scheme, holder_no, kind_no, "
            "'2021-01-01', unit_wh, 0, 1, carry_out_wh + 1, carry_out_wh + 2, lot_no FROM export_lot WHERE lot_no = 1"
        ),
    ),
    "an operation a second time": (
        (
            "INSERT INTO registry_operation SELECT market, operation_no + 100, operation_id, operation, actor, reason, "
            "body_digest, changes_digest, event_count, energy_wh FROM registry_operation"
        ),
    ),
    "an event of no operation": (
        (
            "INSERT INTO slice_event (market, operation_no, event_no, certificate_id, lo_wh, hi_wh, from_state_no, "
            f"to_state_no, from_holder_no, to_holder_no) VALUES ('{MARKET}', 99, 1, '{FIRST}', 0, 1, 1, 1, 1, 2)"
        ),
    ),
    "an event from a final state": (
        (
            "INSERT INTO slice_event (market, operation_no, event_no, certificate_id, lo_wh, hi_wh, from_state_no, "
            f"to_state_no, from_holder_no, to_holder_no) VALUES ('{MARKET}', 1, 99, '{FIRST}', 0, 1, 3, 1, 1, 2)"
        ),
    ),
    **{
        f"{state.text} made active": (f"UPDATE slice SET state_no = 1, {NO_REFERENCE} WHERE state_no = {int(state)}",)
        for state in CertificateState
        if state not in (CertificateState.ACTIVE, CertificateState.RESERVED)
    },
    **{
        f"{verb} of {table}": (statement.format(table=table),)
        for table in ("slice_event", "registry_operation", "checkpoint", "witness_signature", "claim", "reservation")
        for verb, statement in (("deletion", "DELETE FROM {table}"), ("change", "UPDATE {table} SET market = 'other'"))
    },
    "an event rewritten": ("UPDATE slice_event SET hi_wh = hi_wh + 1",),
    "an operation rewritten": ("UPDATE registry_operation SET changes_digest = 'another', actor = 'another'",),
    "a checkpoint rewritten": ("UPDATE checkpoint SET root = 'another', tree_size = tree_size - 1",),
    "a checkpoint that forks": (
        (
            "INSERT INTO checkpoint (market, checkpoint_no, subject, first_leaf_no, tree_size, root, note) "
            "SELECT market, 9, subject, first_leaf_no, tree_size + 1, root, note FROM checkpoint"
        ),
    ),
}


@pytest.fixture
def traded(market: StoredMarket) -> StoredMarket:
    """Close and finalise a day, and bring slices of it into every state."""
    market.close()
    stores = market.home.stores
    with market.step():
        stores.days.mark_finalised(MARKET, [DAY])
    fill_registry(market)
    with market.step():
        retailer_owned = {market.retailer_no}
        slices = stores.certificates.active_slices(MARKET, [DAY])
        retirement = retire_month(
            slices=slices, buyer_nos={int(market.buyer_no[0])}, month=Month.of(DAY), first_claim_no=1
        )
        stores.certificates.add_claims(MARKET, retirement.claims)
        stores.certificates.apply_changes(MARKET, head(Operation.RETIRE, "retired"), retirement.changes)
        others = [each for each in slices if each.holder_no in retailer_owned]
        ends = (
            (Operation.RESERVE, CertificateState.RESERVED, 1),
            (Operation.EXPIRE, CertificateState.EXPIRED, None),
            (Operation.EXPORT, CertificateState.IN_EXPORT_LOT, 1),
            (Operation.CHARGE, CertificateState.CHARGED, 1),
            (Operation.WITHDRAW, CertificateState.WITHDRAWN, None),
        )
        certificates = [each for each in slices if each.holder_no == int(market.buyer_no[1])][1:]
        assert len(others) + len(certificates) >= len(ends)
        for piece, (operation, state, reference_no) in zip([*certificates, *others], ends, strict=False):
            change = SliceChange(before=piece, after=(piece.in_state(state, reference_no),))
            stores.certificates.apply_changes(MARKET, head(operation, str(operation)), [change])
    return market


def content() -> list[list[tuple]]:
    """Read all that attacks aim at."""
    tables = ("certificate", "slice", "claim", "export_lot", "registry_operation", "slice_event", "checkpoint")
    return [sorted(fetch(f"SELECT * FROM {table}"), key=str) for table in tables]


def run_all(statements: tuple[str, ...]) -> None:
    """Run statements, each of which has to reach a row."""
    for statement in statements:
        assert execute(statement) > 0, f"nothing to attack: {statement}"


class TestDatabase:
    def test_is_attacked_in_every_state(self, traded: StoredMarket):
        assert {state_no for (state_no,) in fetch("SELECT DISTINCT state_no FROM slice")} == set(CertificateState)

    @pytest.mark.parametrize("attack", REFUSED)
    def test_refuses(self, traded: StoredMarket, attack: str):
        before = content()

        with pytest.raises(IntegrityError), traded.step():
            run_all(REFUSED[attack])

        assert content() == before


class TestUseCase:
    def test_refuses_a_transfer_of_what_is_not_held(self, traded: StoredMarket):
        stores = traded.home.stores
        held = stores.certificates.active_slices(MARKET, [DAY])[0]
        taken = Serials(certificate_id=held.certificate_id, lo_wh=held.lo_wh, hi_wh=held.hi_wh)
        theft = Transfer(named=taken, from_holder_no=1 if held.holder_no != 1 else 2, to_holder_no=3)

        self.refused(traded, RefusalRule.NOT_HOLDER, lambda order: transfer(stores, MARKET, order, [theft]))

    def test_refuses_to_retire_twice(self, traded: StoredMarket):
        stores, buyer_no = traded.home.stores, int(traded.buyer_no[0])
        ((certificate_id, lo_wh, hi_wh),) = fetch(
            "SELECT certificate_id, lo_wh, hi_wh FROM slice WHERE state_no = 3 ORDER BY certificate_id LIMIT 1"
        )
        again = Serials(certificate_id=certificate_id, lo_wh=lo_wh, hi_wh=hi_wh)
        use = ClaimedUse(beneficiary_no=buyer_no, used_from=DAY, used_until=DAY)

        self.refused(
            traded, RefusalRule.ALREADY_FINAL, lambda order: retire(stores, MARKET, order, [again], use, today=DAY)
        )

    @staticmethod
    def refused(market: StoredMarket, rule: RefusalRule, attack) -> None:
        order = OperationOrder(operation_id="attack", actor="somebody", reason="")
        before = content()
        with pytest.raises(Refused) as refusal, market.step():
            attack(order)
        assert refusal.value.rule is rule
        assert content() == before


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[ClosedMarket]:
    """Give the closed and traded market of the audit's tests."""
    yield from closed_market(tmp_path_factory, django_db_blocker, has_decoded=True)


@contextmanager
def accepted(market: ClosedMarket) -> Iterator[Forger]:
    """Attack with all guards in force, as far as the commit; afterwards all is as it was."""
    with transaction.atomic():
        yield Forger(market=market)
        transaction.set_rollback(True)


# What a programme with a password may do to rows that are not final: the database takes it, the audit names it.
ISSUED_BESIDE = (
    COPY.format(new="'beside'", revision=2, fit_end="fit_end", id="{id}"),
    COPY_SLICES.format(new="'beside'", id="{id}"),
)
FOUND = {
    "transfer without an operation": (
        ("UPDATE slice SET holder_no = 1 + holder_no %% 3 WHERE state_no = 1 AND certificate_id = '{id}'",),
        {"REPLAYED"},
    ),
    "retirement for a claim of before": (
        ("UPDATE slice SET state_no = 3, claim_no = 1 WHERE state_no = 1 AND certificate_id = '{id}'",),
        {"REPLAYED", "CLAIMED"},
    ),
    "withdrawal without a correction": (
        ("UPDATE slice SET state_no = 7 WHERE state_no = 1 AND certificate_id = '{id}'",),
        {"REPLAYED", "CERTIFIED", "HELD"},
    ),
    "expiry without an operation": (
        ("UPDATE slice SET state_no = 4 WHERE state_no = 1 AND certificate_id = '{id}'",),
        {"REPLAYED"},
    ),
    "a promise without an operation": (
        ("UPDATE slice SET state_no = 2, reservation_no = 1 WHERE state_no = 1 AND certificate_id = '{id}'",),
        {"REPLAYED"},
    ),
    "more in a lot than it says": (
        ("UPDATE slice SET state_no = 5, export_lot_no = 1 WHERE state_no = 1 AND certificate_id = '{id}'",),
        {"REPLAYED", "EXPORT_LOTS"},
    ),
    "an operation invented": (
        (
            (
                "INSERT INTO registry_operation SELECT market, 100, 'invented', operation, actor, reason, body_digest, "
                "changes_digest, event_count, energy_wh FROM registry_operation WHERE operation_no = 1"
            ),
        ),
        {"OPERATIONS"},
    ),
    "self and surplus above generation": (ISSUED_BESIDE, {"CERTIFIED", "GENERATED", "SEGMENTS_TILE", "REPLAYED"}),
}

# Self-consumption of a day that is not final, withdrawn when the claim came, and certified again all the same.
CLAIMED_DATE = "2020-12-01"
CLAIM = (
    "INSERT INTO outside_claim (market, claim_id, home_no, kind_no, scheme, first_date, until_date, reference) "
    "SELECT market, 'club-7', party_no, {kind_no}, 'J_CREDIT', '{first}', '{until}', '' FROM party WHERE party_no = 1"
)
WITHDRAWN = "UPDATE slice SET state_no = 7 WHERE state_no = 1 AND certificate_id = '{id}'"
RUN = (
    "is_home_only, result_digest, used_row_count, superseded_row_count, set_aside_row_count, readings_digest, "
    "readings_delivery_no_max"
)
ISSUED_AGAIN = (
    (
        f"INSERT INTO day_run (market, delivery_date, revision, {RUN}) SELECT market, delivery_date, 2, {RUN} "
        f"FROM day_run WHERE delivery_date = '{CLAIMED_DATE}'"
    ),
    COPY.format(new="'again'", revision=2, fit_end="fit_end", id="{id}"),
    COPY_SLICES.format(new="'again'", id="{id}"),
)


class TestAudit:
    @pytest.mark.parametrize("attack", FOUND)
    def test_finds_what_the_database_takes(self, books: ClosedMarket, attack: str):
        statements, laws = FOUND[attack]
        ((certificate_id,),) = fetch(
            "SELECT certificate_id FROM certificate WHERE home_no = 3 AND kind_no = 1 AND delivery_date = '2020-11-29'"
            if attack == "self and surplus above generation"
            else "SELECT certificate_id FROM slice JOIN certificate USING (certificate_id) WHERE state_no = 1 "
            "AND delivery_date = '2020-12-01' ORDER BY certificate_id LIMIT 1"
        )

        with accepted(books) as forger:
            for statement in statements:
                assert execute(statement.format(id=certificate_id)) > 0
            connection.check_constraints()
            broken = forger.broken_laws()

        assert laws <= set(broken), f"{attack}: {set(broken)}"

    @pytest.mark.parametrize(
        ("claim", "is_inside"),
        [
            ({"kind_no": 2, "first": CLAIMED_DATE, "until": "2020-12-31"}, True),
            ({"kind_no": 2, "first": "2020-11-30", "until": "2020-12-02"}, True),
            ({"kind_no": 2, "first": "2020-11-30", "until": CLAIMED_DATE}, False),
            ({"kind_no": 2, "first": "2020-12-02", "until": "2020-12-31"}, False),
            ({"kind_no": 1, "first": CLAIMED_DATE, "until": "2020-12-02"}, False),
        ],
        ids=["its first day", "its last day", "the day after it", "the day before it", "a claim of surplus"],
    )
    def test_finds_self_consumption_certified_inside_an_outside_claim(
        self, books: ClosedMarket, claim: dict[str, Any], is_inside: bool
    ):
        certificate_id = f"{MARKET_ID}/H1-PV/{CLAIMED_DATE}/self_consumption/1"
        with accepted(books):
            told = []
            for statements in ((CLAIM.format(**claim), WITHDRAWN), ISSUED_AGAIN):
                for statement in statements:
                    assert execute(statement.format(id=certificate_id)) > 0
                connection.check_constraints()
                # The claim lies on other days of the home as well.
                lines = books.laws()["OUTSIDE_CLAIM"].broken_examples
                told.append([line for line in lines if line.startswith((certificate_id, "again"))])

        assert [len(lines) for lines in told] == [0, is_inside]
        assert all("of home H1:" in line and "claim club-7 (J_CREDIT)" in line for line in told[1])

    @pytest.mark.parametrize(
        ("statements", "law"),
        [
            (("DELETE FROM slice_event WHERE operation_no = 2",), "OPERATIONS"),
            (
                (
                    "DELETE FROM slice_event WHERE operation_no = 3",
                    "DELETE FROM registry_operation WHERE operation_no = 3",
                ),
                "REPLAYED",
            ),
            (("UPDATE slice SET state_no = 1, claim_no = NULL WHERE state_no = 3",), "CLAIMED"),
            (("UPDATE slice SET state_no = 1 WHERE state_no = 7",), "CERTIFIED"),
            (
                (
                    "DELETE FROM slice WHERE certificate_id = '{id}'",
                    "DELETE FROM certificate WHERE certificate_id = '{id}'",
                ),
                "CERTIFIED",
            ),
            (
                (
                    "UPDATE certificate SET quantity_wh = quantity_wh + 5 WHERE certificate_id = '{id}'",
                    "UPDATE slice SET quantity_wh = quantity_wh + 5 WHERE certificate_id = '{id}'",
                    "UPDATE slice SET hi_wh = quantity_wh WHERE certificate_id = '{id}' AND hi_wh = quantity_wh - 5",
                ),
                "CERTIFIED",
            ),
        ],
    )
    def test_finds_what_was_done_when_the_guards_were_down(self, books: ClosedMarket, statements, law: str):
        ((certificate_id,),) = fetch(
            "SELECT certificate_id FROM certificate WHERE delivery_date = '2020-12-01' ORDER BY certificate_id LIMIT 1"
        )

        with books.falsified() as forger:
            for statement in statements:
                forger.sql(statement.format(id=certificate_id))
            broken = forger.broken_laws()

        assert law in broken
