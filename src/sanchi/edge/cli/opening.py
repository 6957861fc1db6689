"""How commands reach the installation: the one thing that `start` hands to the command line.

Enters: a home folder. Leaves: an Installation. Not here: how it is wired.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Protocol, cast

import typer

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

DEFAULT_HOME = Path("sanchi-home")

HomeOption = Annotated[
    Path,
    typer.Option("--home", "--folder", envvar="SANCHI_HOME", help="The folder that holds database, lake and secret."),
]
# Where --home is a home that takes part in the market, the installation has its second name alone.
FolderOption = Annotated[
    Path,
    typer.Option("--folder", envvar="SANCHI_HOME", help="The folder that holds database, lake and secret."),
]
MarketOption = Annotated[
    str | None, typer.Option("--market", help="The market_id; needed where the home holds several markets.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


class Opening(Protocol):
    """What `start` gives to the commands."""

    def create(self, home: Path) -> bool:
        """Make the home, its database and its lake; False when all of it was there already."""

    def installation(self, home: Path) -> Installation:
        """Open an existing home; SetupFault says what is wrong with it."""

    def require_port(self, port: int) -> None:
        """Refuse a port that is taken: SetupFault."""

    def serve(self, home: Path, port: int) -> None:
        """Serve the pages on 127.0.0.1 until interrupted; SetupFault when the port is taken."""

    def match_tables(self) -> MatchTables:
        """Give what reads and writes plain files of a market, with a place for compiled kernels; no home is needed."""

    def estimate_tables(self) -> EstimateTables:
        """Give what reads counts and writes slots of plain files; no home is needed."""

    def eligibility_files(self) -> EligibilityFiles:
        """Give what reads dated rules and facts; no home is needed."""

    def simulate_fleet(self, plan: FleetPlan, location: str) -> SimulatedFleet:
        """Write a simulated fleet into a fleet folder; no home is needed."""

    def match_fleet(self, order: FleetOrder) -> FleetReport:
        """Match one delivery date of a fleet folder; needs no home."""

    def collect(self, order: CollectOrder) -> tuple[RoundReport, ...]:
        """Fetch what came into the inbox: one round, or until told to end; needs no home."""

    def collect_rereads(self, order: CollectOrder, rereads: tuple[RereadOrder, ...]) -> tuple[RereadOutcome, ...]:
        """Ask meters again for days; needs no home."""

    def sandbox(self, order: SandboxOrder, tell: Callable[[SandboxPlaces], None]) -> None:
        """Serve the world outside until interrupted, and tell where it is once it is there; needs no home."""

    def alert_channels(self, config: Path) -> Sequence[Channel]:
        """Open the channels that a file names; SanchiError says what is wrong with it."""

    def sandbox_truth(self, folder: Path) -> SandboxTruth:
        """Read what a sandbox kept aside; SetupFault where the folder is none."""

    def sample(self) -> Path:
        """Give the folder of the shipped pilot."""


def opening(ctx: typer.Context) -> Opening:
    """Take what `start` handed to the root command."""
    return cast("Opening", ctx.obj)
