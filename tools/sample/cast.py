"""Who plays which part in the sample: the homes that differ from the rest, and the companies.

Constants only. Not here: what was measured (homes), what they pay (offers), what went wrong (faults).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

# Homes by number.
SELF_CONSUMPTION_HOMES: Final = (5, 19, 21, 46, 50)  # sell self-consumption value to the construction company
OUTSIDE_HOMES: Final = (18, 33)  # measured, but trade outside the platform
THIRD_PARTY_ROOFS: Final = (13, 38)  # the roof belongs to S01, which owns the value and is paid
SECOND_RETAILER_HOMES: Final = tuple(range(4, 52, 4))  # sell through R02, the others through R01
SILENT_HOME: Final = 23  # installed, but never connects
ROLLOVER_HOME: Final = 2  # its import register passes 99,999.9 kWh

# The ten years of the feed-in tariff ended before the pilot for all others.
COMMISSIONED_LATER: Final = {9: date(2010, 12, 15), 21: date(2017, 6, 15)}
COMMISSIONED_FIRST: Final = date(2009, 11, 1)
COMMISSIONED_LAST: Final = date(2010, 10, 31)

# Home number -> when its grid meter is exchanged (JST).
EXCHANGES: Final = {7: "2021-01-13 10:30", 36: "2020-12-18 14:00"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A party that is no home."""

    party_id: str
    role: str
    name: str
    name_ja: str
    company: str
    district: str


COMPANIES: Final = (
    Company(party_id="B01", role="buyer", name="Shop at the station", name_ja="駅前店",
            company="Shop chain", district="North"),
    Company(party_id="B02", role="buyer", name="Shop by the river", name_ja="川沿い店",
            company="Shop chain", district="East"),
    Company(party_id="B03", role="buyer", name="Shop in the park", name_ja="公園店",
            company="Shop chain", district="South"),
    Company(party_id="B04", role="buyer", name="Building with tenants", name_ja="テナントビル",
            company="Building owner", district="West"),
    Company(party_id="B05", role="buyer", name="Construction company", name_ja="建設会社",
            company="Construction company", district="North"),
    Company(party_id="R01", role="retailer", name="First purchasing retailer", name_ja="買取小売事業者1",
            company="", district=""),
    Company(party_id="R02", role="retailer", name="Second purchasing retailer", name_ja="買取小売事業者2",
            company="", district=""),
    Company(party_id="R03", role="retailer", name="Retailer outside the platform", name_ja="枠外の小売事業者",
            company="", district=""),
    Company(party_id="S01", role="retailer", name="Roof owner and recruiter", name_ja="屋根所有・募集会社",
            company="", district=""),
    Company(party_id="S02", role="retailer", name="Recruiting company", name_ja="募集会社",
            company="", district=""),
)  # fmt: skip
DISTRICTS: Final = ("North", "East", "South", "West")
