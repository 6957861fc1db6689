"""Answers of eligibility for people: a table of roofs, one roof with all grounds, a pair, the rules.

Enter: answers. Leave: lines and tables on stdout. Not here: what they mean (core.eligibility).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from rich.markup import escape
from rich.table import Table

from sanchi.app.plant_eligibility import MarketEligibility, PlantEligibility
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.eligibility import (
    Answer,
    Bilingual,
    Certainty,
    DatedRule,
    Instrument,
    P2pAnswer,
    Re100Answer,
    RuleBook,
    Verdict,
)
from sanchi.edge.cli.console import OUT


class Language(StrEnum):
    """What an answer can be read in."""

    EN = "en"
    JA = "ja"


VERDICT: Final = {
    Verdict.YES: Bilingual(en="yes", ja="可"),
    Verdict.CONFIRM: Bilingual(en="confirm", ja="要確認"),
    Verdict.NO: Bilingual(en="no", ja="不可"),
}
STYLE: Final = {Verdict.YES: "green", Verdict.CONFIRM: "yellow", Verdict.NO: "dim"}
INSTRUMENT: Final = {
    Instrument.NON_FOSSIL_RE: Bilingual(en="non-fossil certificate", ja="非FIT非化石証書（再エネ指定）"),
    Instrument.GREEN_CERT: Bilingual(en="green power certificate", ja="グリーン電力証書"),
    Instrument.J_CREDIT: Bilingual(en="J-credit", ja="J-クレジット"),
    Instrument.PLATFORM: Bilingual(en="platform certificate only", ja="産地証書のみ"),
}
SHORT: Final = {
    Instrument.NON_FOSSIL_RE: Bilingual(en="NFC", ja="非化石"),
    Instrument.GREEN_CERT: Bilingual(en="green", ja="グリーン"),
    Instrument.J_CREDIT: Bilingual(en="J-cr.", ja="Jクレ"),
    Instrument.PLATFORM: Bilingual(en="own", ja="産地"),
}
KIND: Final = {
    CertificateKind.SURPLUS: Bilingual(en="surplus", ja="余剰"),
    CertificateKind.SELF_CONSUMPTION: Bilingual(en="self", ja="自家"),
}
CERTAINTY: Final = {
    Certainty.CONFIRMED: Bilingual(en="confirmed", ja="確認済み"),
    Certainty.SECONDARY: Bilingual(en="secondary source", ja="二次資料"),
    Certainty.UNCONFIRMED: Bilingual(en="UNCONFIRMED", ja="未確認"),
}
HEAD: Final = Bilingual(
    en="{market} on {day}, by the rules known on {as_of}", ja="{market}、{day}時点（規則は{as_of}時点）"
)
NEEDS: Final = Bilingual(en="needs", ja="必要な手続き")
TYPE: Final = Bilingual(en="type", ja="類型")
NO_TYPE: Final = Bilingual(en="no type", ja="類型なし")
TYPE_UNKNOWN: Final = Bilingual(en="type not known", ja="類型不明")
MAY: Final = Bilingual(en="may be matched", ja="マッチング")
# The day itself no longer counts, as on statements.
RE100: Final = Bilingual(en="RE100 before", ja="RE100（前日まで）")
ALWAYS: Final = Bilingual(en="no limit", ja="期限なし")
UNKNOWN: Final = Bilingual(en="not known", ja="不明")
LAW: Final = Bilingual(
    en="These are readings of rules, not legal advice. confirm = a fact or a rule is not known for sure.",
    ja="規則の解釈であり法的助言ではありません。「要確認」は事実または規則が確認できていないことを示します。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityTeller:
    """Tells answers in one language."""

    language: Language

    def said(self, text: Bilingual) -> str:
        """Choose the language."""
        return text.ja if self.language is Language.JA else text.en

    def plants(self, told: MarketEligibility) -> None:
        """Print the table of a market's roofs."""
        self._head(told)
        table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
        names = ("home", "grade", "FIT end") if self.language is Language.EN else ("住宅", "計量区分", "FIT終了")
        for name in (*names, self.said(RE100), "RE100"):
            table.add_column(name, no_wrap=True)
        for kind in CertificateKind:
            for instrument in Instrument:
                table.add_column(f"{self.said(KIND[kind])}\n{self.said(SHORT[instrument])}")
        for plant in told.plants:
            table.add_row(*self._row(plant))
        OUT.print(table)
        OUT.print(f"[dim]{self.said(LAW)}[/]")

    def plant(self, told: MarketEligibility, plant: PlantEligibility) -> None:
        """Print one roof with all grounds."""
        self._head(told)
        facts = plant.facts
        OUT.print(
            f"[bold]{escape(plant.home_id)}[/]  {escape(plant.device_id)}  {facts.grade}  {facts.capacity_w} W  "
            f"{facts.commissioning_date}  FIT {facts.fit_end}  {self.said(RE100)} {self.until(plant.re100)}"
        )
        self._answer("RE100", plant.re100.answer)
        for each in plant.instruments:
            name = f"{self.said(KIND[each.kind])}: {self.said(INSTRUMENT[each.instrument])}"
            self._answer(name, each.answer)
            if each.needs is not None:
                OUT.print(f"    [dim]{self.said(NEEDS)}[/]  {escape(self.said(each.needs))}")
        OUT.print(f"[dim]{self.said(LAW)}[/]")

    def pair(self, told: P2pAnswer) -> None:
        """Print the answer about a pair."""
        no_type = self.said(NO_TYPE if told.is_type_known else TYPE_UNKNOWN)
        name = no_type if told.p2p_type is None else f"{self.said(TYPE)} {told.p2p_type}"
        OUT.print(f"[bold]{name}[/]  {told.on_date}")
        self._answer(self.said(MAY), told.answer)
        if told.needs is not None:
            OUT.print(f"    [dim]{self.said(NEEDS)}[/]  {escape(self.said(told.needs))}")
        OUT.print(f"[dim]{self.said(LAW)}[/]")

    def rules(self, book: RuleBook) -> None:
        """Print all rules with their dates and sources."""
        for rule in book.rules:
            OUT.print(f"[bold]{escape(rule.rule_id)}[/]  {self._rule(rule)}")
            OUT.print(f"  {escape(self.said(rule.says))}")
            for source in rule.sources:
                parts = (source.authority, source.document, _day(source.dated), source.address)
                OUT.print(f"    [dim]{escape('  '.join(part for part in parts if part))}[/]")

    def until(self, told: Re100Answer) -> str:
        """Write the first day on which a plant is too old."""
        if told.until_date is not None:
            return str(told.until_date)
        return self.said(ALWAYS if told.is_age_known else UNKNOWN)

    def _head(self, told: MarketEligibility) -> None:
        """Print what was asked."""
        head = self.said(HEAD).format(market=told.market_id, day=told.on_date, as_of=told.rules_as_of)
        OUT.print(f"[bold]{escape(head)}[/]")

    def _row(self, plant: PlantEligibility) -> tuple[str, ...]:
        """Lay a roof out as a row."""
        facts = plant.facts
        return (
            escape(plant.home_id),
            facts.grade or self.said(UNKNOWN),
            _day(facts.fit_end),
            self.until(plant.re100),
            self._verdict(plant.re100.answer.verdict),
            *(self._verdict(each.answer.verdict) for each in plant.instruments),
        )

    def _verdict(self, verdict: Verdict) -> str:
        """Write a verdict in its colour."""
        return f"[{STYLE[verdict]}]{self.said(VERDICT[verdict])}[/]"

    def _answer(self, name: str, answer: Answer) -> None:
        """Print an answer and its grounds."""
        OUT.print(f"  {escape(name)}: {self._verdict(answer.verdict)}")
        # What speaks for it is of no use where something forbids it.
        for ground in answer.decisive if answer.verdict is Verdict.NO else answer.grounds:
            rule = "" if ground.rule is None else f"  [dim]{escape(ground.rule.rule_id)}, {self._rule(ground.rule)}[/]"
            OUT.print(f"    {self._verdict(ground.verdict)}  {escape(self.said(ground.reason))}{rule}")
            if ground.rule is not None and ground in answer.decisive:
                source = ground.rule.sources[0]
                OUT.print(
                    f"      [dim]{escape(f'{source.authority}: {source.document} {_day(source.dated)}'.strip())}[/]"
                )

    def _rule(self, rule: DatedRule) -> str:
        """Write when a rule holds and how sure it is."""
        return f"{_day(rule.valid_from)}..{_day(rule.valid_until)} {self.said(CERTAINTY[rule.certainty])}"


def _day(day: date | None) -> str:
    """Write a day, nothing where none is known."""
    return "" if day is None else day.isoformat()
