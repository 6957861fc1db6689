"""`sanchi report`: print what the pilot did so far."""

from dataclasses import asdict

import typer
from rich.markup import escape

from sanchi.app.views.market_head import MarketHead
from sanchi.core.reports.pilot_summary import PilotSummary
from sanchi.edge.cli.console import OUT, kwh_text, permille_text, print_json, print_pairs, yen_text
from sanchi.edge.cli.markets import chosen_market
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening


def run(
    ctx: typer.Context,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Print energy, homes and money of all closed days, and what these figures rest on."""
    installation = opening(ctx).installation(home)
    overview = installation.views.overview(chosen_market(installation, market))
    if as_json:
        print_json(asdict(overview.summary) | basis_document(overview.market))
        return
    print_summary(overview.summary)
    print_basis(overview.market)


def print_basis(market: MarketHead) -> None:
    """Print how the data came about and whom to name for them; nothing for a market's own meters."""
    OUT.print("\n[bold]What these figures rest on[/]")
    for each in market.provenances:
        noun = "home" if each.home_count == 1 else "homes"
        OUT.print(f"{each.subject:<11} {' + '.join(each.labels)}, {each.home_count} {noun}")
    for line in market.credits:
        OUT.print(f"[dim]{escape(line)}[/]")


def basis_document(market: MarketHead) -> dict[str, object]:
    """Lay the same out for a machine."""
    return {"provenances": [asdict(each) for each in market.provenances], "credits": list(market.credits)}


def print_summary(summary: PilotSummary) -> None:
    """Print the summary in three short tables: energy, homes, money."""
    totals, per_home = summary.totals, summary.per_home
    print_pairs(
        f"Energy, {totals.n_days} days",
        [
            ("surplus exported", f"{kwh_text(summary.surplus_wh)} kWh"),
            ("  offered on the platform", f"{kwh_text(totals.surplus_offered_wh)} kWh"),
            ("    allocated to buyers", f"{kwh_text(totals.surplus_allocated_wh)} kWh"),
            ("    standard offer", f"{kwh_text(totals.standard_offer_wh)} kWh"),
            ("self-consumed", f"{kwh_text(summary.self_wh)} kWh"),
            ("  offered on the platform", f"{kwh_text(totals.self_offered_wh)} kWh"),
            ("    allocated to buyers", f"{kwh_text(totals.self_allocated_wh)} kWh"),
            ("    kept by the homes", f"{kwh_text(totals.self_kept_wh)} kWh"),
            ("withheld to pay off debts", f"{kwh_text(totals.withheld_wh)} kWh"),
            ("open debts", f"{kwh_text(totals.open_debt_wh)} kWh"),
        ],
    )
    print_pairs(
        f"Homes, {summary.n_homes_connected} of {summary.n_homes} delivered",
        [
            ("generated per home, mean", f"{kwh_text(per_home.mean_wh)} kWh"),
            ("  smallest", f"{kwh_text(per_home.min_wh)} kWh"),
            ("  largest", f"{kwh_text(per_home.max_wh)} kWh"),
            ("  per kW installed", f"{kwh_text(per_home.per_kw_wh)} kWh"),
            ("self-consumption with battery", permille_text(summary.self_share_with_battery_permille)),
            ("self-consumption without battery", permille_text(summary.self_share_without_battery_permille)),
            ("half hours that arrived measured", permille_text(summary.connection_permille)),
        ],
    )
    print_pairs(
        "Money to homes",
        [
            ("accrued", f"{yen_text(totals.accrued_to_homes_e5yen)} yen"),
            ("payable by statements", f"{totals.payable_to_homes_yen:,} yen"),
        ],
    )
