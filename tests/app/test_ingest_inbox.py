"""Files dropped into a folder are taken once each, in the order of their names, and none stops the others."""

from pathlib import Path

import pytest

from sanchi.app.ingest import IngestReport
from sanchi.app.ingest_inbox import RefusedFile, ingest_inbox
from sanchi.core.base.errors import StepBusy, UnknownRecord, UnreadableDelivery
from sanchi.core.base.ids import MarketId
from tests.core.metering.formats.pages import block, reading
from tests.fakes.inbox import addressed_town, ct_line, gateway_line, write_lines
from tests.fakes.market_folder import TOWN


@pytest.fixture
def town(tmp_path):
    return addressed_town(tmp_path / "market")


@pytest.fixture
def inbox(tmp_path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def take(town, inbox: Path, named_id: MarketId | None = None) -> list[IngestReport | RefusedFile]:
    return list(ingest_inbox(town.installation, inbox, named_id))


class TestInbox:
    def test_is_emptied_in_the_order_of_names(self, town, inbox):
        write_lines(inbox, "gatewaycloud-1.jsonl", [gateway_line(reading())])
        write_lines(inbox, "ctcloud-2.jsonl", [ct_line(block())])
        write_lines(inbox, "ctcloud-1.jsonl", [ct_line()])

        reports = take(town, inbox)

        taken = ["ctcloud-1.jsonl", "ctcloud-2.jsonl", "gatewaycloud-1.jsonl"]
        assert [report.file_name for report in reports] == taken
        assert names(inbox) == []
        assert names(inbox / "taken") == taken
        assert town.steps[-3:] == [(TOWN, "ingest", "files")] * 3

    def test_keeps_what_cannot_be_taken_with_the_reason(self, town, inbox):
        (inbox / "registers-1.csv").write_text("a,b\n", encoding="utf-8")
        (inbox / "letter.txt").write_text("hello", encoding="utf-8")
        write_lines(inbox, "zctcloud.jsonl", [])
        write_lines(inbox, "ctcloud-1.csv", [ct_line(block())])
        write_lines(inbox, "events-1.jsonl", [])
        write_lines(inbox, "sklines-1.jsonl", ["{"])

        reports = take(town, inbox)

        refused = [report.file_name for report in reports if isinstance(report, RefusedFile)]
        assert refused == ["ctcloud-1.csv", "events-1.jsonl", "letter.txt", "registers-1.csv", "zctcloud.jsonl"]
        assert names(inbox / "taken") == ["sklines-1.jsonl"]
        reason = (inbox / "refused" / "registers-1.csv.reason.txt").read_text(encoding="utf-8")
        assert reason.startswith("registers-1.csv misses meter_id")
        assert "Expected columns" in reason
        assert names(inbox) == []

    def test_leaves_files_that_are_being_written(self, town, inbox):
        for name in ("ctcloud-1.jsonl.part", ".ctcloud-2.jsonl", "columns.toml"):
            write_lines(inbox, name, [ct_line(block())])

        assert take(town, inbox) == []
        assert names(inbox) == [".ctcloud-2.jsonl", "columns.toml", "ctcloud-1.jsonl.part"]

    def test_of_a_process_killed_before_it_moved_a_file_takes_nothing_twice(self, town, inbox):
        path = write_lines(inbox, "ctcloud-1.jsonl", [ct_line(block())])
        town.take(path)

        (report,) = take(town, inbox)

        assert isinstance(report, IngestReport)
        assert report.is_already_taken
        assert names(inbox / "taken") == ["ctcloud-1.jsonl"]

    def test_overwrites_no_file_of_the_same_name(self, town, inbox):
        for power in (100, 200, 200):
            write_lines(inbox, "ctcloud-1.jsonl", [ct_line(block(pv_w=[power] * 30))])
            take(town, inbox)

        assert names(inbox / "taken") == ["ctcloud-1.jsonl", "ctcloud-1.jsonl.2"]

    def test_stays_as_it_is_where_the_fault_is_none_of_a_file(self, town, inbox):
        write_lines(inbox, "ctcloud-1.jsonl", [ct_line(block())])

        with pytest.raises(UnknownRecord, match="no market elsewhere"):
            take(town, inbox, MarketId("elsewhere"))

        def busy(*_):
            raise StepBusy("Another process takes files.")

        town.installation.run_step = busy
        with pytest.raises(StepBusy):
            take(town, inbox)
        assert names(inbox) == ["ctcloud-1.jsonl"]

    def test_has_to_be_a_folder(self, town, tmp_path):
        with pytest.raises(UnreadableDelivery, match="is no folder"):
            take(town, tmp_path / "nowhere")
