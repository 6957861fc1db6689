"""Certificates as EnergyTag bundles: they keep the schema and tile every certificate; tracking carries remainders."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sanchi.core.base.errors import UnknownRecord
from sanchi.core.certificates.state import CertificateState
from sanchi.edge.store.energytag import STATUS
from sanchi.edge.store.exports import StoredTableExporter
from sanchi.edge.store.sql import fetch
from tests.edge.store.audit.closed_market import ClosedMarket, closed_market
from tests.edge.store.audit.forging import CORRECTED, PAYING
from tests.markets.small_market import MARKET_ID

SCHEMA = json.loads((files("sanchi.edge.store") / "schemas" / "energytag.schema.json").read_text())


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[ClosedMarket]:
    yield from closed_market(tmp_path_factory, django_db_blocker)


@pytest.fixture
def document(market: ClosedMarket, tmp_path: Path) -> dict[str, Any]:
    target = tmp_path / "energytag.json"
    count = StoredTableExporter(market.lake.root).write(MARKET_ID, "energytag", CORRECTED, PAYING, "json", target)
    read: dict[str, Any] = json.loads(target.read_text())
    assert len(read["bundles"]) == count > 0
    return read


class TestBundles:
    def test_keep_the_schema(self, document):
        jsonschema.Draft202012Validator(SCHEMA).validate(document)

    def test_schema_notices_a_lost_attribute_and_an_invented_status(self, document):
        lost, invented = document["bundles"][0], document["bundles"][1]
        del lost["production_starting_interval"]
        invented["certificate_bundle_status"] = "Sold"

        found = [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)]

        assert len(found) == 2
        assert "production_starting_interval" in found[0]
        assert "Sold" in found[1]

    def test_tile_each_certificate_with_both_ends_included(self, document):
        ranges = defaultdict(list)
        for bundle in document["bundles"]:
            start, end = bundle["bundle_id_range_start"], bundle["bundle_id_range_end"]
            assert end - start + 1 == bundle["bundle_quantity_wh"] > 0
            ranges[bundle["certificate_id"]].append((start, end))
        quantities = dict(fetch("SELECT certificate_id, quantity_wh FROM certificate"))

        assert set(ranges) == set(quantities)
        for certificate_id, parts in ranges.items():
            ends = [-1, *(end for _start, end in sorted(parts))]
            assert [start for start, _end in sorted(parts)] == [end + 1 for end in ends[:-1]]
            assert ends[-1] == quantities[certificate_id] - 1

    def test_have_the_half_hours_that_were_allocated(self, market: ClosedMarket, document):
        live: dict[tuple[str, str], int] = defaultdict(int)
        for bundle in document["bundles"]:
            if bundle["certificate_bundle_status"] != "Withdrawn" and bundle["value_kind"] == "surplus":
                live[bundle["device_id"], bundle["production_starting_interval"]] += bundle["bundle_quantity_wh"]
        outcome = market.installation.stores.days.outcome(MARKET_ID, PAYING)
        assert outcome is not None
        rows = outcome.allocated.take(outcome.allocated.kind_no == 1)
        devices: dict[int, str] = dict(fetch("SELECT home_no, device_id FROM plant"))

        for (home_no, slot_no), energy_wh in rows.totals_by("home_no", "slot_no").items():
            start = datetime(2020, 12, 1, 15, tzinfo=UTC) + timedelta(minutes=30 * (slot_no - 1))
            assert live[devices[home_no], f"{start:%Y-%m-%dT%H:%M:%SZ}"] == energy_wh

    def test_last_half_an_hour_in_utc(self, document):
        for bundle in document["bundles"]:
            start, end = (
                datetime.fromisoformat(bundle[f"production_{side}_interval"]) for side in ("starting", "ending")
            )
            assert end - start == timedelta(minutes=30)
            assert start.utcoffset() == timedelta()

    def test_name_a_beneficiary_where_they_are_claimed_and_nowhere_else(self, document):
        for bundle in document["bundles"]:
            assert (bundle["beneficiary"] is not None) == (bundle["certificate_bundle_status"] == "Claimed")
        assert {bundle["certificate_bundle_status"] for bundle in document["bundles"]} == {
            "Active", "Claimed", "Withdrawn",
        }  # fmt: skip

    def test_are_of_the_devices_that_are_listed(self, document):
        listed = [device["device_id"] for device in document["devices"]]

        assert len(set(listed)) == len(listed)
        assert {bundle["device_id"] for bundle in document["bundles"]} == set(listed)

    def test_are_the_same_bytes_again(self, market: ClosedMarket, tmp_path: Path):
        for name in ("first", "second"):
            StoredTableExporter(market.lake.root).write(
                MARKET_ID, "energytag", CORRECTED, CORRECTED, "json", tmp_path / name
            )

        assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()

    def test_are_no_table_of_csv(self, market: ClosedMarket, tmp_path: Path):
        with pytest.raises(UnknownRecord, match="no table energytag as csv"):
            StoredTableExporter(market.lake.root).write(
                MARKET_ID, "energytag", CORRECTED, PAYING, "csv", tmp_path / "x"
            )

    def test_know_every_state(self):
        assert set(STATUS) == set(CertificateState)


class TestTracking:
    def rows(self, market: ClosedMarket, target: Path) -> list[dict[str, str]]:
        StoredTableExporter(market.lake.root).write(MARKET_ID, "tracking", CORRECTED, PAYING, "csv", target)
        return list(csv.DictReader(target.read_text().splitlines()))

    def test_adds_up_to_the_claims(self, market: ClosedMarket, tmp_path: Path):
        rows = self.rows(market, tmp_path / "tracking.csv")

        assert sum(int(row["energy_wh"]) for row in rows) == fetch("SELECT sum(energy_wh) FROM claim")[0][0]

    def test_carries_what_is_short_of_a_kilowatt_hour(self, market: ClosedMarket, tmp_path: Path):
        carried: dict[tuple[str, ...], int] = defaultdict(int)
        for row in self.rows(market, tmp_path / "tracking.csv"):
            key = row["home_id"], row["kind"], row["buyer_id"]
            carried_in, energy, units, carried_out = (
                int(row[name]) for name in ("carried_in_wh", "energy_wh", "energy_kwh", "carried_out_wh")
            )
            assert carried_in == carried[key]
            assert carried_in + energy == units * 1_000 + carried_out
            assert 0 <= carried_out < 1_000
            carried[key] = carried_out
        assert any(carried.values())
