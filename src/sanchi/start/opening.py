"""Opens an installation for the command line: environment, Django, stores, runner.

Enters: a home folder. Leaves: an Installation. Heavy modules are imported only when a home is opened.
"""

import errno
import os
import signal
import socket
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sanchi.core.base.errors import SetupFault

if TYPE_CHECKING:
    from sanchi.app.alerts import Channel
    from sanchi.app.collect import CollectOrder, RereadOrder, RereadOutcome, RoundReport
    from sanchi.app.estimate_tables import EstimateTables
    from sanchi.app.match_fleet import FleetOrder, FleetReport
    from sanchi.app.match_tables import MatchTables
    from sanchi.app.plant_eligibility import EligibilityFiles
    from sanchi.app.sandbox_order import SandboxOrder, SandboxPlaces
    from sanchi.app.score_sandbox import SandboxTruth
    from sanchi.app.simulated_fleet import FleetPlan, SimulatedFleet
    from sanchi.app.stores import Installation

HOST = "127.0.0.1"  # read-only pages without sign-in: nobody but this machine may see them
MARKER = "sanchi.toml"


class StartOpening:
    """Fulfils `sanchi.edge.cli.opening.Opening`."""

    def create(self, home: Path) -> bool:
        """Make the home, its database and its lake; False when all of it was there already."""
        is_new = not (home / MARKER).exists()
        if is_new and home.exists() and (not home.is_dir() or any(home.iterdir())):
            raise SetupFault(
                f"{home} is not empty and is no sanchi home.",
                hint="Name an empty or new folder with --home DIR.",
            )
        try:
            home.mkdir(parents=True, exist_ok=True)
            (home / MARKER).touch()
        except OSError as error:
            raise SetupFault(
                f"{home} cannot be written ({error.strerror}).",
                hint="Name a folder that you may write with --home DIR.",
            ) from error
        from sanchi.start import wiring

        wiring.prepare(home)
        wiring.create_schema(home)
        return is_new

    def installation(self, home: Path) -> "Installation":
        """Open an existing home."""
        if not (home / MARKER).exists():
            raise SetupFault(
                f"{home} is no sanchi home.", hint="Name one with --home DIR, or make one: sanchi init --home DIR"
            )
        if not os.access(home, os.W_OK):
            raise SetupFault(
                f"{home} cannot be written by this user.", hint="Give the folder to the user who runs sanchi."
            )
        from sanchi.start import wiring

        wiring.prepare(home)
        return wiring.installation(home)

    def require_port(self, port: int) -> None:
        """Refuse a port that somebody listens on, before anything is started."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                    raise
                raise SetupFault(
                    f"Port {port} on {HOST} is taken ({error.strerror}).",
                    hint="Stop the other program or choose another port: --port N",
                ) from error

    def serve(self, home: Path, port: int) -> None:
        """Serve the pages on 127.0.0.1 until interrupted."""
        self.require_port(port)
        from sanchi.start import wiring

        wiring.prepare(home)
        wiring.serve(HOST, port)

    def match_tables(self) -> "MatchTables":
        """Give what reads and writes plain files of a market; no home is needed."""
        from sanchi.edge.delivery.match_results import FileMatchTables
        from sanchi.start.kernels import prepare_kernels

        prepare_kernels()
        return FileMatchTables()

    def estimate_tables(self) -> "EstimateTables":
        """Give what reads counts and writes slots of plain files; no home is needed."""
        from sanchi.edge.delivery.estimates import FileEstimateTables

        return FileEstimateTables()

    def eligibility_files(self) -> "EligibilityFiles":
        """Give what reads dated rules and facts; no home is needed."""
        from sanchi.edge.delivery.eligibility_files import TomlEligibilityFiles

        return TomlEligibilityFiles()

    def simulate_fleet(self, plan: "FleetPlan", location: str) -> "SimulatedFleet":
        """Write a simulated fleet into a fleet folder."""
        from sanchi.edge.fleet.simulation import simulate_fleet
        from sanchi.start.kernels import prepare_kernels

        prepare_kernels()
        return simulate_fleet(plan, location, self.sample())

    def match_fleet(self, order: "FleetOrder") -> "FleetReport":
        """Match one delivery date of a fleet folder."""
        from sanchi.edge.fleet.run import run_fleet
        from sanchi.start.kernels import prepare_kernels

        prepare_kernels()
        return run_fleet(order)

    def collect(self, order: "CollectOrder") -> "tuple[RoundReport, ...]":
        """Fetch what came into the inbox: one round, or until told to end."""
        from sanchi.edge.connectors.collecting import collect

        return collect(order)

    def collect_rereads(self, order: "CollectOrder", rereads: "tuple[RereadOrder, ...]") -> "tuple[RereadOutcome, ...]":
        """Ask meters again for days."""
        from sanchi.edge.connectors.collecting import collect_rereads

        return collect_rereads(order, rereads)

    def sandbox(self, order: "SandboxOrder", tell: "Callable[[SandboxPlaces], None]") -> None:
        """Serve the world outside until it is interrupted or told to end."""
        from sanchi.edge.sandbox.sandbox import Sandbox, ordered_world

        sample = self.sample()
        played = Sandbox(order, ordered_world(order, sample), sample)
        signal.signal(signal.SIGTERM, lambda *_: played.end())
        try:
            tell(played.start())
            if order.is_real_time:
                played.run_in_real_time()
            else:
                played.wait()
        except KeyboardInterrupt:
            pass
        finally:
            played.stop()

    def alert_channels(self, config: Path) -> "Sequence[Channel]":
        """Open the channels that a file names."""
        from sanchi.edge.alerts.channels import open_channels

        return open_channels(config)

    def sandbox_truth(self, folder: Path) -> "SandboxTruth":
        """Read what a sandbox kept aside."""
        from sanchi.edge.sandbox.truth_files import read_truth_folder

        return read_truth_folder(folder)

    def sample(self) -> Path:
        """Give the folder of the shipped pilot."""
        return Path(str(files("sanchi"))) / "sample"
