"""The chain: slices tile their certificate, and the database itself refuses everything else at commit."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, models
from django.db.migrations import AddField, RemoveField
from django.db.migrations.loader import MigrationLoader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanchi.core.base.ids import CertificateId
from sanchi.core.certificates.certificate import are_tiling
from sanchi.edge.store.certificate_rows import CERTIFICATE as CERTIFICATE_COLUMNS
from sanchi.edge.store.certificate_rows import SLICE as SLICE_COLUMNS
from sanchi.edge.store.certificate_rows import certificate_row
from sanchi.edge.store.constraints import CompositeForeignKey
from sanchi.edge.store.schema import missing_schema
from sanchi.edge.store.sql import execute, fetch, fetch_number, insert
from sanchi.edge.store.triggers import create_triggers, drop_triggers
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket

# What a copy of a certificate takes over; the other columns are generated.
COPIED = (
    "certificate_id", "market", "home_no", "device_id", "delivery_date", "kind_no", "revision", "quantity_wh",
    "zero_wh", "measurement_grade", "ct_class_permille", "commissioning_date", "fit_end", "recovered_wh",
    "segments_digest", "storage_no",
)  # fmt: skip


def copied(**changes: str) -> str:
    """Write how a certificate is copied with some columns changed."""
    taken = ", ".join(changes.get(column, column) for column in COPIED)
    into = f"INSERT INTO certificate ({', '.join(COPIED)})"
    return f"{into} SELECT {taken} FROM certificate WHERE certificate_id = '{{id}}'"


# Each is a programme that gets its arithmetic wrong; {id} has three slices, the middle one is meant where it matters.
ATTACKS = {
    "gap": "UPDATE slice SET hi_wh = hi_wh - 1 WHERE certificate_id = '{id}' AND lo_wh = 0",
    "overlap": "UPDATE slice SET hi_wh = hi_wh + 1 WHERE certificate_id = '{id}' AND lo_wh = 0",
    "vanish first": "DELETE FROM slice WHERE certificate_id = '{id}' AND lo_wh = 0",
    "vanish last": "DELETE FROM slice WHERE certificate_id = '{id}' AND hi_wh = quantity_wh",
    "vanish all": "DELETE FROM slice WHERE certificate_id = '{id}'",
    "inflate last": "UPDATE slice SET hi_wh = hi_wh + 1, quantity_wh = quantity_wh + 1 "
    "WHERE certificate_id = '{id}' AND hi_wh = quantity_wh",
    "reach beyond": "UPDATE slice SET hi_wh = hi_wh + 1 WHERE certificate_id = '{id}' AND hi_wh = quantity_wh",
    "double spend": "INSERT INTO slice (market, certificate_id, lo_wh, hi_wh, quantity_wh, holder_no, state_no) "
    "SELECT market, certificate_id, lo_wh + 1, hi_wh, quantity_wh, holder_no, state_no FROM slice "
    "WHERE certificate_id = '{id}' AND lo_wh = 0",
    "side chain": "INSERT INTO slice (market, certificate_id, lo_wh, hi_wh, quantity_wh, holder_no, state_no) "
    "SELECT market, certificate_id, lo_wh + 1, lo_wh + 2, quantity_wh, holder_no, state_no FROM slice "
    "WHERE certificate_id = '{id}' AND lo_wh = 0",
    "empty slice": "UPDATE slice SET hi_wh = lo_wh WHERE certificate_id = '{id}' AND lo_wh = 0",
    "holder unknown": "UPDATE slice SET holder_no = 99 WHERE certificate_id = '{id}'",
    "retired without claim": "UPDATE slice SET state_no = 3 WHERE certificate_id = '{id}'",
    "reserved without reservation": "UPDATE slice SET state_no = 2 WHERE certificate_id = '{id}'",
    "exported without a lot": "UPDATE slice SET state_no = 5 WHERE certificate_id = '{id}'",
    "charged without storage": "UPDATE slice SET state_no = 6 WHERE certificate_id = '{id}'",
    "reservation unknown": "UPDATE slice SET state_no = 2, reservation_no = 9 WHERE certificate_id = '{id}'",
    "claim without use": "UPDATE slice SET claim_no = 1 WHERE certificate_id = '{id}'",
    "state unknown": "UPDATE slice SET state_no = 8 WHERE certificate_id = '{id}'",
    "certificate grows": "UPDATE certificate SET quantity_wh = quantity_wh + 1 WHERE certificate_id = '{id}'",
    "certificate without slices": copied(certificate_id="'other'", revision="2"),
    "second issue": copied(certificate_id="'other'"),
    "before the plant began": "UPDATE certificate SET commissioning_date = '2020-12-06' WHERE certificate_id = '{id}'",
    "surplus before the FIT ends": "UPDATE certificate SET fit_end = '2020-12-06' WHERE certificate_id = '{id}'",
}
CERTIFICATE = f"{MARKET}/H01-PV/{DAY}/surplus/1"


@pytest.fixture
def thawed(market: StoredMarket) -> StoredMarket:
    """Take the triggers away: the constraints have to hold by themselves."""
    market.close()
    with market.step():
        market.home.stores.days.save_outcome(MARKET, market.outcome(revision=2))
    drop_triggers()
    return market


def assert_refused(market: StoredMarket, attack: str) -> None:
    before = fetch("SELECT * FROM slice ORDER BY certificate_id, lo_wh")
    with pytest.raises(IntegrityError), market.step():
        assert execute(ATTACKS[attack].format(id=CERTIFICATE)) > 0
    assert fetch("SELECT * FROM slice ORDER BY certificate_id, lo_wh") == before


class TestChain:
    @pytest.mark.parametrize("attack", ATTACKS)
    def test_refuses(self, thawed: StoredMarket, attack: str):
        assert_refused(thawed, attack)

    def test_lets_a_slice_be_cut(self, thawed: StoredMarket):
        with thawed.step():
            execute("UPDATE slice SET hi_wh = 7 WHERE certificate_id = %s AND lo_wh = 0", [CERTIFICATE])
            (hi_wh,) = fetch("SELECT min(lo_wh) FROM slice WHERE certificate_id = %s AND lo_wh > 0", [CERTIFICATE])[0]
            execute(
                "INSERT INTO slice (market, certificate_id, lo_wh, hi_wh, quantity_wh, holder_no, state_no) "
                "SELECT market, certificate_id, 7, %s, quantity_wh, holder_no, 7 FROM slice "
                "WHERE certificate_id = %s AND lo_wh = 0",
                [hi_wh, CERTIFICATE],
            )

        widths = fetch(
            "SELECT sum(hi_wh - lo_wh), max(quantity_wh) FROM slice WHERE certificate_id = %s", [CERTIFICATE]
        )
        assert int(widths[0][0]) == widths[0][1]


class TestAnyRanges:
    """Of all sets of ranges the database takes exactly those that tile the certificate."""

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
    @given(
        quantity_wh=st.integers(1, 5),
        ranges_wh=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6)), max_size=4, unique=True),
        is_tiling=st.booleans(),
        cuts_wh=st.sets(st.integers(1, 4)),
    )
    def test_are_taken_if_and_only_if_they_tile(self, market: StoredMarket, quantity_wh, ranges_wh, is_tiling, cuts_wh):
        if is_tiling:
            bounds_wh = [0, *sorted(cut_wh for cut_wh in cuts_wh if cut_wh < quantity_wh), quantity_wh]
            ranges_wh = list(pairwise(bounds_wh))

        is_taken = take(market, quantity_wh, ranges_wh)

        assert is_taken == are_tiling(ranges_wh, 0, quantity_wh)
        assert is_taken or not is_tiling


def take(market: StoredMarket, quantity_wh: int, ranges_wh: list[tuple[int, int]]) -> bool:
    """Store a certificate of one more revision with these slices; tell whether the database took it."""
    revision = 1 + fetch_number("SELECT max(revision) FROM day_run")
    certificate = replace(
        market.issue(market.outcome()).certificates[0],
        certificate_id=CertificateId(f"{MARKET}/{revision}"),
        revision=revision,
        quantity_wh=quantity_wh,
    )
    run = ("market", "delivery_date", "revision", "is_home_only", "result_digest", "used_row_count")
    counts = ("superseded_row_count", "set_aside_row_count", "readings_delivery_no_max", "readings_digest")
    of_nothing = [None] * (len(SLICE_COLUMNS) - 7)
    slices = [
        (MARKET, certificate.certificate_id, lo_wh, hi_wh, quantity_wh, 1, 1, *of_nothing) for lo_wh, hi_wh in ranges_wh
    ]
    try:
        with market.step():
            insert("day_run", (*run, *counts), [(MARKET, DAY, revision, False, "", 0, 0, 0, 0, "")])
            insert("certificate", CERTIFICATE_COLUMNS, [certificate_row(MARKET, certificate)])
            insert("slice", SLICE_COLUMNS, slices)
    except IntegrityError:
        return False
    return True


class TestRebuiltTable:
    """A later migration rebuilds tables on SQLite, and drops all triggers with the old ones."""

    @pytest.fixture(autouse=True)
    def rebuilt(self, thawed: StoredMarket) -> Iterator[None]:
        create_triggers()
        state = MigrationLoader(connection).project_state()
        added = [AddField(model, "remark", models.TextField(default="-")) for model in ("slice", "certificate")]
        removed = [RemoveField(model, "remark") for model in ("slice", "certificate")]
        state = _run(state, added)
        yield
        drop_triggers()
        _run(state, removed)

    @pytest.mark.parametrize("attack", ["gap", "overlap", "vanish all", "inflate last", "claim without use"])
    def test_keeps_its_constraints(self, thawed: StoredMarket, attack: str):
        drop_triggers()

        assert_refused(thawed, attack)

    def test_gets_its_triggers_back(self, thawed: StoredMarket):
        create_triggers()

        assert missing_schema() == ()
        with pytest.raises(IntegrityError, match="never changed"), thawed.step():
            execute("UPDATE certificate SET remark = 'x'")

    @pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite rebuilds tables")
    def test_without_its_triggers_is_noticed(self):
        assert "trigger slice_frozen_update" in missing_schema()


def _run(state, operations):
    """Run operations of a migration one after the other; returns the state after them."""
    for operation in operations:
        after = state.clone()
        operation.state_forwards("store", after)
        with connection.schema_editor() as editor:
            operation.database_forwards("store", editor, state, after)
        state = after
    return state


class TestCompositeForeignKey:
    KEY = CompositeForeignKey(name="k", columns=("a", "b"), table="t", references=("c", "d"))

    def test_is_written_down_whole(self):
        path, args, kwargs = self.KEY.deconstruct()

        assert path == "sanchi.edge.store.constraints.CompositeForeignKey"
        assert CompositeForeignKey(*args, **kwargs) == self.KEY

    def test_differs_by_what_it_refers_to(self):
        assert CompositeForeignKey(name="k", columns=("a", "b"), table="t", references=("c", "e")) != self.KEY

    def test_needs_as_many_references_as_columns(self):
        with pytest.raises(AssertionError, match="cannot refer"):
            CompositeForeignKey(name="k", columns=("a", "b"), table="t", references=("c",))

    def test_can_be_dropped_and_added(self, transactional_db: None):
        from sanchi.edge.store.models import Claim

        key = next(each for each in Claim._meta.constraints if each.name == "claim_beneficiary_no_fk")
        drop_triggers()
        with connection.schema_editor() as editor:
            editor.remove_constraint(Claim, key)
            editor.add_constraint(Claim, key)
        create_triggers()

        assert missing_schema() == ()
        drop_triggers()
