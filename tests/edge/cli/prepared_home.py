"""A home with a small market in which November is closed but not finalised, and December is delivered.

Enters: a folder. Leaves: PreparedHome, to be copied for each test. December's readings end on the 2nd.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.markets.small_market import write_market
from tests.start.homes import Home, Ran

MARKET_TOML = Path("pilot") / "market.toml"


def prepare(folder: Path) -> tuple[Home, Path]:
    """Make the home and give it with the folder of what was delivered."""
    deliveries = folder / "deliveries"
    market = write_market(deliveries)
    terms = (deliveries / MARKET_TOML).read_text(encoding="utf-8")
    longer = terms.replace(f"last_delivery_date = {market.last_date}", "last_delivery_date = 2020-12-31")
    assert longer != terms
    (deliveries / MARKET_TOML).write_text(longer, encoding="utf-8")
    home = Home.made(folder / "prepared")
    for arguments in (["ingest", str(deliveries / "pilot")], ["close-day", "2020-11-29..2020-11-30"]):
        ran = home.run(*arguments)
        assert ran.exit_code == 0, ran.err
    return home, deliveries


def write_energies(path: Path, rows: Sequence[str]) -> Path:
    """Write a file of energies, its rows given without the time of receipt."""
    return _write(path, "meter_id,channel,slot_end,energy_wh,received_at", rows)


def write_registers(path: Path, rows: Sequence[str]) -> Path:
    """Write a file of registers, its rows given without the time of receipt."""
    return _write(path, "meter_id,channel,read_at,register_count,received_at", rows)


def _write(path: Path, header: str, rows: Sequence[str]) -> Path:
    """Write a CSV file; everything was received on 20 December."""
    lines = [header, *(f"{row},2020-12-20T00:00:00+09:00" for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def assert_refused(ran: Ran, what: str, advice: str) -> None:
    """Check that a command was declined in two sentences: what is wrong and where, what to do."""
    assert ran.exit_code == 2, ran
    said = ran.err.splitlines()
    assert said[-2:] == [f"declined  {what}", f"what to do  {advice}"], ran.err
    assert "Traceback" not in ran.out + ran.err


@contextmanager
def untouched(home: Home) -> Iterator[None]:
    """Check that meanwhile no row of the database and no file of the lake changes."""
    before = home.content()
    yield
    assert home.content() == before
