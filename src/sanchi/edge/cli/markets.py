"""Which market a command means, and which dates: the shared reading of arguments.

Enters: what a person typed. Leaves: ids and dates. Not here: whether the dates have data.
"""

from datetime import date

from sanchi.app.stores import Installation
from sanchi.core.base.errors import UnknownRecord, WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.core.base.slots import dates_between

RANGE_MARK = ".."


def chosen_market(installation: Installation, named: str | None) -> MarketId:
    """Give the named market, or the only one; UnknownRecord lists what there is."""
    there = installation.stores.market.market_ids()
    if named is not None and named in there:
        return MarketId(named)
    listed = ", ".join(there) or "none"
    if named is not None:
        raise UnknownRecord(f"There is no market {named!r} here (markets: {listed}).", hint="Choose one of them.")
    if not there:
        raise UnknownRecord("This home holds no market yet.", hint="Take one in first: sanchi ingest FOLDER")
    if len(there) > 1:
        raise UnknownRecord(f"This home holds several markets ({listed}).", hint="Name one with --market.")
    return there[0]


def parsed_date(text: str) -> date:
    """Read YYYY-MM-DD; WrongInput says how to write it."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongInput(f"{text!r} is not a date.", hint="Write it as YYYY-MM-DD, for example 2020-12-01.") from error


def parsed_dates(text: str) -> tuple[date, ...]:
    """Read one date or a range FROM..TO, both ends included."""
    first_text, mark, last_text = text.partition(RANGE_MARK)
    first_date = parsed_date(first_text)
    last_date = parsed_date(last_text) if mark else first_date
    if last_date < first_date:
        raise WrongInput(f"{text!r} ends before it begins.", hint="Write the earlier date first.")
    return dates_between(first_date, last_date)


def parsed_month(text: str) -> Month:
    """Read YYYY-MM; WrongInput says how to write it."""
    try:
        return Month.parse(text)
    except ValueError as error:
        raise WrongInput(f"{text!r} is not a month.", hint="Write it as YYYY-MM, for example 2020-12.") from error
