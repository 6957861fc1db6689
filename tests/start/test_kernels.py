"""Where compiled kernels stay when no home is open."""

import os
from pathlib import Path

import pytest

from sanchi.start.kernels import VARIABLE, prepare_kernels


class TestPrepareKernels:
    def test_leaves_a_cache_that_is_named_already(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv(VARIABLE, "somewhere")

        prepare_kernels()

        assert os.environ[VARIABLE] == "somewhere"

    def test_names_the_cache_of_the_user(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
        monkeypatch.delenv(VARIABLE)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

        prepare_kernels()

        assert Path(os.environ[VARIABLE]).is_relative_to(tmp_path / "sanchi")

    def test_takes_a_temporary_folder_where_the_users_cannot_be_made(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ):
        (tmp_path / "file").touch()
        monkeypatch.delenv(VARIABLE)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

        prepare_kernels()

        assert Path(os.environ[VARIABLE]).is_dir()
        assert not Path(os.environ[VARIABLE]).is_relative_to(tmp_path / "file")
