"""`sanchi accounting`: hold buyers' use against what they got, half hour by half hour, for a month or a year."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import PartyId
from sanchi.edge.cli.console import ERR, OUT, permille_text, print_json, wh_text
from sanchi.edge.cli.markets import chosen_market, parsed_month
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening
from sanchi.edge.cli.statement import write_whole

if TYPE_CHECKING:
    from sanchi.app.account_hours import HourAccount
    from sanchi.core.reports.hour_matching import PeriodMatch

FACTORS_FILE = "co2_factors.toml"
APRIL = 4
YEAR_MIN, YEAR_MAX = 1, 9998

BuyerOption = Annotated[list[str] | None, typer.Option("--buyer", help="A buyer; may be given several times.")]
CompanyOption = Annotated[str | None, typer.Option("--company", help="All sites of a company, and their sum.")]
MonthOption = Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="A month of delivery.")]
YearOption = Annotated[int | None, typer.Option("--year", help="A calendar year.")]
FiscalYearOption = Annotated[
    int | None, typer.Option("--fiscal-year", help="A Japanese fiscal year: 2020 is April 2020 to March 2021.")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Leave out Wh whose half hour was estimated.")]
FactorsOption = Annotated[
    Path | None,
    typer.Option("--co2-factors", metavar="FILE", help=f"TOML or CSV; by default {FACTORS_FILE} in the home."),
]
CsvOption = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write every half hour as CSV.")]
SLOT_COLUMNS = (
    "buyer_id", "scope", "delivery_date", "slot_no", "use_wh", "received_wh", "left_out_wh", "covered_wh",
    "uncovered_wh", "excess_wh",
)  # fmt: skip


def run(
    ctx: typer.Context,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    buyer: BuyerOption = None,
    company: CompanyOption = None,
    month: MonthOption = None,
    year: YearOption = None,
    fiscal_year: FiscalYearOption = None,
    co2_factors: FactorsOption = None,
    csv_file: CsvOption = None,
    *,
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print how much of each buyer's use roofs covered: by half hours, hours, months and the whole period.

    What nothing covered is told with its CO2 by the factors that somebody gave, and without any where nobody did.
    """
    from sanchi.app.account_hours import account_hours

    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    first_date, last_date = _period(month, year, fiscal_year)
    factors_file = co2_factors or home / FACTORS_FILE
    has_factors = co2_factors is not None or factors_file.exists()
    accounts = account_hours(
        installation.origins,
        market_id,
        first_date=first_date,
        last_date=last_date,
        buyer_ids=[PartyId(one) for one in buyer or ()],
        company=company,
        is_strict=strict,
        factors=installation.read_factors(factors_file) if has_factors else (),
    )
    if csv_file is not None:
        write_whole(csv_file, _slots_csv(accounts))
        ERR.print(f"wrote  {escape(str(csv_file))}")
    if as_json:
        print_json(_document(accounts, first_date, last_date, is_strict=strict))
        return
    _print_accounts(accounts, f"{first_date} to {last_date}{', strict' if strict else ''}")
    _print_emissions(accounts)


def _period(month: str | None, year: int | None, fiscal_year: int | None) -> tuple[date, date]:
    """Give the first and last date of the one period that is named."""
    if sum(each is not None for each in (month, year, fiscal_year)) != 1:
        raise WrongInput("Name one period.", hint="Give --month YYYY-MM, --year YYYY or --fiscal-year YYYY.")
    if month is not None:
        parsed = parsed_month(month)
        return parsed.first_date, parsed.last_date
    named = fiscal_year if year is None else year
    if named is None or not YEAR_MIN <= named <= YEAR_MAX:
        raise WrongInput(f"{named} is not a year.", hint="Write it as YYYY, for example 2020.")
    if year is not None:
        return date(year, 1, 1), date(year, 12, 31)
    return date(named, APRIL, 1), date(named + 1, APRIL - 1, 31)


def _print_accounts(accounts: Sequence["HourAccount"], title: str) -> None:
    """Print a row a site, months below it where there are several, and the sum of all."""
    from sanchi.app.account_hours import AccountScope, total_of

    OUT.print(f"\n[bold]Use covered by roofs, {title}[/]")
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for name in ("buyer", "use kWh", "covered kWh", "by ½ h", "by hour", "by month", "in all", "not covered kWh"):
        table.add_column(name, justify="left" if name == "buyer" else "right")
    for account in accounts:
        is_whole = account.scope is AccountScope.WHOLE
        name = f"{account.site.buyer.party_id}{' with tenants' if is_whole else ''}"
        if not account.site.is_metered:
            table.add_row(name, "no meter", wh_text(account.total.received_wh), *("–" for _ in range(5)))
            continue
        table.add_row(name, *_figures(account.total, account.months_covered_wh))
        if len(account.months) > 1:
            for month, match in account.months.items():
                table.add_row(f"  {month}", *_figures(match, match.period_covered_wh), style="dim")
    metered = [account for account in accounts if account.site.is_metered]
    finals = [account for account in metered if account.scope is AccountScope.FINAL]
    if len(finals) > 1:
        months_wh = sum(account.months_covered_wh for account in finals)
        table.add_row("all sites", *_figures(total_of(finals), months_wh), style="bold")
    OUT.print(table)
    if any(account.scope is AccountScope.WHOLE for account in accounts):
        OUT.print("[dim]A row 'with tenants' counts Wh that stand at the tenants too: never claim both.[/]")


def _figures(match: "PeriodMatch", months_covered_wh: int) -> tuple[str, ...]:
    """Write the sums of a period."""
    from fractions import Fraction

    from sanchi.core.reports.hour_matching import share_permille

    by_month = Fraction(months_covered_wh, match.use_wh) if match.use_wh else None
    shares = (match.slot_share, match.hour_share, by_month, match.period_share)
    return (
        wh_text(match.use_wh),
        wh_text(match.slot_covered_wh),
        *(permille_text(share_permille(share)) for share in shares),
        wh_text(match.uncovered_wh),
    )


def _print_emissions(accounts: Sequence["HourAccount"]) -> None:
    """Print the CO2 of what nothing covered, by each factor, and say where none was given."""
    OUT.print("\n[bold]CO2 of use that nothing covered in its half hour[/]")
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for name in ("buyer", "fiscal year", "factor", "g/kWh", "kWh", "kg CO2"):
        table.add_column(name, justify="left" if name in {"buyer", "factor"} else "right")
    missing: dict[int, None] = {}
    for account in accounts:
        for each in account.emissions.emissions:
            factor = each.factor
            table.add_row(
                account.site.buyer.party_id,
                str(factor.fiscal_year),
                escape(f"{factor.menu}, {factor.kind}"),
                str(factor.co2_g_per_kwh),
                wh_text(each.uncovered_wh),
                wh_text(each.co2_mg // 1_000),
            )
        missing |= dict.fromkeys(account.emissions.unanswered_wh)
    if table.row_count:
        OUT.print(table)
    for year in sorted(missing):
        OUT.print(f"no factor for fiscal year {year}: give one in {FACTORS_FILE}, or with --co2-factors FILE")


def _document(accounts: Sequence["HourAccount"], first_date: date, last_date: date, *, is_strict: bool) -> Any:
    """Lay the accounts out for a machine."""
    from sanchi.app.account_hours import total_of

    return {
        "first_date": str(first_date),
        "last_date": str(last_date),
        "is_strict": is_strict,
        "accounts": [_account_document(account) for account in accounts],
        "total": _match_document(total_of([account for account in accounts if account.site.is_metered])),
    }


def _account_document(account: "HourAccount") -> dict[str, Any]:
    """Lay one account out."""
    from sanchi.core.reports.hour_matching import hours_of

    emissions = account.emissions
    return {
        "buyer_id": account.site.buyer.party_id,
        "company": account.site.buyer.company,
        "scope": account.scope.value,
        "is_metered": account.site.is_metered,
        "total": _match_document(account.total),
        "months_covered_wh": account.months_covered_wh,
        "months": {str(month): _match_document(match) for month, match in account.months.items()},
        "hours": {
            "dates": [str(day) for day in account.site.dates],
            "use_wh": hours_of(account.match.use_wh).tolist(),
            "covered_wh": hours_of(account.match.covered_wh).tolist(),
        },
        "co2": [
            {
                "fiscal_year": each.factor.fiscal_year,
                "menu": each.factor.menu,
                "kind": each.factor.kind.value,
                "co2_g_per_kwh": each.factor.co2_g_per_kwh,
                "source": each.factor.source,
                "uncovered_wh": each.uncovered_wh,
                "co2_mg": each.co2_mg,
            }
            for each in emissions.emissions
        ],
        "without_factor_wh": {str(year): energy_wh for year, energy_wh in emissions.unanswered_wh.items()},
    }


def _match_document(match: "PeriodMatch") -> dict[str, int | None]:
    """Lay the sums of a period out; shares in permille, rounded down."""
    from dataclasses import asdict

    from sanchi.core.reports.hour_matching import share_permille

    return asdict(match) | {
        "uncovered_wh": match.uncovered_wh,
        "slot_share_permille": share_permille(match.slot_share),
        "hour_share_permille": share_permille(match.hour_share),
        "period_share_permille": share_permille(match.period_share),
    }


def _slots_csv(accounts: Sequence["HourAccount"]) -> bytes:
    """Write every half hour of every account; covered + uncovered = use, covered + excess = received."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(SLOT_COLUMNS)
    for account in accounts:
        match = account.match
        columns = (
            match.use_wh,
            match.counted_wh,
            match.left_out_wh,
            match.covered_wh,
            match.uncovered_wh,
            match.excess_wh,
        )
        for day, *slots in zip(account.site.dates, *(column.tolist() for column in columns), strict=True):
            for slot_no, energies in enumerate(zip(*slots, strict=True), start=1):
                rows.writerow((account.site.buyer.party_id, account.scope.value, day, slot_no, *energies))
    return text.getvalue().encode()
