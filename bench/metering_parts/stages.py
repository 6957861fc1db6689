"""One run from a readings file to validated slot energy, stage by stage; printed as JSON by a process of its own.

Usage: python -m bench.metering_parts.stages FILE N_METERS. Not here: making files, any bar.
"""

import json
import sys
import time
from hashlib import sha256
from pathlib import Path

from bench.metering_parts.fleet import DAY, UNIT_WH, meter_names
from sanchi.core.base.slots import boundary_ordinal
from sanchi.core.metering import (
    Channel,
    MeteringPoint,
    MeterSpec,
    Quality,
    ReadingRows,
    day_span,
    measure_day,
    window_needed,
    window_span,
)
from sanchi.core.metering.intake import take_in
from sanchi.core.metering.intake_columns import ReadingFile
from sanchi.core.metering.resolving import resolve
from sanchi.edge.delivery.comma_separated import readings_of_csv
from sanchi.edge.delivery.parquet import readings_of_parquet
from sanchi.edge.delivery.vendor_files import vendor_blocks


class _Laps:
    """Wall and CPU seconds of each stage."""

    def __init__(self) -> None:
        self.stages: dict[str, tuple[float, float]] = {}
        self._last = time.perf_counter(), time.process_time()

    def end(self, stage: str) -> None:
        """Note what a stage took."""
        now = time.perf_counter(), time.process_time()
        self.stages[stage] = now[0] - self._last[0], now[1] - self._last[1]
        self._last = now


def points_of(n_meters: int) -> list[MeteringPoint]:
    """Make a point of each meter."""
    installed = boundary_ordinal(DAY, 0) - 100 * 48
    return [
        MeteringPoint(
            party_no=n,
            label=name,
            channel=Channel.EXPORT,
            meters=(
                MeterSpec(
                    meter_no=n + 1, meter_id=name, channel=Channel.EXPORT, unit_wh=UNIT_WH, digits=6,
                    installed_boundary=installed, removed_boundary=None, plausible_wh_max=5_000,
                ),
            ),
        )
        for n, name in enumerate(meter_names(n_meters))
    ]  # fmt: skip


def _vendor_rows(path: Path, specs: list[MeterSpec]) -> tuple[ReadingRows, int]:
    """Decode a vendor's table by its columns.toml, block by block, and judge its rows."""
    addresses = {str(spec.meter_id): (spec.meter_no,) for spec in specs}
    accepted, n_rejected = [], 0
    for block in vendor_blocks(path, 0):
        resolved = resolve(block.decoded.rows, specs, addresses, path.name)
        accepted.append(resolved.accepted)
        n_rejected += int(resolved.rejected_index.size)
    return ReadingRows.joined(accepted), n_rejected


def main() -> None:
    """Read, judge, measure; print what each took and what came out."""
    path, n_meters = Path(sys.argv[1]), int(sys.argv[2])
    laps = _Laps()
    points = points_of(n_meters)
    laps.end("points")
    specs = [point.meters[0] for point in points]
    if path.name.startswith("vendor"):
        accepted, n_rejected = _vendor_rows(path, specs)
        laps.end("decode and take in")
    else:
        read = readings_of_parquet if path.suffix == ".parquet" else readings_of_csv
        delivered = read(path.name, ReadingFile.REGISTERS, path.read_bytes())
        laps.end("read")
        intake = take_in(delivered.columns, specs, path.name)
        accepted, n_rejected = intake.accepted, int(intake.rejected_index.size)
        laps.end("take in")
    rows = accepted.between(*day_span(DAY))
    meter_nos = window_needed(rows, points, DAY)
    wide = accepted.between(*window_span(DAY)).of_meters(meter_nos)
    rows = ReadingRows.joined([rows.without_meters(meter_nos), wide])
    laps.end("windows")
    measured = measure_day(rows, points, DAY)
    laps.end("measure")
    print(
        json.dumps(
            {
                "stages": laps.stages,
                "rejected": n_rejected,
                "wide_meters": len(meter_nos),
                "slots": {
                    quality.name.lower(): [
                        int((measured.quality == quality).sum()),
                        int(measured.energy_wh[measured.quality == quality].sum()),
                    ]
                    for quality in Quality
                },
                "digest": sha256(measured.energy_wh.tobytes() + measured.quality.tobytes()).hexdigest()[:16],
            }
        )
    )


if __name__ == "__main__":
    main()
