"""Files of the inbox are whole, are never written over, and sort in the order of writing."""

import json
import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sanchi.core.base.errors import SetupFault
from sanchi.core.base.slots import JST
from sanchi.edge.connectors.gathering import Gathering
from sanchi.edge.connectors.inbox import SEQUENCE_BLOCK, Inbox, InboxBusy
from sanchi.edge.connectors.resuming import StateFile
from tests.edge.connectors.small_world import RECEIVED_AT


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.is_file())


class TestName:
    def test_says_kind_connector_stamp_and_number(self, inbox: Inbox):
        name, size = inbox.write("frames", "gw-east", [b"{}\n", b"{}\n"])

        assert name == "frames-gw-east-20201201T063000Z-000000000.jsonl"
        assert (inbox.folder / name).read_bytes() == b"{}\n{}\n"
        assert size == 6

    def test_sorts_in_the_order_of_writing_though_the_clock_runs_backwards(self, tmp_path: Path):
        instants = iter([RECEIVED_AT, RECEIVED_AT - timedelta(days=1), RECEIVED_AT + timedelta(days=1)] * 5)
        with Inbox(tmp_path, lambda: next(instants)).opened() as inbox:
            written = [inbox.write("frames", "gw", [b"x"])[0] for _ in range(15)]

        assert names(tmp_path) == written

    def test_is_never_given_twice_though_files_were_taken_away(self, tmp_path: Path):
        given = set()
        for _ in range(5):
            with Inbox(tmp_path, lambda: RECEIVED_AT).opened() as inbox:
                name, _ = inbox.write("frames", "gw", [b"x"])
            (tmp_path / name).unlink()
            given.add(name)

        assert len(given) == 5

    def test_goes_on_behind_the_files_that_are_there_though_the_count_was_lost(self, tmp_path: Path):
        later = "frames-gw-20301201T063000Z-000004711.jsonl"
        (tmp_path / later).write_bytes(b"kept")
        with Inbox(tmp_path, lambda: RECEIVED_AT).opened() as inbox:
            name, _ = inbox.write("frames", "gw", [b"x"])

        assert name > later
        assert (tmp_path / later).read_bytes() == b"kept"

    def test_of_more_files_than_a_block_of_numbers_stays_one_of_its_kind(self, inbox: Inbox, monkeypatch):
        monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
        written = [inbox.write("frames", "gw", [b"x"])[0] for _ in range(SEQUENCE_BLOCK + 5)]

        assert len(set(written)) == len(written)

    def test_of_threads_that_write_at_once_is_one_of_its_kind(self, inbox: Inbox):
        def write_some() -> None:
            for _ in range(20):
                inbox.write("frames", "gw", [b"x"])

        threads = [threading.Thread(target=write_some) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(names(inbox.folder)) == 80


class TestInbox:
    def test_refuses_a_second_writer(self, inbox: Inbox):
        with pytest.raises(InboxBusy), Inbox(inbox.folder, lambda: RECEIVED_AT).opened():
            pass

    def test_removes_what_was_half_written_and_nothing_else(self, tmp_path: Path):
        (tmp_path / ".frames-gw-1.jsonl.part").write_bytes(b"half")
        (tmp_path / "frames-gw-0.jsonl").write_bytes(b"whole")
        with Inbox(tmp_path, lambda: RECEIVED_AT).opened():
            pass

        assert names(tmp_path) == ["frames-gw-0.jsonl"]

    def test_shows_no_part_when_the_disk_is_full(self, inbox: Inbox, monkeypatch):
        inbox.write("frames", "gw", [b"x"])

        def full(_descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            inbox.write("frames", "gw", [b"y"])

        assert len(list(inbox.folder.glob("*"))) == 2  # the first file and the hidden folder

    def test_names_a_count_that_cannot_be_read(self, tmp_path: Path):
        (tmp_path / ".collect").mkdir()
        (tmp_path / ".collect" / "sequence.json").write_text("{}")

        with pytest.raises(SetupFault, match="count of files"), Inbox(tmp_path, lambda: RECEIVED_AT).opened():
            pass

    def test_names_a_folder_that_cannot_be_made(self, tmp_path: Path):
        (tmp_path / "file").touch()

        with pytest.raises(SetupFault, match="cannot be written"):
            Inbox(tmp_path / "file" / "inbox", lambda: RECEIVED_AT).opened().__enter__()


class TestGathering:
    def test_keeps_its_lines_when_the_file_cannot_be_written(self, inbox: Inbox, monkeypatch):
        gathering = Gathering(inbox, "gw", "mqtt")
        gathering.add("frames", {"frame": "00"})
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", lambda _descriptor: (_ for _ in ()).throw(OSError(28, "full")))
            with pytest.raises(OSError, match="full"):
                gathering.write()
        gathering.write()

        (file,) = inbox.folder.glob("frames-*")
        assert json.loads(file.read_text()) == {"frame": "00"}

    def test_writes_names_that_are_no_text_of_utf_8(self, inbox: Inbox):
        gathering = Gathering(inbox, "gw", "mqtt")
        gathering.add("frames", {"gateway": "half \ud800"})
        gathering.write()

        (file,) = inbox.folder.glob("frames-*")
        assert json.loads(file.read_text()) == {"gateway": "half \ud800"}


class TestStateFile:
    def test_is_read_as_it_was_written(self, tmp_path: Path):
        StateFile(tmp_path, "ct").write({"cursor": "17"})

        assert StateFile(tmp_path, "ct").read() == {"cursor": "17"}
        assert StateFile(tmp_path, "other").read() == {}

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
    def test_that_cannot_be_read_is_named_and_never_guessed(self, tmp_path: Path, content: bytes):
        (tmp_path / "state-ct.json").write_bytes(content)

        with pytest.raises(SetupFault, match="begins anew"):
            StateFile(tmp_path, "ct").read()


def test_clock_may_be_of_any_zone(tmp_path: Path):
    with Inbox(tmp_path, lambda: datetime(2020, 12, 1, 6, 30, tzinfo=JST)).opened() as inbox:
        assert "20201130T213000Z" in inbox.write("frames", "gw", [b"x"])[0]
