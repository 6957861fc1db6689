"""What a sandbox of meters is asked to be. Enters and leaves: SandboxOrder. Not here: playing it (edge.sandbox)."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOrder:
    """A sandbox: where, which world, at which ports (0 = any free one).

    plan : the file of faults, None = the shipped one.
    broker : "host:port" of an MQTT broker, None = gateways stay silent.
    first_date, last_date : None = those of the shipped pilot. home_count : None = all shipped homes.
    """

    folder: Path
    seed_no: int
    plan: Path | None = None
    first_date: date | None = None
    last_date: date | None = None
    home_count: int | None = None
    broker: str | None = None
    ct_port_no: int = 0
    br_port_no: int = 0
    control_port_no: int = 0
    is_real_time: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxPlaces:
    """Where the parts of a running sandbox are; urls end without a slash; next_day: a good instant to move to."""

    folder: Path
    ct_cloud: str
    br_cloud: str
    control: str
    broker: str
    now: str
    next_day: str
    fault_count: int
    home_count: int
