"""A small good market as delivered files, and stores in memory that take them.

Enters: changes to the files. Leaves: paths and stores. Not here: what is tested.
"""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import pytest

from sanchi.app.ingest import IngestReport, ingest_delivery
from sanchi.app.stores import Installation, Stores
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.base.ids import MarketId
from sanchi.edge.delivery.inbox import open_inbox
from sanchi.edge.delivery.opening import open_delivery
from tests.fakes.alert_store import MemoryAlertStore
from tests.fakes.day_store import MemoryDayStore
from tests.fakes.market_store import MemoryMarketStore
from tests.fakes.reading_store import MemoryReadingStore

Result = TypeVar("Result")

TOWN = MarketId("town")
FILES = {
    "market.toml": """
[market]
market_id = "town"
name = "Town"
name_ja = "町"
grid_area = "03"
retailer_id = "R1"
first_delivery_date = 2020-11-20
last_delivery_date = 2021-02-28
tax_permille = 100
finalise_day = 25
waiting_days = 20
data_credits = ""
""",
    "parties.csv": """party_id,role,name,name_ja,company,district
R1,retailer,Retailer,小売,,
H1,home,Home 1,家1,,North
H2,home,Home 2,家2,,North
B1,buyer,Shop,店,Chain,South
B2,buyer,Office,事務所,,South
""",
    "plants.csv": """home_id,device_id,group,capacity_w,commissioning_date,fit_end,measurement_grade,"""
    """ct_class_permille,battery_capacity_wh,battery_power_w,battery_efficiency_permille,purchaser_id,"""
    """recruiter_id,value_owner_id,payee_id,standard_price_sen_per_kwh,load_provenance,pv_provenance,"""
    """battery_provenance
H1,D1,surplus,4000,2010-10-01,2020-10-01,ct,10,0,0,0,R1,R1,H1,H1,850,measured+re-dated,modelled,
H2,D2,self_consumption,5000,2010-10-01,2020-10-01,ct,10,6500,3000,900,R1,R1,H2,H2,850,measured,modelled,"""
    """modelled
""",
    "meters.csv": """meter_id,party_id,channels,unit_wh,digits,installed_at,removed_at,plausible_wh_max
S1,H1,import+export,100,6,2020-11-20T00:00:00+09:00,,10000
P1,H1,pv,1,0,2020-11-20T00:00:00+09:00,,4000
S2,H2,import+export,100,6,2020-11-20T00:00:00+09:00,,10000
P2,H2,pv,1,0,2020-11-20T00:00:00+09:00,,4000
C2,H2,charge+discharge,1,0,2020-11-20T00:00:00+09:00,,4000
U1,B1,use,1,0,2020-11-20T00:00:00+09:00,,50000
""",
    "offers.csv": """buyer_id,kind,home_price_sen_per_kwh,buyer_price_sen_per_kwh,capacity_rule,"""
    """cap_wh_per_slot,valid_from,valid_until
B1,surplus,1000,1200,metered_use,,2020-11-20,
B2,self_consumption,100,150,cap_only,4000,2020-11-20,2021-01-01
""",
    "choices.csv": """home_id,kind,choice_no,buyer_id,valid_from
H1,surplus,1,B1,2020-11-20
H1,surplus,2,B2,2020-11-20
H2,self_consumption,1,B2,2020-11-20
""",
}
REGISTERS_HEADER = "meter_id,channel,read_at,register_count,received_at\n"
ENERGIES_HEADER = "meter_id,channel,slot_end,energy_wh,received_at\n"


def write_market(folder: Path, **changes: str) -> Path:
    """Write the good market into a folder, with files replaced by name (`offers="..."`)."""
    for name, text in FILES.items():
        (folder / name).write_text(changes.get(name.partition(".")[0], text), encoding="utf-8")
    return folder


def write_registers(folder: Path, name: str, *rows: str) -> Path:
    """Write a registers file of rows without their time of receipt."""
    text = REGISTERS_HEADER + "".join(f"{row},2021-03-01T00:00:00+09:00\n" for row in rows)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


class Town:
    """An installation in memory with the steps that it ran."""

    def __init__(self) -> None:
        self.market = MemoryMarketStore()
        self.readings = MemoryReadingStore()
        self.days = MemoryDayStore()
        self.steps: list[tuple[str, str, str]] = []
        nothing = cast("Any", None)
        stores = Stores(
            market=self.market,
            readings=self.readings,
            days=self.days,
            certificates=nothing,
            ledger=nothing,
            alerts=MemoryAlertStore(),
            registry=nothing,
        )
        # What taking files in needs of an installation, and no more.
        self.installation = cast(
            "Installation",
            SimpleNamespace(stores=stores, run_step=self._run_step, open_delivery=open_delivery, open_inbox=open_inbox),
        )

    def take(self, path: Path, named_id: MarketId | None = None) -> list[IngestReport]:
        """Take a file or folder."""
        return list(ingest_delivery(self.installation, open_delivery(path), named_id))

    def _run_step(self, market_id: MarketId, step: str, subject: str, use_case: Callable[[], Result]) -> Result:
        self.steps.append((market_id, step, subject))
        return use_case()


def changed(name: str, *swaps: tuple[str, str]) -> str:
    """Give a file of the good market with texts swapped, each of which has to be there."""
    text = FILES[name]
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def refusal(town: Town, folder: Path, name: str, text: str) -> str:
    """Give the message with which a file is refused, and see that nothing of it was taken."""
    book = town.market.book(TOWN)
    n_deliveries = len(town.readings.deliveries[TOWN])
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableDelivery) as refused:
        town.take(folder / name)
    assert town.market.book(TOWN) == book
    assert len(town.readings.deliveries[TOWN]) == n_deliveries
    return str(refused.value)
