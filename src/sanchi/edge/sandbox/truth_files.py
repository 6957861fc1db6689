"""Read what a sandbox keeps aside, to score against it: truth/faults.jsonl, truth/energies.parquet, its time.

Enters: the folder of a sandbox. Leaves: SandboxTruth. Not here: making truth (truth, drawing), scoring.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sanchi.app.score_sandbox import SandboxTruth, TrueEnergies, TrueFaultLine
from sanchi.core.base.errors import SetupFault
from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import EPOCH_DATE, JST, SLOTS_PER_DAY
from sanchi.core.metering.faults.fault import NO_HOME
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.scoring import TrueFault
from sanchi.core.metering.readings import Channel


def read_truth_folder(folder: Path) -> SandboxTruth:
    """Read the truth of a sandbox. Raises: SetupFault where it is none, or was never moved."""
    try:
        world = json.loads((folder / "state" / "world.json").read_text(encoding="utf-8"))
        clock = json.loads((folder / "state" / "clock.json").read_text(encoding="utf-8"))
        lines = (folder / "truth" / "faults.jsonl").read_text(encoding="utf-8").splitlines()
        energies = _energies(folder / "truth" / "energies.parquet")
    except (OSError, ValueError) as error:
        raise SetupFault(
            f"{folder} is no sandbox that was played ({error}).",
            hint="Name the folder that sanchi sandbox meters --folder was given.",
        ) from error
    return SandboxTruth(
        market_id=MarketId(f"sandbox-{world['seed']}"),
        first_date=datetime.fromisoformat(world["first_date"]).date(),
        last_date=datetime.fromisoformat(world["last_date"]).date(),
        now=_now(clock),
        faults=tuple(_fault_line(json.loads(line)) for line in lines),
        energies=energies,
    )


def _now(clock: Any) -> datetime:
    """Read the sandbox's time, a stamp or Unix seconds."""
    now = clock["now"] if "now" in clock else clock["now_s"]
    return datetime.fromtimestamp(now, tz=JST) if isinstance(now, int) else datetime.fromisoformat(now)


def _fault_line(told: dict[str, Any]) -> TrueFaultLine:
    """Read a line of the truth."""
    last_at = datetime.fromisoformat(told["to"])
    after_s = told["figures"].get("announced_after_s", -1)
    fault = TrueFault(
        kind=FaultKind(told["kind"]),
        leg=Leg(told["leg"]),
        home_no=NO_HOME,
        connector=told["connector"],
        device=told["device"],
        first_s=int(datetime.fromisoformat(told["from"]).timestamp()),
        last_s=int(last_at.timestamp()),
    )
    told_at = last_at + timedelta(seconds=after_s) if after_s >= 0 else None
    return TrueFaultLine(fault=fault, home=told["home"], told_at=told_at)


def _energies(path: Path) -> TrueEnergies:
    """Read what really flowed in the homes; buyers are left out."""
    table = pq.read_table(path)
    table = table.filter(pc.not_equal(table["channel"], "use"))
    homes = table["home"].combine_chunks().dictionary_encode()
    channels = table["channel"].combine_chunks().dictionary_encode()
    numbers = np.array([int(Channel[text.upper()]) for text in channels.dictionary.to_pylist()], dtype=np.int8)
    days = table["delivery_date"].to_numpy().astype("datetime64[D]") - np.datetime64(EPOCH_DATE)
    return TrueEnergies(
        homes=tuple(homes.dictionary.to_pylist()),
        home_code=homes.indices.to_numpy(),
        channel_no=numbers[channels.indices.to_numpy()],
        slot_index=days.astype(np.int64) * SLOTS_PER_DAY + table["slot_no"].to_numpy().astype(np.int64) - 1,
        energy_wh=table["energy_wh"].to_numpy(),
    )
