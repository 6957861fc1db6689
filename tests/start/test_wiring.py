"""Compiled kernels are kept for the sources that they were made of, and for no others."""

from pathlib import Path

import pytest

from sanchi.start.wiring import numba_cache_folder


class TestNumbaCacheFolder:
    @pytest.fixture
    def core(self, tmp_path):
        core = tmp_path / "core"
        (core / "matching").mkdir(parents=True)
        (core / "matching" / "parts.py").write_text("ONE = 1")
        return core

    def test_same_sources_share_a_folder(self, core):
        assert numba_cache_folder(Path("cache"), core) == numba_cache_folder(Path("cache"), core)

    def test_changed_source_gets_another_folder(self, core):
        before = numba_cache_folder(Path("cache"), core)
        (core / "matching" / "parts.py").write_text("ONE = 2")

        assert numba_cache_folder(Path("cache"), core) != before

    def test_renamed_source_gets_another_folder(self, core):
        before = numba_cache_folder(Path("cache"), core)
        (core / "matching" / "parts.py").rename(core / "matching" / "part.py")

        assert numba_cache_folder(Path("cache"), core) != before

    def test_kernels_are_among_the_sources(self):
        assert numba_cache_folder(Path("cache")) != numba_cache_folder(Path("cache"), Path(__file__).parent / "nothing")
