"""Workers die, results stay; a task that always kills is named, not those that stood beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sanchi.core.base.errors import SetupFault
from sanchi.edge.fleet import run as fleet_run
from sanchi.edge.fleet.executors import Task, TaskKillsWorker, dask_cluster, local_processes, local_threads
from sanchi.edge.fleet.folder import FleetFolder
from tests.edge.fleet.killers import close_slot_after_kill, double, kill_always
from tests.edge.fleet.servers import dask_cluster_of_two
from tests.edge.fleet.small_fleets import digests, run, small_fleet, write_fleet

DOUBLES = [Task(name=f"double {number}", function=double, arguments=(number,)) for number in range(8)]
KILLER = Task(name="slot 24 of 2026-05-01", function=kill_always, arguments=(3,))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    folder = tmp_path_factory.mktemp("fleet")
    write_fleet(str(folder / "fleet"), small_fleet())
    run(str(folder / "fleet"), str(folder / "out"))
    return str(folder / "fleet"), digests(str(folder / "out"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with dask_cluster_of_two(tmp_path_factory.mktemp("dask")) as address:
        yield address


@pytest.fixture
def _killed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one slot kill its worker the first time that it is worked on."""
    marker = str(tmp_path / "killed")

    def task_of_slot(*, name: str, function: object, arguments: tuple[object, ...]) -> Task:
        if not name.startswith("slot 24 "):
            return Task(name=name, function=function, arguments=arguments)  # type: ignore[arg-type]
        return Task(name=name, function=close_slot_after_kill, arguments=(marker, *arguments))

    monkeypatch.setattr(fleet_run, "Task", task_of_slot)


class TestThreads:
    def test_results_stand_in_the_order_of_the_tasks(self):
        with local_threads(3) as runner:
            assert runner.run(DOUBLES) == [2 * number for number in range(8)]

    def test_error_of_a_task_is_raised_as_it_is(self):
        with local_threads(2) as runner, pytest.raises(ZeroDivisionError):
            runner.run([*DOUBLES, Task(name="divide", function=divmod, arguments=(1, 0))])


class TestProcesses:
    @pytest.mark.usefixtures("_killed_once")
    def test_killed_worker_changes_nothing(self, stored: tuple[str, list[str]], tmp_path: Path):
        run(stored[0], str(tmp_path / "out"), on_processes=True)

        assert (tmp_path / "killed").exists()
        assert digests(str(tmp_path / "out")) == stored[1]

    def test_task_that_always_kills_is_named(self):
        with local_processes(2) as runner:
            with pytest.raises(TaskKillsWorker, match=r"^slot 24 of 2026-05-01: its worker died 3 times"):
                runner.run([*DOUBLES[:3], KILLER, *DOUBLES[3:]])

            assert runner.run(DOUBLES[:2]) == [0, 2]


class TestCluster:
    def test_has_the_same_bytes_as_threads(self, stored: tuple[str, list[str]], cluster: str, tmp_path: Path):
        run(stored[0], str(tmp_path / "out"), cluster_address=cluster)

        assert digests(str(tmp_path / "out")) == stored[1]
        assert FleetFolder.at(str(tmp_path / "out")).place.names(("supply-20-0",)) == []

    @pytest.mark.usefixtures("_killed_once")
    def test_killed_worker_changes_nothing(self, stored: tuple[str, list[str]], cluster: str, tmp_path: Path):
        run(stored[0], str(tmp_path / "out"), cluster_address=cluster)

        assert (tmp_path / "killed").exists()
        assert digests(str(tmp_path / "out")) == stored[1]

    def test_task_that_always_kills_is_named(self, cluster: str):
        with dask_cluster(cluster) as runner:
            with pytest.raises(TaskKillsWorker, match=r"^slot 24 of 2026-05-01: "):
                runner.run([*DOUBLES[:3], KILLER, *DOUBLES[3:]])

            assert runner.run(DOUBLES[:2]) == [0, 2]

    def test_silent_address_is_refused_by_name(self):
        with pytest.raises(SetupFault, match="No Dask scheduler answers"), dask_cluster("127.0.0.1:9", wait_s=0.5):
            pass
