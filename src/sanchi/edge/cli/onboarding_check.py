"""`sanchi onboarding-check`: before anything is installed, how likely a home's connection is not to hold."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from sanchi.core.base.errors import WrongInput
from sanchi.core.metering.connections.onboarding import Forecast, MeterPlace, Risk, WifiBand, assess
from sanchi.edge.cli.console import OUT, print_json
from sanchi.edge.cli.onboarding_files import read_surveys, survey_of
from sanchi.edge.cli.opening import JsonOption

RISK_STYLES: Final = {Risk.LOW: "green", Risk.MIDDLE: "yellow", Risk.HIGH: "red"}
# The heaviest first: who is looked at first.
RISK_ORDER: Final = (Risk.HIGH, Risk.MIDDLE, Risk.LOW)

FileArgument = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="A CSV or TOML file of homes (docs/reference/onboarding.md).")
]
PlaceOption = Annotated[str | None, typer.Option("--meter-place", help=", ".join(MeterPlace))]
BandOption = Annotated[str | None, typer.Option("--wifi", help=", ".join(WifiBand))]
RoomOption = Annotated[bool, typer.Option("--router-in-same-room", help="Router and gateway share a room.")]
DistanceOption = Annotated[int | None, typer.Option("--distance-m", help="From the smart meter to the gateway [m].")]
StrengthOption = Annotated[int | None, typer.Option("--wifi-dbm", help="Wi-Fi where the gateway will stand [dBm].")]
TriesOption = Annotated[int | None, typer.Option("--tries", help="Trial readings of the meter.")]
AnswersOption = Annotated[int | None, typer.Option("--answers", help="How many of them were answered.")]
LqiOption = Annotated[int | None, typer.Option("--lqi", help="Link quality that the adapter shows, 0 to 255.")]


def run(
    file: FileArgument = None,
    meter_place: PlaceOption = None,
    wifi: BandOption = None,
    distance_m: DistanceOption = None,
    wifi_dbm: StrengthOption = None,
    tries: TriesOption = None,
    answers: AnswersOption = None,
    lqi: LqiOption = None,
    *,
    router_in_same_room: RoomOption = False,
    as_json: JsonOption = False,
) -> None:
    """Tell how likely a home's connection is not to hold, why, and what to do before anything is installed.

    Ask for one home by options, or for many by a file. What it says are rules of experience, not chances: a trial
    reading of ten tries says more than all else. Needs no home of sanchi.
    """
    if file is None and (meter_place is None or wifi is None):
        raise WrongInput(
            "Where the meter stands and which Wi-Fi there is have to be known.",
            hint="Give --meter-place and --wifi, or name a file of homes.",
        )
    if file is not None and (meter_place is not None or wifi is not None):
        raise WrongInput("A file and answers of one home were given.", hint="Give one of them.")
    told = {
        "meter_place": meter_place,
        "wifi_band": wifi,
        "router_in_same_room": "yes" if router_in_same_room else "no",
        "distance_m": distance_m,
        "wifi_dbm": wifi_dbm,
        "tries": tries,
        "answers": answers,
        "lqi": lqi,
    }
    if file is None:
        fields = {name: "" if value is None else str(value) for name, value in told.items()}
        forecasts = {"": assess(survey_of("options", fields))}
    else:
        forecasts = {home: assess(survey) for home, survey in read_surveys(file).items()}
    if as_json:
        print_json([_document(home, forecast) for home, forecast in forecasts.items()])
    else:
        _print(forecasts)


def _print(forecasts: dict[str, Forecast]) -> None:
    """Tell each home, those at high risk first."""
    counts = Counter(forecast.risk for forecast in forecasts.values())
    if len(forecasts) != 1:
        told = ", ".join(f"{counts[risk]} {risk}" for risk in RISK_ORDER)
        OUT.print(f"[bold]{len(forecasts)} homes[/]  risk: {told}")
    for home, forecast in sorted(forecasts.items(), key=lambda each: RISK_ORDER.index(each[1].risk)):
        name = f"[bold]{escape(home)}[/]  " if home else ""
        OUT.print(f"\n{name}[{RISK_STYLES[forecast.risk]}]{forecast.risk} risk[/]")
        for reason in forecast.reasons:
            OUT.print(f"  {escape(reason.what)}")
            OUT.print(f"    [dim]{escape(reason.remedy)}[/]")
        if not forecast.reasons:
            OUT.print("  nothing speaks against it")


def _document(home: str, forecast: Forecast) -> dict[str, Any]:
    """Lay a forecast out for a machine."""
    return {
        "home": home or None,
        "risk": forecast.risk,
        "points": sum(reason.points_count for reason in forecast.reasons),
        "reasons": [
            {"points": reason.points_count, "what": reason.what, "remedy": reason.remedy} for reason in forecast.reasons
        ],
    }
