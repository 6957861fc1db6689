"""A comparison as one HTML file that asks nothing of anybody: figures, their meaning, charts.

Enters: KindComparisons, names of buyers. Leaves: text. Not here: the words (comparison_words), the drawing (pages).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, Final

from sanchi.app.compare_mechanisms import ASSUMPTIONS, KindComparison
from sanchi.core.base.units import PERMILLE
from sanchi.core.matching.comparison import AllocationFigures
from sanchi.core.matching.mechanisms.table import MechanismName
from sanchi.edge.cli.comparison_words import (
    ASSUMPTIONS_JA,
    BLOCKING,
    ENVY,
    GINI,
    HOURS,
    KINDS,
    LEDE,
    MISSED,
    MONEY,
    RESTS,
    RULES,
    SHARES,
    TITLE,
    WORDS,
    Explained,
    Language,
)
from sanchi.edge.cli.console import gini_text, kwh_text, permille_text, wh_text, yen_text

PACKAGE = files("sanchi")
PAGES = PACKAGE / "edge" / "cli" / "pages"
# The file is the portal's; it is read as a file, so that this edge does not know the other.
CHART_LIBRARY = PACKAGE / "edge" / "portal" / "static" / "vendor" / "echarts" / "echarts.min.js"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHead:
    """Whose days are compared: the market's name, the names of its buyers by number, whom to thank."""

    market_name: str
    buyer_names: Mapping[int, str]
    credits: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """One row of bars: the word that names it among others, its length, its text; None where there is no figure."""

    word: str | None = None
    length: Callable[[AllocationFigures], float | None]
    text: Callable[[AllocationFigures], str]


def envy_text(figures: AllocationFigures) -> str:
    """Write the envy of all homes [kWh], or a dash where it was not counted."""
    return "–" if figures.envy_wh is None else kwh_text(figures.envy_wh)


# In the order of a planner's questions.
CHARTS: Final[tuple[tuple[Explained, tuple[_Series, ...]], ...]] = (
    (
        SHARES,
        (
            _Series(
                word="matched",
                length=lambda figures: figures.matched_permille,
                text=lambda figures: permille_text(figures.matched_permille),
            ),
            _Series(
                word="first_choice",
                length=lambda figures: figures.first_choice_permille,
                text=lambda figures: permille_text(figures.first_choice_permille),
            ),
        ),
    ),
    (
        MONEY,
        (
            _Series(
                word="to_homes",
                length=lambda figures: figures.to_homes_e5yen,
                text=lambda figures: yen_text(figures.to_homes_e5yen),
            ),
            _Series(
                word="paid",
                length=lambda figures: figures.paid_e5yen,
                text=lambda figures: yen_text(figures.paid_e5yen),
            ),
        ),
    ),
    (ENVY, (_Series(length=lambda figures: figures.envy_wh, text=envy_text),)),
    (
        BLOCKING,
        (
            _Series(
                length=lambda figures: figures.blocking_pair_count,
                text=lambda figures: f"{figures.blocking_pair_count:,}",
            ),
        ),
    ),
    (
        GINI,
        (
            _Series(
                length=lambda figures: None if figures.fill_gini is None else float(figures.fill_gini),
                text=lambda figures: gini_text(figures.fill_gini),
            ),
        ),
    ),
    (
        MISSED,
        (
            _Series(
                length=lambda figures: figures.missed_welfare_e5yen,
                text=lambda figures: yen_text(figures.missed_welfare_e5yen),
            ),
        ),
    ),
)


def comparison_page(compared: Sequence[KindComparison], head: PageHead, language: Language) -> str:
    """Write the page."""
    specs: dict[str, Any] = {}
    sections = [_section(each, head, language, specs) for each in compared]
    body = [_header(compared, head, language), *sections, _rules(language), _grounds(head, language)]
    return Template((PAGES / "comparison.html").read_text(encoding="utf-8")).substitute(
        language=language,
        title=escape(TITLE.to(language)),
        style=(PAGES / "comparison.css").read_text(encoding="utf-8"),
        body="\n".join(body),
        # A text that closes the script element would end it; as an escape it is the same JSON.
        figures=json.dumps(specs, ensure_ascii=False).replace("<", "\\u003c"),
        library=CHART_LIBRARY.read_text(encoding="utf-8"),
        script=(PAGES / "comparison.js").read_text(encoding="utf-8"),
    )


def _header(compared: Sequence[KindComparison], head: PageHead, language: Language) -> str:
    """Say what is shown, of whom and when."""
    dates = sorted({day for each in compared for day in each.dates})
    span = f"{dates[0]}" if len(dates) == 1 else f"{dates[0]} – {dates[-1]}, {len(dates)}{WORDS['days'].to(language)}"
    return (
        f'<header><p class="soft">{escape(head.market_name)} · {span}</p><h1>{TITLE.to(language)}</h1>'
        f'<p class="soft">{LEDE.to(language)} {WORDS["default"].to(language)}</p>'
        f"<noscript><p>{WORDS['chart_only'].to(language)}</p></noscript></header>"
    )


def _section(compared: KindComparison, head: PageHead, language: Language, specs: dict[str, Any]) -> str:
    """Show one kind: the charts, then the table of all figures."""
    kind = compared.kind
    lines = [f'<section id="{kind.text}"><h2>{KINDS[kind].to(language)}</h2>']
    if compared.mechanisms:
        supplied = WORDS["supply"].to(language).format(wh_text(compared.mechanisms[0].figures.supply_wh))
        lines.append(f'<p class="soft">{supplied} {RESTS[kind].to(language)}</p>')
        lines.append('<div class="cards">')
        for place, (explained, series) in enumerate(CHARTS):
            specs[f"{kind.text}-{place}"] = _bars(compared, series, language)
            lines.append(_card(f"{kind.text}-{place}", explained, language))
        heat, idle = _heat(compared, head)
        specs[f"{kind.text}-hours"] = heat
        note = f"{WORDS['took_nothing'].to(language)} {', '.join(idle)}" if idle else ""
        lines.append(_card(f"{kind.text}-hours", HOURS, language, note, "wide"))
        lines.append("</div>")
        lines.append(_table(compared, language))
    lines.extend(
        f"<p>{WORDS['skipped'].to(language)}: <code>{each.name}</code> – {escape(each.reason)}</p>"
        for each in compared.skipped
    )
    return "\n".join([*lines, "</section>"])


def _bars(compared: KindComparison, series: Sequence[_Series], language: Language) -> dict[str, Any]:
    """Lay bars out for the drawing; a figure that was not counted has no length, and a dash."""
    names = [each.name for each in compared.mechanisms]
    return {
        "names": names,
        "booked": names.index(MechanismName.EATING) if MechanismName.EATING in names else None,
        "series": [
            {
                "name": "" if one.word is None else WORDS[one.word].to(language),
                "bars": [
                    {"length": one.length(each.figures) or 0, "text": one.text(each.figures)}
                    for each in compared.mechanisms
                ],
            }
            for one in series
        ],
    }


def _heat(compared: KindComparison, head: PageHead) -> tuple[dict[str, Any], list[str]]:
    """Lay the heat map out; buyers that took nothing under any mechanism are named beside it."""
    shares = [
        {buyer.buyer_no: buyer.hour_matched_permille for buyer in each.figures.buyers} for each in compared.mechanisms
    ]
    buyer_nos = sorted({buyer_no for each in shares for buyer_no in each})
    shown = [buyer_no for buyer_no in buyer_nos if any(each.get(buyer_no) for each in shares)]
    cells = [
        [mechanism, row, (each.get(buyer_no) or 0) * 100 / PERMILLE, permille_text(each.get(buyer_no))]
        for mechanism, each in enumerate(shares)
        for row, buyer_no in enumerate(shown)
    ]
    names = [each.name for each in compared.mechanisms]
    buyers = [head.buyer_names[buyer_no] for buyer_no in shown]
    idle = [escape(head.buyer_names[buyer_no]) for buyer_no in buyer_nos if buyer_no not in shown]
    return {"names": names, "buyers": buyers, "cells": cells}, idle


def _card(chart: str, explained: Explained, language: Language, note: str = "", more_classes: str = "") -> str:
    """Frame a chart with its title, unit and meaning."""
    return (
        f'<div class="card {more_classes}"><h3>{explained.title.to(language)} '
        f'<span class="unit">{explained.unit.to(language)}</span></h3>'
        f'<p class="meaning">{explained.meaning.to(language)} {note}</p>'
        f'<div class="chart" data-chart="{chart}"></div></div>'
    )


def _table(compared: KindComparison, language: Language) -> str:
    """Write all figures as a table."""
    heads = [
        WORDS["mechanism"].to(language),
        f"{WORDS['matched'].to(language)} %",
        WORDS["rest"].to(language),
        f"{WORDS['first_choice'].to(language)} %",
        *(f"{each.title.to(language)} ({each.unit.to(language)})" for each in (ENVY, BLOCKING, GINI)),
        WORDS["envious"].to(language),
        f"{WORDS['to_homes'].to(language)} ({MONEY.unit.to(language)})",
        f"{WORDS['paid'].to(language)} ({MONEY.unit.to(language)})",
        f"{MISSED.title.to(language)} ({MISSED.unit.to(language)})",
    ]
    rows = []
    for each in compared.mechanisms:
        figures = each.figures
        cells = [
            permille_text(figures.matched_permille),
            permille_text(figures.rest_permille),
            permille_text(figures.first_choice_permille),
            envy_text(figures),
            f"{figures.blocking_pair_count:,}",
            gini_text(figures.fill_gini),
            "–" if figures.envious_count is None else f"{figures.envious_count:,}",
            yen_text(figures.to_homes_e5yen),
            yen_text(figures.paid_e5yen),
            yen_text(figures.missed_welfare_e5yen),
        ]
        is_booked = ' class="booked"' if each.name == MechanismName.EATING else ""
        rows.append(f"<tr{is_booked}><th>{each.name}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    return (
        f"<h3>{WORDS['table'].to(language)}</h3>"
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _rules(language: Language) -> str:
    """Say each mechanism's rule in one sentence."""
    rows = "".join(f"<dt>{name}</dt><dd>{RULES[name].to(language)}</dd>" for name in MechanismName)
    return f'<section><h2>{WORDS["rules"].to(language)}</h2><dl class="rules">{rows}</dl></section>'


def _grounds(head: PageHead, language: Language) -> str:
    """Say what the figures rest on."""
    lines = ASSUMPTIONS_JA if language is Language.JA else ASSUMPTIONS
    assumed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    thanked = "".join(f"<li>{escape(line)}</li>" for line in head.credits)
    named = f"<h2>{WORDS['credits'].to(language)}</h2><ul>{thanked}</ul>" if thanked else ""
    return f"<section><h2>{WORDS['assumed'].to(language)}</h2><ul>{assumed}</ul>{named}</section>"
