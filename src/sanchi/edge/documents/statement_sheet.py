"""An origin statement as texts and bars, ready to be set: what templates/statement.typ reads.

Enters: an OriginStatement and a language. Leaves: plain values. Not here: layout.
"""

from collections.abc import Iterable
from typing import Any, Final

from sanchi.app.documents import Language
from sanchi.app.origin_records import LostLine
from sanchi.app.origin_statement import OriginStatement, PlantLine
from sanchi.app.views.market_head import PartyRef
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.reports.hour_matching import PeriodMatch, share_permille
from sanchi.core.reports.label_sentence import LABEL_SENTENCE_EN, LABEL_SENTENCE_JA
from sanchi.edge.documents.figures import NOTHING, date_text, exact_kwh_text, month_text, percent_text
from sanchi.edge.documents.statement_words import GRID_AREAS, PURPOSES, WORDS

# ct_class_permille 10 is class 1.
_PERMILLE_PER_PERCENT: Final = 10


def statement_sheet(statement: OriginStatement, language: Language, serials_sha256: str) -> dict[str, Any]:
    """Lay a statement out for the template; every figure is text, save what bars and cells are drawn from."""
    words = WORDS[language]
    matrix_wh = statement.matrix_wh
    return {
        "language": language.value,
        "words": words,
        "statement_no": statement.statement_no,
        "dated": [statement.month.year, statement.month.month_no, statement.month.last_date.day],
        "parties": _parties(statement, language),
        "tiles": _tiles(statement, language),
        "match": _match(statement, language),
        "districts": _districts(statement, language),
        "matrix": {
            "cells_wh": [list(day) for day in matrix_wh],
            "max_wh": max(map(max, matrix_wh)),
            "note": words["matrix_note"].format(kwh=exact_kwh_text(max(map(max, matrix_wh)))),
        },
        "kinds": _kinds(statement, language),
        "plants": [_plant(line, language) for line in statement.plants],
        "plants_total": [exact_kwh_text(statement.surplus_wh), exact_kwh_text(statement.self_wh)],
        "rules": _rules(statement, language),
        "label": _label(statement, language),
        "corrections": _corrections(statement, language),
        "outside": _outside(statement),
        "passed_on": [[party_name(tenant, language), exact_kwh_text(wh)] for tenant, wh in statement.passed_on],
        "notes": [words[f"note_{name}"] for name in ("losses", "ct", "shape", "instrument", "rounding")],
        "verify": _verify(statement, language, serials_sha256),
    }


def party_name(party: PartyRef, language: Language) -> str:
    """Name a party in the language, as far as it has such a name."""
    names = (party.name_ja, party.name) if language is Language.JA else (party.name, party.name_ja)
    return next((name for name in names if name), party.party_id)


def _in(language: Language, texts: tuple[str, str]) -> str:
    """Take the English or the Japanese one of two texts."""
    return texts[language is Language.JA]


def _parties(statement: OriginStatement, language: Language) -> list[list[str]]:
    """Say who, for whom, when, by which claims: pairs of words and texts."""
    words, issuer, buyer = WORDS[language], statement.issuer, statement.buyer
    market = _in(language, (issuer.name, issuer.name_ja or issuer.name))
    name = party_name(buyer, language)
    period = f"{date_text(statement.month.first_date, language)} – {date_text(statement.month.last_date, language)}"
    claims = ", ".join(f"{claim.claim_no}{f' ({claim.site})' if claim.site else ''}" for claim in statement.claims)
    purposes = {_in(language, PURPOSES.get(claim.purpose, (claim.purpose,) * 2)): None for claim in statement.claims}
    area = GRID_AREAS.get(issuer.grid_area)
    return [
        [words["issuer"], market],
        [words["beneficiary"], name if buyer.company in {"", buyer.name, name} else f"{name} · {buyer.company}"],
        [words["retailer"], party_name(issuer.retailer, language)],
        [words["district"], buyer.district or words["no_district"]],
        [words["grid_area"], issuer.grid_area if area is None else _in(language, area)],
        [words["period"], period],
        [words["claims"], claims],
        [words["purpose"], ", ".join(purposes)],
    ]


def _tiles(statement: OriginStatement, language: Language) -> list[list[str]]:
    """Give the figures that a reader looks for first: value, unit, words."""
    words, use = WORDS[language], statement.use
    roofs = len({line.home.party_no for line in statement.plants})
    unclaimed = NOTHING if statement.unclaimed_use_wh is None else exact_kwh_text(statement.unclaimed_use_wh)
    return [
        [exact_kwh_text(statement.energy_wh), "kWh", words["claimed"]],
        [percent_text(None if use is None else share_permille(use.loose.slot_share)), "", words["matched"]],
        [f"{roofs}", f"/ {statement.certificate_count:,}", f"{words['roofs']} / {words['certificates']}"],
        [unclaimed, "" if statement.unclaimed_use_wh is None else "kWh", words["unclaimed_tile"]],
    ]


def _match(statement: OriginStatement, language: Language) -> dict[str, Any] | None:
    """Set use and cover side by side, loosely and strictly; None without a meter of use."""
    words, use = WORDS[language], statement.use
    if use is None or statement.unclaimed_use_wh is None:
        return None

    def row(name: str, energy_wh: int, permille: int | None, strict_wh: int | None, strict_permille: int | None) -> Any:
        strict = [
            "" if strict_wh is None else exact_kwh_text(strict_wh),
            "" if strict_permille is None else percent_text(strict_permille),
        ]
        share = "" if permille is None else percent_text(permille)
        return [words[name], exact_kwh_text(energy_wh), share, *strict]

    loose, strict = use.loose, use.strict
    covers = [
        row(f"{clock}_covered", *_cover(loose, clock), *_cover(strict, clock)) for clock in ("slot", "hour", "period")
    ]
    return {
        "rows": [
            row("use", loose.use_wh, None, strict.use_wh, None),
            row("received", loose.received_wh, None, strict.received_wh, None),
            *covers,
            row("open_slots", loose.uncovered_wh, None, strict.uncovered_wh, None),
            row("outside_used", statement.outside_wh, None, None, None),
            row("unclaimed_use", statement.unclaimed_use_wh, None, None, None),
        ]
    }


def _cover(match: PeriodMatch, clock: str) -> tuple[int, int | None]:
    """Give what a clock covered and its share."""
    energy_wh: int = getattr(match, f"{clock}_covered_wh")
    return energy_wh, share_permille(getattr(match, f"{clock}_share"))


def _districts(statement: OriginStatement, language: Language) -> list[dict[str, Any]]:
    """Give a bar a district."""
    words = WORDS[language]
    return [
        {
            "name": line.district or words["no_district"],
            "homes": words["home"] if line.home_count == 1 else words["homes"].format(n=line.home_count),
            "energy_wh": line.surplus_wh + line.self_wh,
            "kwh": exact_kwh_text(line.surplus_wh + line.self_wh),
            "share": _part(line.surplus_wh + line.self_wh, statement.energy_wh),
        }
        for line in statement.districts
    ]


def _kinds(statement: OriginStatement, language: Language) -> list[list[list[str]]]:
    """Part the claims three times: by kind, by shape, by measurement; each part adds up to all."""
    words = WORDS[language]
    parts = [
        [(words["surplus"], statement.surplus_wh), (words["self"], statement.self_wh)],
        [
            (words["measured"], statement.energy_wh - statement.estimated_wh),
            (words["estimated"], statement.estimated_wh),
        ],
        [
            (_grade(line.measurement_grade, line.ct_class_permille, "grade", language), line.energy_wh)
            for line in statement.grades
        ],
    ]
    if statement.from_storage_wh:
        parts.append([(words["storage"], statement.from_storage_wh)])
    return [
        [[name, exact_kwh_text(energy_wh), _part(energy_wh, statement.energy_wh)] for name, energy_wh in part]
        for part in parts
    ]


def _grade(grade: str, ct_class_permille: int, key: str, language: Language) -> str:
    """Name how it was measured."""
    whole, tenth = divmod(ct_class_permille, _PERMILLE_PER_PERCENT)
    return WORDS[language][f"{key}_{grade}"].format(ct_class=f"{whole}.{tenth}" if tenth else f"{whole}")


def _plant(line: PlantLine, language: Language) -> list[str]:
    """Give the row of a roof."""
    words, until = WORDS[language], line.eligible_until
    if until is None:
        eligible = words["not_judged"]
    else:
        eligible = words["without_end"] if until.until is None else until.until.isoformat()
    return [
        line.home.party_id,
        line.home.district,
        line.commissioning_date.isoformat(),
        line.fit_end.isoformat(),
        _grade(line.measurement_grade, line.ct_class_permille, "grade_short", language),
        eligible,
        f"{line.certificate_count:,}",
        *(exact_kwh_text(energy_wh) if energy_wh else NOTHING for energy_wh in (line.surplus_wh, line.self_wh)),
    ]


def _rules(statement: OriginStatement, language: Language) -> list[list[str]]:
    """Give the sentences that the rules allow, each with its rule; none where nothing was judged."""
    words = WORDS[language]
    return [
        [
            sentence.text_ja if language is Language.JA else sentence.text_en,
            words["rule_of"].format(rule=sentence.rule, date=sentence.rule_date.isoformat()),
        ]
        for sentence in statement.sentences
    ]


def _label(statement: OriginStatement, language: Language) -> list[str]:
    """Give the required sentence, its translation where one is needed, and what it is about."""
    words = WORDS[language]
    translation = [] if language is Language.JA else [LABEL_SENTENCE_EN]
    about = words["label_unknown"]
    if statement.unclaimed_use_wh is not None:
        about = words["label_use"].format(kwh=exact_kwh_text(statement.unclaimed_use_wh))
    return [LABEL_SENTENCE_JA, *translation, about]


def _corrections(statement: OriginStatement, language: Language) -> list[dict[str, Any]]:
    """Give a table for each way in which a correction touches the claims; no table where there is none."""
    words = WORDS[language]
    gained = [
        [
            line.delivery_date.isoformat(),
            line.home.party_id,
            words[f"kind_{line.kind.text}"],
            exact_kwh_text(line.energy_wh),
        ]
        for line in statement.gained
    ]
    tables = [
        {"title": words["gained_title"], "rows": gained, "total": exact_kwh_text(statement.gained_wh)},
        _lost(statement.lost, "lost_title", language),
        _lost(statement.lost_before, "lost_before_title", language),
    ]
    return [table for table in tables if table["rows"]]


def _lost(lines: Iterable[LostLine], title: str, language: Language) -> dict[str, Any]:
    """Sum up by the claimed month, date, roof and kind what corrections took away."""
    words = WORDS[language]
    sums_wh: dict[tuple[str, str, str, CertificateKind], int] = {}
    for line in lines:
        key = month_text(line.claimed_month, language), line.delivery_date.isoformat(), line.home.party_id, line.kind
        sums_wh[key] = sums_wh.get(key, 0) + line.energy_wh
    rows = [
        [day, home_id, words[f"kind_{kind.text}"], exact_kwh_text(-energy_wh)]
        for (_month, day, home_id, kind), energy_wh in sums_wh.items()
    ]
    return {"title": words[title], "rows": rows, "total": exact_kwh_text(-sum(sums_wh.values()))}


def _outside(statement: OriginStatement) -> dict[str, Any]:
    """Give the table of outside certificates."""
    rows = [
        [
            line.scheme,
            f"{line.serial_first} – {line.serial_last}",
            f"{line.generated_from.isoformat()} – {line.generated_until.isoformat()}",
            " · ".join(text for text in (line.energy_source, line.plant_name, line.municipality) if text),
            exact_kwh_text(line.energy_wh),
        ]
        for line in statement.outside
    ]
    return {"rows": rows, "total": exact_kwh_text(statement.outside_wh)}


def _verify(statement: OriginStatement, language: Language, serials_sha256: str) -> dict[str, Any]:
    """Say how a reader checks the statement."""
    words, checkpoint = WORDS[language], statement.checkpoint
    log = words["verify_none"]
    if checkpoint is not None:
        log = words["verify_log"].format(no=checkpoint.checkpoint_no, size=f"{checkpoint.leaf_count:,}")
    return {
        "serials_sha256": serials_sha256,
        "log": log,
        "root": "" if checkpoint is None else checkpoint.root,
        "checkpoint": ""
        if checkpoint is None
        else f"{words['checkpoint']} {checkpoint.checkpoint_no} · {checkpoint.root[:16]}",
    }


def _part(energy_wh: int, whole_wh: int) -> str:
    """Write a part of the claims as per cent."""
    return percent_text(energy_wh * 1_000 // whole_wh if whole_wh else None)
