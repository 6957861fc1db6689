"""The S3 API holds the same files as a folder on disk, and a folder is described truly or refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from pyarrow import fs

from sanchi.core.base.errors import SetupFault
from sanchi.edge.fleet import place
from sanchi.edge.fleet.folder import FleetFolder, FleetManifest, NoManifest, PartList, UnfitManifest
from sanchi.edge.fleet.tables import SUPPLY
from tests.edge.fleet.servers import dask_cluster_of_two
from tests.edge.fleet.small_fleets import DAY, digests, run, small_fleet, supply_table, write_fleet


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    known = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"}
    for name, text in (known | {"AWS_ENDPOINT_URL": f"http://{host}:{port}"}).items():
        monkeypatch.setenv(name, text)
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    place._filesystem.cache_clear()
    fs.S3FileSystem(scheme="http", endpoint_override=f"{host}:{port}", allow_bucket_creation=True).create_dir("fleets")
    yield "s3://fleets"
    place._filesystem.cache_clear()
    server.stop()


class TestBucket:
    def test_holds_the_same_result_as_a_disk(self, bucket: str, tmp_path: Path):
        fleet = small_fleet(1_500)
        write_fleet(str(tmp_path / "fleet"), fleet)
        write_fleet(f"{bucket}/fleet", fleet)
        run(str(tmp_path / "fleet"), str(tmp_path / "out"))

        run(f"{bucket}/fleet", f"{bucket}/out")
        run(f"{bucket}/fleet", f"{bucket}/by-processes", on_processes=True)

        assert digests(f"{bucket}/fleet") == digests(str(tmp_path / "fleet"))
        assert digests(f"{bucket}/out") == digests(str(tmp_path / "out"))
        assert digests(f"{bucket}/by-processes") == digests(str(tmp_path / "out"))
        assert [name for name in FleetFolder.at(f"{bucket}/by-processes").place.names() if "scratch" in name] == []

    def test_of_a_cluster_holds_the_same_result_as_a_disk(self, bucket: str, tmp_path: Path):
        fleet = small_fleet(1_500)
        write_fleet(str(tmp_path / "fleet"), fleet)
        write_fleet(f"{bucket}/fleet", fleet)
        run(str(tmp_path / "fleet"), str(tmp_path / "out"))

        with dask_cluster_of_two(tmp_path) as address:
            run(f"{bucket}/fleet", f"{bucket}/out", cluster_address=address)

        assert digests(f"{bucket}/out") == digests(str(tmp_path / "out"))


class TestFolder:
    def test_part_is_named_by_its_content(self, tmp_path: Path):
        folder, table = FleetFolder.at(str(tmp_path)), supply_table(small_fleet(50).supply_wh, 0)

        parts = [folder.write_homes(SUPPLY, table, first_home_no=0, last_home_no=49) for _ in range(2)]

        assert parts[0] == parts[1]
        assert [path.stem for path in tmp_path.glob("supply/*")] == [parts[0].sha256]

    def test_without_manifest_is_refused(self, tmp_path: Path):
        with pytest.raises(NoManifest, match=r"no manifest\.json"):
            FleetFolder.at(str(tmp_path)).manifest()

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "sanchi-fleet/9"}'])
    def test_manifest_of_another_form_is_refused(self, tmp_path: Path, text: str):
        (tmp_path / "manifest.json").write_text(text)

        with pytest.raises(UnfitManifest):
            FleetFolder.at(str(tmp_path)).manifest()

    @pytest.mark.parametrize(("first_home_no", "n_homes"), [(11, 30), (9, 30), (10, 31)])
    def test_blocks_with_gap_or_overlap_are_refused(self, tmp_path: Path, first_home_no: int, n_homes: int):
        folder = FleetFolder.at(str(tmp_path))
        part = folder.write_homes(SUPPLY, supply_table(small_fleet(10).supply_wh, 0), first_home_no=0, last_home_no=9)
        other = replace(part, first_home_no=first_home_no, last_home_no=29)
        listed = PartList(table=SUPPLY, delivery_date=DAY, parts=(part, other))

        with pytest.raises(UnfitManifest):
            FleetManifest(n_homes=n_homes, n_buyers=1, part_lists=(listed,)).blocks(SUPPLY, DAY)


class TestEndpoint:
    @pytest.mark.parametrize("endpoint", ["localhost:9000", "http://", "ftp://localhost"])
    def test_that_is_no_address_is_declined(self, monkeypatch: pytest.MonkeyPatch, endpoint: str):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
        place._filesystem.cache_clear()

        with pytest.raises(SetupFault, match="no address"):
            FleetFolder.at("s3://fleets/fleet").manifest()
