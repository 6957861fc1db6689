"""Who plays which part: the way that each home's readings take, its devices, its registers' first counts, its points.

Enter: homes and a seed. Leave: HomeCast values. Not here: what the devices send (streams).
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sanchi.edge.sandbox.chance import Chance

METER: Final = "028801"
SOLAR: Final = "027901"
BATTERY: Final = "027D01"
REGISTER_TURN: Final = 10**6  # counts of 0.1 kWh
SOLAR_TURN: Final = 10**9  # counts of 0.001 kWh: 0..999,999,999, then from 0 again
POINT_DIGITS: Final = 22


class Way(StrEnum):
    """How the readings of a home come in."""

    GATEWAY = "gateway"  # all of it by a gateway over MQTT
    CLOUDS = "clouds"  # the register by the B-route cloud; generation and a second grid value by the CT cloud
    CLOUDS_TSO = "clouds_tso"  # the same, and the network operator's values some days later


class Connector(StrEnum):
    """The door through which something comes."""

    MQTT = "mqtt"
    BR_CLOUD = "br_cloud"
    CT_CLOUD = "ct_cloud"
    TSO = "tso"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of a home that talks to a broker or a cloud; its id is what the outside world knows."""

    device_id: str
    connector: Connector
    home: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeCast:
    """A home's part; counts are those of its registers at the first midnight, in their units.

    rest_wh : what each register of the grid meter holds beyond its count, 0..99 Wh, for import and export.
    """

    home: str
    way: Way
    devices: tuple[Device, ...]
    has_battery: bool
    import_count: int
    export_count: int
    rest_wh: tuple[int, int]
    solar_count: int
    charge_count: int
    discharge_count: int
    import_point: str
    export_point: str

    def device_for(self, connector: Connector) -> Device | None:
        """Give the home's device behind a connector, if it has one."""
        return next((device for device in self.devices if device.connector is connector), None)

    @property
    def meter_device(self) -> Device:
        """Give the device that reads the smart meter."""
        return self.devices[0]

    def with_counts(self, *, import_count: int | None = None, export_count: int | None = None) -> "HomeCast":
        """Give the same home with other first counts."""
        return replace(
            self,
            import_count=self.import_count if import_count is None else import_count,
            export_count=self.export_count if export_count is None else export_count,
        )


def chosen_homes(homes: tuple[str, ...], n_homes: int | None, seed_no: int) -> tuple[str, ...]:
    """Draw which homes take part, in the order of the sample."""
    drawn = set(Chance(seed_no, "homes").shuffled(homes)[:n_homes])
    return tuple(home for home in homes if home in drawn)


def cast_homes(homes: tuple[str, ...], battery_homes: frozenset[str], grid_area: str, seed_no: int) -> list[HomeCast]:
    """Give every home its part: about a third to each way, gateways first to homes with a battery.

    Only a gateway reads a battery; two homes in three behind a gateway have one, as long as there are enough.
    """
    chance = Chance(seed_no, "ways")
    with_battery = chance.shuffled([home for home in homes if home in battery_homes])
    without = chance.shuffled([home for home in homes if home not in battery_homes])
    n_gateways = (len(homes) + 2) // 3
    n_batteries = max(min(len(with_battery), (2 * n_gateways + 1) // 3), n_gateways - len(without))
    gateway_homes = with_battery[:n_batteries] + without[: n_gateways - n_batteries]
    rest = chance.shuffled([home for home in homes if home not in gateway_homes])
    ways = dict.fromkeys(gateway_homes, Way.GATEWAY)
    ways |= dict.fromkeys(rest[::2], Way.CLOUDS) | dict.fromkeys(rest[1::2], Way.CLOUDS_TSO)
    numbers = {Way.GATEWAY: 0, Way.CLOUDS: 20, Way.CLOUDS_TSO: 60}
    found = []
    for home in homes:
        numbers[ways[home]] += 1
        found.append(_cast_home(home, ways[home], numbers[ways[home]], home in battery_homes, grid_area, seed_no))
    return found


def _cast_home(home: str, way: Way, number: int, has_battery: bool, grid_area: str, seed_no: int) -> HomeCast:  # noqa: FBT001
    """Draw one home's devices and counts."""
    chance = Chance(seed_no, "home", home)
    devices: tuple[Device, ...]
    if way is Way.GATEWAY:
        devices = (Device(device_id=f"gw-{number:03d}", connector=Connector.MQTT, home=home),)
    else:
        devices = (
            Device(device_id=f"br-{number:03d}", connector=Connector.BR_CLOUD, home=home),
            Device(device_id=f"ct-{number:03d}", connector=Connector.CT_CLOUD, home=home),
        )
    return HomeCast(
        home=home,
        way=way,
        devices=devices,
        has_battery=has_battery,
        import_count=chance.integer(20_000, 700_000),
        export_count=chance.integer(10_000, 500_000),
        rest_wh=(chance.integer(0, 99), chance.integer(0, 99)),
        solar_count=chance.integer(1_000_000, 40_000_000),
        charge_count=chance.integer(100_000, 5_000_000),
        discharge_count=chance.integer(100_000, 4_500_000),
        import_point=supply_point(grid_area, "0", home, seed_no),
        export_point=supply_point(grid_area, "0", f"{home}/feed-in", seed_no),
    )


def supply_point(grid_area: str, voltage: str, name: str, seed_no: int) -> str:
    """Make a supply point number: grid area, voltage (0 = low, 1 = high), digits that are nobody's."""
    chance = Chance(seed_no, "point", name)
    digits = "".join(str(chance.integer(0, 9)) for _ in range(POINT_DIGITS - 3))
    return f"{grid_area}{voltage}{digits}"
