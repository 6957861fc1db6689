"""Writing the sample's files so that the same content always gives the same bytes.

Enters: rows; leaves: files in the market folder's formats. Not here: what the rows say.
"""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.sample.deliveries import Deliveries, Rows
from tools.sample.faults import Round
from tools.sample.offers import Row
from tools.sample.period import FIRST_DATE, LAST_DATE

JST_STAMP: Final = pa.timestamp("s", tz="Asia/Tokyo")
ROW_GROUP_ROWS: Final = 1 << 17
ZSTD_LEVEL: Final = 19
LATER_NAMES: Final = {Round.LATE: "late-1", Round.AFTER_FINAL: "late-2"}

MARKET_TOML: Final = f"""\
[market]
market_id = "tokyo-pilot"
name = "Tokyo pilot (sample)"
name_ja = "東京実証（見本）"
grid_area = "03"
retailer_id = "R01"
first_delivery_date = {FIRST_DATE}
last_delivery_date = {LAST_DATE}
tax_permille = 100
finalise_day = 25
waiting_days = 20
data_credits = \"\"\"
Load of H01 to H40: Smart-Grid Smart-City Customer Trial, Australian Government, CC BY 3.0 AU; re-dated.
Load and generation of H41 to H51: CityLearn Challenge 2022, Intelligent Environments Lab, UT Austin (MIT); re-dated.
Load and generation of H52: EMHASS, David Hernandez (MIT); re-dated.
Use of the buyers: embedded-network-model, Luke Marshall (MIT); scaled, re-dated and repeated.
Generation of H01 to H40: 出典：気象庁ホームページ「過去の気象データ」（東京）を加工して作成。
\"\"\"
"""


def write_csv(path: Path, rows: list[Row]) -> None:
    """Write rows under their header; no field holds a comma or a quote."""
    lines = [",".join(rows[0])] + [",".join(str(field) for field in row.values()) for row in rows]
    assert all(line.count(",") == lines[0].count(",") for line in lines), f"{path.name}: a field holds a comma"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def write_deliveries(sample_dir: Path, deliveries: Deliveries) -> None:
    """Write one file of registers and one of energies for each month and later round."""
    for (when, month), listed in deliveries.items():
        name = month or LATER_NAMES[when]
        write_readings(sample_dir / when / f"registers-{name}.parquet", [r for r in listed if r.is_register])
        write_readings(sample_dir / when / f"energies-{name}.parquet", [r for r in listed if not r.is_register])


def write_readings(path: Path, listed: list[Rows]) -> None:
    """Write readings in the order given: meter by meter, each in the order of time."""
    is_register = path.name.startswith("registers")
    stamp_name, reading_name = ("read_at", "register_count") if is_register else ("slot_end", "energy_wh")
    columns = {
        "meter_id": names([rows.meter_id for rows in listed], listed),
        "channel": names([rows.channel for rows in listed], listed),
        stamp_name: stamps([rows.stamp_s for rows in listed]),
        reading_name: pa.array(np.concatenate([rows.reading for rows in listed]), pa.int64()),
        "received_at": stamps([rows.received_s for rows in listed]),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table(columns),
        path,
        row_group_size=ROW_GROUP_ROWS,
        version="2.6",
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        use_dictionary=["meter_id", "channel"],
        column_encoding=dict.fromkeys((stamp_name, reading_name, "received_at"), "DELTA_BINARY_PACKED"),
    )


def names(texts: list[str], listed: list[Rows]) -> pa.Array:
    """Repeat each series' name for each of its rows."""
    return pa.array(np.repeat(np.array(texts, dtype=object), [len(rows.stamp_s) for rows in listed]), pa.string())


def stamps(parts: list[np.ndarray]) -> pa.Array:
    """Write Unix seconds as instants in Japan Standard Time."""
    return pa.array(np.concatenate(parts), pa.int64()).cast(JST_STAMP)
