"""The builder makes the shipped sample again, byte for byte, from the real data beside the checkout."""

from pathlib import Path

import pytest

pytest.importorskip("pandas", reason="the builder's packages are the dependency group `sample`")
pytest.importorskip("pvlib", reason="the builder's packages are the dependency group `sample`")

import pyarrow as pa
import pyarrow.parquet as pq

from tests.sample.shipped import SAMPLE


@pytest.fixture(scope="module")
def rebuilt(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sample once more."""
    from tools.build_sample import build_sample

    folder = tmp_path_factory.mktemp("sample")
    build_sample(shared_data, folder)
    return folder


def files_in(folder: Path) -> list[str]:
    """List the files of a sample."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def is_written_by_this_pyarrow(path: Path) -> bool:
    """Tell whether another version wrote the file, which may pack the same rows in other bytes."""
    return f"version {pa.__version__}" in pq.read_metadata(path).created_by


class TestBuild:
    def test_files_are_the_same(self, rebuilt: Path):
        assert files_in(rebuilt) == files_in(SAMPLE)

    def test_texts_are_the_same(self, rebuilt: Path):
        for name in files_in(SAMPLE):
            if not name.endswith(".parquet"):
                assert (rebuilt / name).read_text() == (SAMPLE / name).read_text(), name

    def test_readings_are_the_same(self, rebuilt: Path):
        for name in files_in(SAMPLE):
            if name.endswith(".parquet"):
                assert pq.read_table(rebuilt / name).equals(pq.read_table(SAMPLE / name)), name
                if is_written_by_this_pyarrow(SAMPLE / name):
                    assert (rebuilt / name).read_bytes() == (SAMPLE / name).read_bytes(), name
