"""`sanchi eligibility`: what a roof's watt-hours may become, until when they count, which type a pair falls under."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from sanchi.app.eligibility_facts import pair_of_fields
from sanchi.app.plant_eligibility import EligibilityFiles, plant_eligibility
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.slots import JST
from sanchi.core.eligibility import PairFacts, RuleBook, p2p_type
from sanchi.edge.cli.console import print_json
from sanchi.edge.cli.eligibility_document import document, rule_book_document
from sanchi.edge.cli.eligibility_text import EligibilityTeller, Language
from sanchi.edge.cli.markets import chosen_market, parsed_date
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

FACT_MARK = "="

Word = TypeVar("Word", bound=StrEnum)


class Question(StrEnum):
    """What can be asked."""

    PLANTS = "plants"  # the roofs of a market; so it is without a word
    PAIR = "pair"  # a home and a buyer
    RULES = "rules"  # the rules themselves


QuestionArgument = Annotated[
    str, typer.Argument(metavar="[QUESTION]", help="`plants` (the usual one), `pair` or `rules`.")
]
FactsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[FACTS]", help="Of a pair: a TOML file, or FACT=VALUE ...")
]
OnOption = Annotated[
    str | None, typer.Option("--on", help="The day that is asked about, YYYY-MM-DD; by default today.")
]
HomeIdOption = Annotated[str | None, typer.Option("--home-id", help="One home of the market, with all grounds.")]
RulesOption = Annotated[Path | None, typer.Option("--rules", help="Another file of rules than the shipped one.")]
LangOption = Annotated[str, typer.Option("--lang", help="en or ja.")]
CompleteOption = Annotated[
    bool, typer.Option("--no-other-claims", help="It was asked: nobody claims these roofs but outside_claims files.")
]


def run(
    ctx: typer.Context,
    question: QuestionArgument = Question.PLANTS,
    facts: FactsArgument = None,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    on: OnOption = None,
    home_id: HomeIdOption = None,
    rules: RulesOption = None,
    lang: LangOption = Language.EN,
    *,
    no_other_claims: CompleteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Tell what a roof's watt-hours may become, until when they count for RE100, and whether a pair may be matched.

    Every answer is yes, no or confirm, and names its rule, the rule's dates and its source. What is not known, and what
    rests on a rule that is not confirmed, is never a yes. `pair` and `rules` need no home
    (docs/reference/eligibility.md).
    """
    asked, language = _member(Question, question, "question"), _member(Language, lang, "language")
    on_date = datetime.now(UTC).astimezone(JST).date() if on is None else parsed_date(on)
    if facts and asked is not Question.PAIR:
        raise WrongInput(f"{asked} takes no facts, but {facts[0]!r} was given.", hint="Facts are for `pair`.")
    files = opening(ctx).eligibility_files()
    book = files.rules(rules)
    teller = EligibilityTeller(language=language)
    if asked is Question.RULES:
        print_json(rule_book_document(book)) if as_json else teller.rules(book)
    elif asked is Question.PAIR:
        _tell_pair(_pair(files, facts or ()), on_date, book, teller, as_json=as_json)
    else:
        installation = opening(ctx).installation(home)
        told = plant_eligibility(
            installation.stores.market,
            book,
            chosen_market(installation, market),
            on_date,
            home_id=home_id,
            are_claims_complete=no_other_claims,
        )
        if as_json:
            print_json(document(told))
        elif home_id is None:
            teller.plants(told)
        else:
            teller.plant(told, told.plants[0])


def _tell_pair(pair: PairFacts, on_date: date, book: RuleBook, teller: EligibilityTeller, *, as_json: bool) -> None:
    """Answer about a pair."""
    told = p2p_type(pair, on_date, book)
    if as_json:
        print_json(document(told))
    else:
        teller.pair(told)


def _pair(files: EligibilityFiles, facts: Sequence[str]) -> PairFacts:
    """Read the facts of a pair from a file or from words."""
    if len(facts) == 1 and FACT_MARK not in facts[0]:
        return files.pair(Path(facts[0]))
    told: dict[str, str] = {}
    for fact in facts:
        name, mark, text = fact.partition(FACT_MARK)
        if not mark:
            raise WrongInput(f"{fact!r} is no fact.", hint="Write FACT=VALUE, for example home_retailer=R01.")
        if name in told:
            raise WrongInput(f"The fact {name} was given twice.", hint="Give it once.")
        told[name] = text
    return pair_of_fields("pair", told)


def _member(members: type[Word], text: str, noun: str) -> Word:
    """Read a member of a closed set."""
    try:
        return members(text)
    except ValueError as error:
        raise WrongInput(f"There is no {noun} {text!r} here.", hint=f"Write {' or '.join(members)}.") from error
