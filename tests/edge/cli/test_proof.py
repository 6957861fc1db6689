"""From statement to proof to countersignature, by the commands that people run."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sanchi_verify.main import main as verify
from tests.edge.store.audit.closed_market import build
from tests.start.homes import Home, Ran


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[Home]:
    # Left closed: a database that somebody works on cannot be copied.
    with django_db_blocker.unblock():
        yield build(tmp_path_factory.mktemp("sealed"), has_decoded=False)


@pytest.fixture
def home(built: Home, tmp_path: Path) -> Home:
    return built.copied(tmp_path / "home")


def run(home, *arguments: str) -> Ran:
    return home.run(*arguments, "--home", str(home.folder))


class TestProof:
    def test_is_packed_countersigned_and_checked(self, home, tmp_path):
        listed = json.loads(run(home, "checkpoints", "--json").out)
        tiles, note, key_file = tmp_path / "tiles", tmp_path / "note", tmp_path / "tiles" / "key"
        last_no = str(listed["checkpoints"][-1]["checkpoint_no"])
        seen = tmp_path / "seen"
        seen.write_text(listed["checkpoints"][1]["note"])

        assert "published" in run(home, "checkpoints", "--tiles", str(tiles)).out
        options = ["--name", "auditor.example", "--secret", str(tmp_path / "own"), "--state", str(tmp_path / "state")]
        assert verify(["witness", "--tiles", str(tiles), "--key", str(key_file), *options, "--out", str(note)]) == 0
        witness_key = _key_of(tmp_path / "own")
        kept = run(home, "witness", "--checkpoint", last_no, "--note", str(note), "--key", witness_key)
        assert "countersigned by auditor.example" in kept.out
        packed = run(home, "proof", "--statement", "1", "--since", "2", "--out", str(tmp_path / "proof.json"))

        assert packed.exit_code == 0
        assert listed["key"] in packed.err
        proof, key = str(tmp_path / "proof.json"), str(key_file)
        assert verify(["proof", proof, "--key", key, "--seen", str(seen), "--witness", witness_key]) == 0
        assert verify(["consistency", str(seen), "--tiles", str(tiles), "--key", key]) == 0
        assert "all" in run(home, "verify").out

    def test_of_an_unknown_statement_or_checkpoint_is_refused(self, home, tmp_path):
        out = str(tmp_path / "proof.json")

        assert "no origin statement 99" in run(home, "proof", "--statement", "99", "--out", out).err
        assert "no checkpoint 99" in run(home, "proof", "--statement", "1", "--since", "99", "--out", out).err


class TestWitness:
    def test_of_another_checkpoint_or_key_is_refused(self, home, tmp_path):
        listed = json.loads(run(home, "checkpoints", "--json").out)
        note = tmp_path / "note"
        note.write_text(listed["checkpoints"][0]["note"])
        key = _key_of(tmp_path / "own")

        refused = run(home, "witness", "--checkpoint", "2", "--note", str(note), "--key", key)
        assert "of another checkpoint" in refused.err
        refused = run(home, "witness", "--checkpoint", "1", "--note", str(note), "--key", key)
        assert "no countersignature of auditor.example" in refused.err
        refused = run(home, "witness", "--checkpoint", "1", "--note", str(note), "--key", listed["key"])
        assert "none that countersigns" in refused.err


class TestKeys:
    def test_that_were_lost_are_not_made_anew_where_something_is_sealed(self, home):
        (home.folder / "log_salt_key").unlink()

        refused = home.command("init", "--home", str(home.folder))

        assert refused.exit_code == 2
        assert "no longer the keys" in refused.err
        assert not (home.folder / "log_salt_key").exists()


def _key_of(secret: Path) -> str:
    from sanchi_verify.notes import public_key
    from sanchi_verify.witnessing import keep_key

    return public_key("auditor.example", keep_key(secret)).text
