"""Builds the sample of a whole trading pilot in src/sanchi/sample: `python -m tools.build_sample`.

Enters: the source folder with its measured data; leaves: the sample's files. Not here: how each part is made.
"""

import argparse
from pathlib import Path

from tools.sample.book import meter_rows, party_rows, plant_rows
from tools.sample.buyer_uses import read_uses
from tools.sample.deliveries import deliver
from tools.sample.faults import Round, draw_fault_plan
from tools.sample.files import MARKET_TOML, write_csv, write_deliveries
from tools.sample.home_loads import source_homes
from tools.sample.homes import build_homes
from tools.sample.offers import choice_rows, offer_rows
from tools.sample.readme import readme_text
from tools.sample.roofs import read_sky
from tools.sample.series import buyer_series, home_series

CHECKOUT = Path(__file__).resolve().parents[1]
SOURCE_DIR = CHECKOUT.parent / "shared" / "data"
SAMPLE_DIR = CHECKOUT / "src" / "sanchi" / "sample"


def build_sample(source_dir: Path, sample_dir: Path) -> None:
    """Build every file of the sample; the same sources give the same bytes."""
    homes = build_homes(source_homes(source_dir), read_sky(source_dir))
    uses = read_uses(source_dir)
    plan = draw_fault_plan(len(homes))
    deliveries = deliver([*home_series(homes), *buyer_series(uses)], plan)

    write_deliveries(sample_dir, deliveries)
    pilot_dir = sample_dir / Round.ON_TIME
    (pilot_dir / "market.toml").write_text(MARKET_TOML, encoding="utf-8", newline="\n")
    write_csv(pilot_dir / "parties.csv", party_rows(homes))
    write_csv(pilot_dir / "plants.csv", plant_rows(homes))
    write_csv(pilot_dir / "meters.csv", meter_rows(homes, uses))
    write_csv(pilot_dir / "offers.csv", offer_rows())
    write_csv(pilot_dir / "choices.csv", choice_rows(homes))
    readme = readme_text(homes, uses, plan, deliveries)
    (sample_dir / "README.md").write_text(readme, encoding="utf-8", newline="\n")


def main() -> None:
    """Read the arguments and build."""
    parser = argparse.ArgumentParser(description="Build the sample data of sanchi.")
    parser.add_argument("--source", type=Path, default=SOURCE_DIR, metavar="DIR", help="folder with the measured data")
    parser.add_argument("--to", type=Path, default=SAMPLE_DIR, metavar="DIR", help="folder to write the sample to")
    arguments = parser.parse_args()
    build_sample(arguments.source, arguments.to)
    size = sum(path.stat().st_size for path in arguments.to.rglob("*") if path.is_file())
    print(f"built {arguments.to} ({size / 1e6:.2f} MB)")


if __name__ == "__main__":
    main()
