"""Dropped files are taken when they are complete, once, and never from outside the folder."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from sanchi.app.collect import RoundReport
from sanchi.edge.connectors.inbox import Inbox
from sanchi.edge.connectors.pace import Pace
from sanchi.edge.connectors.watched_folder import WatchedFolder
from tests.edge.connectors.small_world import QuietPace, events_of, folder_settings

NAME = "W41110202012011530A001.zip"
CONTENT = b"PK of some length"


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


def look(drop: Path, inbox: Inbox, pace: Pace | None = None, **further: int) -> RoundReport:
    return WatchedFolder(
        folder_settings(drop, **further), inbox, pace or QuietPace(sleep=lambda _pause_s: None)
    ).round()


def taken(inbox: Inbox) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(inbox.folder.glob("W*"))}


def expected_name(content: bytes = CONTENT) -> str:
    return f"W41110202012011530A001-{sha256(content).hexdigest()[:16]}.zip"


class TestCompleteFile:
    def test_is_copied_under_its_name_and_digest_and_set_aside(self, drop: Path, inbox: Inbox):
        (drop / NAME).write_bytes(CONTENT)
        report = look(drop, inbox)

        assert taken(inbox) == {expected_name(): CONTENT}
        assert [file.name for file in (drop / "collected").iterdir()] == [NAME]
        assert not (drop / NAME).exists()
        assert events_of(inbox.folder) == [("poll_ok", "tso", 1)]
        assert (report.item_count, report.byte_count >= len(CONTENT), report.failure) == (1, True, "")

    def test_of_the_same_bytes_twice_is_one_file(self, drop: Path, inbox: Inbox):
        for _ in range(2):
            (drop / NAME).write_bytes(CONTENT)
            look(drop, inbox)

        assert taken(inbox) == {expected_name(): CONTENT}
        assert len(list((drop / "collected").iterdir())) == 2

    def test_of_the_same_name_and_other_bytes_is_another_file(self, drop: Path, inbox: Inbox):
        for content in (b"first", b"second"):
            (drop / NAME).write_bytes(content)
            look(drop, inbox)

        assert taken(inbox) == {expected_name(b"first"): b"first", expected_name(b"second"): b"second"}

    def test_left_by_a_process_that_ended_before_it_moved_it_is_taken_once(self, drop: Path, inbox: Inbox, monkeypatch):
        (drop / NAME).write_bytes(CONTENT)
        with monkeypatch.context() as patch:
            patch.setattr(os, "rename", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                look(drop, inbox)
        look(drop, inbox)

        assert taken(inbox) == {expected_name(): CONTENT}
        assert not (drop / NAME).exists()

    def test_stays_when_the_inbox_is_full(self, drop: Path, inbox: Inbox, monkeypatch):
        (drop / NAME).write_bytes(CONTENT)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", lambda _descriptor: (_ for _ in ()).throw(OSError(28, "full")))
            with pytest.raises(OSError, match="full"):
                look(drop, inbox)

        assert (drop / NAME).exists()
        assert taken(inbox) == {}
        look(drop, inbox)
        assert taken(inbox) == {expected_name(): CONTENT}

    def test_called_done_by_its_sender_is_not_waited_for(self, drop: Path, inbox: Inbox):
        waited_s: list[float] = []
        (drop / NAME).write_bytes(CONTENT)
        (drop / f"{NAME}.done").touch()
        look(drop, inbox, QuietPace(sleep=waited_s.append))

        assert waited_s == []
        assert taken(inbox) == {expected_name(): CONTENT}
        assert [file.name for file in drop.iterdir()] == ["collected"]

    def test_has_a_name_without_odd_signs_in_the_inbox(self, drop: Path, inbox: Inbox):
        odd = "W4 一\n'$(x)" + "y" * 220 + ".zip"
        (drop / odd[:200]).write_bytes(CONTENT)
        (drop / "W4 一\n.zip").write_bytes(CONTENT)
        look(drop, inbox)

        assert list(taken(inbox)) == [f"W4___-{sha256(CONTENT).hexdigest()[:16]}.zip"]


class TestUnfinishedFile:
    def test_that_grows_between_two_looks_stays(self, drop: Path, inbox: Inbox):
        (drop / NAME).write_bytes(b"half")
        look(drop, inbox, QuietPace(sleep=lambda _pause_s: (drop / NAME).write_bytes(CONTENT)))
        assert taken(inbox) == {}
        assert events_of(inbox.folder) == []

        look(drop, inbox)
        assert taken(inbox) == {expected_name(): CONTENT}

    def test_that_is_replaced_by_one_of_its_length_stays(self, drop: Path, inbox: Inbox):
        (drop / NAME).write_bytes(CONTENT)

        def replace(_pause_s: float) -> None:
            (drop / "new").write_bytes(CONTENT[::-1])
            (drop / "new").rename(drop / NAME)

        look(drop, inbox, QuietPace(sleep=replace))

        assert taken(inbox) == {}

    def test_that_is_taken_away_is_nobodys_fault(self, drop: Path, inbox: Inbox):
        (drop / NAME).write_bytes(CONTENT)

        assert not look(drop, inbox, QuietPace(sleep=lambda _pause_s: (drop / NAME).unlink())).failure

    @pytest.mark.parametrize("name", [".W41110.zip", "W41110.zip.part", "W41110.zip.done", "notes.txt"])
    def test_or_foreign_file_is_left_alone(self, drop: Path, inbox: Inbox, name: str):
        (drop / name).write_bytes(CONTENT)
        look(drop, inbox)

        assert taken(inbox) == {}
        assert (drop / name).exists()


class TestPlace:
    def test_outside_is_not_reached_through_a_link(self, drop: Path, inbox: Inbox, tmp_path: Path):
        (tmp_path / "secret.zip").write_bytes(b"secret")
        (drop / NAME).symlink_to(tmp_path / "secret.zip")
        look(drop, inbox)

        assert taken(inbox) == {}

    def test_outside_is_not_reached_by_a_link_that_is_put_in_place_of_a_file(self, drop, inbox, tmp_path, monkeypatch):
        (tmp_path / "secret.zip").write_bytes(CONTENT)
        (drop / NAME).write_bytes(CONTENT)
        real_open = os.open

        def open_after_exchange(path, flags, *arguments, **further):
            if path == NAME:
                (drop / NAME).unlink()
                (drop / NAME).symlink_to(tmp_path / "secret.zip")
            return real_open(path, flags, *arguments, **further)

        monkeypatch.setattr(os, "open", open_after_exchange)
        report = look(drop, inbox)

        assert "cannot be read" in report.failure
        assert taken(inbox) == {}

    def test_of_collected_files_is_not_reached_through_a_link(self, drop: Path, inbox: Inbox, tmp_path: Path):
        (tmp_path / "elsewhere").mkdir()
        (drop / "collected").symlink_to(tmp_path / "elsewhere")
        (drop / NAME).write_bytes(CONTENT)
        report = look(drop, inbox)

        assert "no folder of its own" in report.failure
        assert list((tmp_path / "elsewhere").iterdir()) == []
        assert (drop / NAME).exists()

    def test_below_the_folder_is_not_looked_at(self, drop: Path, inbox: Inbox):
        (drop / "W4folder.zip").mkdir()
        (drop / "W4folder.zip" / NAME).write_bytes(CONTENT)
        look(drop, inbox)

        assert taken(inbox) == {}

    def test_with_a_pipe_in_it_does_not_hang(self, drop: Path, inbox: Inbox):
        os.mkfifo(drop / NAME)

        assert not look(drop, inbox).failure


class TestFolder:
    def test_that_is_not_there_is_told_once_and_once_when_it_is_back(self, drop: Path, inbox: Inbox):
        folder = WatchedFolder(folder_settings(drop), inbox, QuietPace(sleep=lambda _pause_s: None))
        drop.rmdir()
        failed = [folder.round() for _ in range(3)]
        drop.mkdir()
        folder.round()
        folder.round()

        assert all(report.failure for report in failed)
        assert events_of(inbox.folder) == [("poll_failed", "tso", 0), ("poll_ok", "tso", 0)]

    def test_holds_back_only_the_file_that_is_too_large(self, drop: Path, inbox: Inbox):
        (drop / "W4large.zip").write_bytes(bytes(21))
        (drop / NAME).write_bytes(CONTENT)
        report = look(drop, inbox, file_bytes_max=20)

        assert list(taken(inbox)) == [expected_name()]
        assert "21 bytes are more than the 20 allowed" in report.failure
        assert (drop / "W4large.zip").exists()
