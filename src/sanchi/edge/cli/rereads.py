"""`sanchi rereads`: plan which days gateways ask their meters for again, before anything is estimated."""

import sys
from datetime import datetime
from functools import partial
from typing import Annotated, Final

import typer

from sanchi.app.rereads import RereadPlan, plan_market_rereads
from sanchi.core.base.slots import JST
from sanchi.edge.cli.collect import parsed_stamp
from sanchi.edge.cli.console import ERR, print_json
from sanchi.edge.cli.markets import chosen_market
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

STEP: Final = "rereads"
SUBJECT: Final = "gateways"

DaysOption = Annotated[int, typer.Option("--days", min=1, help="How many days are asked for in this round at most.")]
PerGatewayOption = Annotated[int, typer.Option("--per-gateway", min=1, help="Of them, of one gateway at most.")]
NowOption = Annotated[str | None, typer.Option("--now", metavar="STAMP", help="The present, for replays.")]
PreviewOption = Annotated[bool, typer.Option("--preview", help="Do not note that the days are asked for.")]


def run(
    ctx: typer.Context,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    days: DaysOption = 50,
    per_gateway: PerGatewayOption = 3,
    now: NowOption = None,
    *,
    preview: PreviewOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print the days that meters behind gateways are worth asking for again, one GATEWAY:DATE a line.

    The lines are what `sanchi collect --reread -` reads: `sanchi rereads | sanchi collect --reread -`. Each line
    printed is noted as asked; a day that brings nothing new rests an hour, then 4, 16 and so on, at most seven days.
    """
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    use_case = partial(
        plan_market_rereads,
        installation.stores,
        market_id,
        datetime.now(JST) if now is None else parsed_stamp(now),
        days_max=days,
        gateway_days_max=per_gateway,
        is_noted=not preview,
    )
    plan = installation.run_step(market_id, STEP, SUBJECT, use_case)
    print_json(plan_document(plan)) if as_json else print_plan(plan)


def print_plan(plan: RereadPlan) -> None:
    """Write the lines for a programme, and the sum for a person."""
    for day in plan.days:
        sys.stdout.write(f"{day.gateway}:{day.delivery_date}\n")
    days = "1 day" if len(plan.days) == 1 else f"{len(plan.days)} days"
    missing_count = sum(day.missing_count for day in plan.days)
    ERR.print(f"{days} to ask for, {missing_count:,} counts missing; {plan.waiting_count:,} more days wait")


def plan_document(plan: RereadPlan) -> dict[str, object]:
    """Lay a plan out for a machine."""
    return {
        "days": [
            {
                "gateway": day.gateway,
                "delivery_date": day.delivery_date.isoformat(),
                "missing_counts": day.missing_count,
            }
            for day in plan.days
        ],
        "waiting_days": plan.waiting_count,
    }
