"""Which type of the ministry's table of peer-to-peer supply a pair falls under, and whether it may be matched.

Enter: PairFacts, a day, rules. Leave: P2pAnswer. Not here: reading facts, and the matching itself.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sanchi.core.eligibility.answer import Answer, Ground, by_rule, no_rule
from sanchi.core.eligibility.rule import Bilingual, DatedRule, RuleSubject, Verdict
from sanchi.core.eligibility.rule_book import RuleBook


class P2pType(StrEnum):
    """The types of the ministry's table, by its numbers."""

    COLLECTIVE_RECEIVING = "④"  # inside a building behind one supply point
    EV_CHARGER = "⑤"  # between a vehicle and a charger behind one supply point
    PRIVATE_LINE = "⑥"  # over wires of one's own: specified supply, union
    ONE_RETAILER = "⑦"  # the platform's operator is the retailer of both
    TWO_RETAILERS_AT_POINT = "⑧"  # the buyer keeps a retailer beside the platform's
    BETWEEN_GROUPS = "⑨"  # the surplus goes from one balancing group to another
    SELF_WHEELING = "⑩"  # to oneself over the grid
    UNION_OVER_GRID = "⑪"  # within a union over the grid


class Voltage(StrEnum):
    """The voltage class of the buyer's supply point."""

    LOW = "low"  # 低圧
    HIGH = "high"  # 高圧
    EXTRA_HIGH = "extra_high"  # 特別高圧


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFacts:
    """A home and a buyer; None = not known, an empty tuple = none at all.

    buyer_retailers: who supplies the buyer's point; a second one beside the home's needs a split supply contract.
    has_retailer_contract: the two retailers have one about the surplus. aggregator_notified_on: the day of
    notification as 特定卸供給事業者, None where there is none or it is not known.
    """

    is_value_alone: bool | None = None
    is_same_supply_point: bool | None = None
    is_ev_charging: bool | None = None
    has_private_line: bool | None = None
    has_specified_supply_permission: bool | None = None
    has_self_wheeling: bool | None = None
    is_same_company: bool | None = None
    owns_plant: bool | None = None
    is_same_union: bool | None = None
    home_retailer: str | None = None
    buyer_retailers: tuple[str, ...] | None = None
    is_same_balancing_group: bool | None = None
    has_split_supply_contract: bool | None = None
    voltage: Voltage | None = None
    has_retailer_contract: bool | None = None
    has_aggregator_licence: bool | None = None
    aggregator_notified_on: date | None = None
    aggregated_capacity_w: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class P2pAnswer:
    """The type of a pair, whether it may be matched on a day, and what it needs for that.

    p2p_type: None where no electricity is sold, or where is_type_known says that a fact is missing. needs: licence and
    contracts, None where nothing would help on the day.
    """

    on_date: date
    is_type_known: bool
    p2p_type: P2pType | None
    answer: Answer
    needs: Bilingual | None


SUBJECTS: Final[Mapping[P2pType, RuleSubject]] = MappingProxyType(
    {
        P2pType.COLLECTIVE_RECEIVING: RuleSubject.P2P_4,
        P2pType.EV_CHARGER: RuleSubject.P2P_5,
        P2pType.PRIVATE_LINE: RuleSubject.P2P_6,
        P2pType.ONE_RETAILER: RuleSubject.P2P_7,
        P2pType.TWO_RETAILERS_AT_POINT: RuleSubject.P2P_8,
        P2pType.BETWEEN_GROUPS: RuleSubject.P2P_9,
        P2pType.SELF_WHEELING: RuleSubject.P2P_10,
        P2pType.UNION_OVER_GRID: RuleSubject.P2P_11,
    }
)
NOT_KNOWN: Final[Mapping[str, Bilingual]] = MappingProxyType(
    {
        "is_value_alone": Bilingual(
            en="whether electricity or its value alone is sold", ja="電気を伴う取引か環境価値のみの取引か"
        ),
        "is_same_supply_point": Bilingual(
            en="whether both are behind one supply point", ja="双方が同一の受電点の内側にあるか"
        ),
        "is_ev_charging": Bilingual(en="whether a vehicle is charged", ja="EVへの充電かどうか"),
        "has_private_line": Bilingual(en="whether the wires are their own", ja="自営線の有無"),
        "has_self_wheeling": Bilingual(en="whether it is self-wheeling", ja="自己託送かどうか"),
        "is_same_company": Bilingual(en="whether they are one company or union", ja="同一会社または同一組合かどうか"),
        "home_retailer": Bilingual(en="who takes the home's surplus", ja="住宅の余剰電力の買取事業者"),
        "buyer_retailers": Bilingual(en="who supplies the buyer", ja="買い手の小売電気事業者"),
        "is_same_balancing_group": Bilingual(
            en="whether both retailers are in one balancing group", ja="双方が同一のバランシンググループかどうか"
        ),
    }
)


def p2p_type(pair: PairFacts, on_date: date, book: RuleBook) -> P2pAnswer:
    """Tell the type of a pair on a day, and whether it may be matched; what is not known never helps to a yes."""
    missing, found = _type_of(pair)
    if missing is not None:
        what = NOT_KNOWN[missing]
        reason = Bilingual(
            en=f"the type cannot be told: it is not known {what.en} ({missing})",
            ja=f"類型を判定できません：{what.ja}が不明です（{missing}）",
        )
        ground = Ground(verdict=Verdict.CONFIRM, reason=reason, rule=None)
        return P2pAnswer(
            on_date=on_date, is_type_known=False, p2p_type=None, answer=Answer(grounds=(ground,)), needs=None
        )
    subject = RuleSubject.P2P_VALUE_ALONE if found is None else SUBJECTS[found]
    rule = book.in_force(subject, on_date)
    if rule is None:
        answer = Answer(grounds=(no_rule(subject, on_date),))
        return P2pAnswer(on_date=on_date, is_type_known=True, p2p_type=found, answer=answer, needs=None)
    grounds = [by_rule(rule, rule.verdict("verdict"), rule.says.en, rule.says.ja)]
    is_possible = rule.verdict("verdict") is not Verdict.NO
    if is_possible:
        grounds += _conditions(pair, found, on_date, rule, book)
    return P2pAnswer(
        on_date=on_date,
        is_type_known=True,
        p2p_type=found,
        answer=Answer(grounds=tuple(grounds)),
        needs=rule.bilingual("needs") if is_possible else None,
    )


Found = tuple[str | None, P2pType | None]


def _type_of(pair: PairFacts) -> Found:
    """Find the type by asking from the inside of a building outwards; or name the first fact that is missing for it."""
    found: dict[str, Callable[[PairFacts], Found]] = {
        "is_value_alone": lambda _: (None, None),
        "is_same_supply_point": _behind_one_point,
        "has_private_line": lambda _: (None, P2pType.PRIVATE_LINE),
        "has_self_wheeling": _self_wheeling,
    }
    for name, type_of in found.items():
        fact = getattr(pair, name)
        if fact is None:
            return name, None
        if fact:
            return type_of(pair)
    return _between_retailers(pair)


def _behind_one_point(pair: PairFacts) -> Found:
    """Tell a vehicle at a charger from a building."""
    if pair.is_ev_charging is None:
        return "is_ev_charging", None
    return None, P2pType.EV_CHARGER if pair.is_ev_charging else P2pType.COLLECTIVE_RECEIVING


def _self_wheeling(pair: PairFacts) -> Found:
    """Tell self-wheeling to oneself from that within a union; whoever is neither asks for the former."""
    if pair.is_same_company:
        return None, P2pType.SELF_WHEELING
    if pair.is_same_union:
        return None, P2pType.UNION_OVER_GRID
    if pair.is_same_company is None or pair.is_same_union is None:
        return "is_same_company", None
    return None, P2pType.SELF_WHEELING


def _between_retailers(pair: PairFacts) -> Found:
    """Tell the types over the grid by who supplies whom."""
    if pair.home_retailer is None:
        return "home_retailer", None
    if not pair.buyer_retailers:
        return "buyer_retailers", None
    others = set(pair.buyer_retailers) - {pair.home_retailer}
    if not others:
        return None, P2pType.ONE_RETAILER
    if pair.home_retailer in pair.buyer_retailers:
        return None, P2pType.TWO_RETAILERS_AT_POINT
    if pair.is_same_balancing_group is None:
        return "is_same_balancing_group", None
    return None, P2pType.ONE_RETAILER if pair.is_same_balancing_group else P2pType.BETWEEN_GROUPS


def _conditions(
    pair: PairFacts, found: P2pType | None, on_date: date, rule: DatedRule, book: RuleBook
) -> Iterator[Ground]:
    """Ask for what a type needs."""
    if found is P2pType.PRIVATE_LINE:
        yield _has(
            rule,
            fact=pair.has_specified_supply_permission,
            en="the permission of specified supply",
            ja="特定供給の許可",
        )
    elif found is P2pType.ONE_RETAILER and pair.buyer_retailers != (pair.home_retailer,):
        yield from _told_by(RuleSubject.P2P_SAME_GROUP, on_date, book)
    elif found is P2pType.TWO_RETAILERS_AT_POINT:
        yield _has(rule, fact=pair.has_split_supply_contract, en="a split supply contract", ja="分割供給の契約")
        yield from _voltage(pair, on_date, rule, book)
    elif found is P2pType.BETWEEN_GROUPS:
        yield from _aggregator(pair, on_date, rule, book)
    elif found is P2pType.SELF_WHEELING:
        yield _has(rule, fact=pair.is_same_company, en="one company or a close relation", ja="同一会社または密接な関係")
        yield _has(rule, fact=pair.owns_plant, en="the plant in the user's own hand", ja="需要家による発電設備の所有")
    elif found is P2pType.UNION_OVER_GRID:
        yield _has(rule, fact=pair.is_same_union, en="a union of both", ja="双方が加入する組合")


def _has(rule: DatedRule, *, fact: bool | None, en: str, ja: str) -> Ground:
    """Ask whether something that is needed is there."""
    if fact is None:
        return by_rule(rule, Verdict.CONFIRM, f"it is not known whether there is {en}", f"{ja}の有無が不明です")
    if fact:
        return by_rule(rule, Verdict.YES, f"there is {en}", f"{ja}があります")
    return by_rule(rule, Verdict.NO, f"there is not {en}", f"{ja}がありません")


def _told_by(subject: RuleSubject, on_date: date, book: RuleBook) -> Iterator[Ground]:
    """Let a further rule speak for itself."""
    rule = book.in_force(subject, on_date)
    yield (
        no_rule(subject, on_date)
        if rule is None
        else by_rule(rule, rule.verdict("verdict"), rule.says.en, rule.says.ja)
    )


def _voltage(pair: PairFacts, on_date: date, rule: DatedRule, book: RuleBook) -> Iterator[Ground]:
    """Ask for the voltage, as low voltage has to be cleared with the network operator."""
    if pair.voltage is None:
        yield by_rule(rule, Verdict.CONFIRM, "the voltage is not known", "電圧区分が不明です")
    elif pair.voltage is Voltage.LOW:
        yield from _told_by(RuleSubject.P2P_8_LOW_VOLTAGE, on_date, book)


def _aggregator(pair: PairFacts, on_date: date, rule: DatedRule, book: RuleBook) -> Iterator[Ground]:
    """Ask for a contract between the retailers or else for a notified aggregator, its days of waiting and its size."""
    if pair.has_retailer_contract:
        yield _has(rule, fact=True, en="a contract between the retailers", ja="小売電気事業者間の卸契約")
        return
    if pair.has_retailer_contract is None and not pair.has_aggregator_licence:
        yield _has(rule, fact=None, en="a contract between the retailers", ja="小売電気事業者間の卸契約")
        return
    yield _has(rule, fact=pair.has_aggregator_licence, en="a notified aggregator", ja="特定卸供給事業の届出")
    if not pair.has_aggregator_licence:
        return
    notice = book.in_force(RuleSubject.P2P_AGGREGATOR, on_date)
    if notice is None:
        yield no_rule(RuleSubject.P2P_AGGREGATOR, on_date)
    elif pair.aggregator_notified_on is None:
        yield by_rule(notice, Verdict.CONFIRM, "the day of its notification is not known", "届出日が不明です")
    else:
        begins = pair.aggregator_notified_on + timedelta(days=notice.whole("notice_days"))
        verdict = Verdict.YES if begins <= on_date else Verdict.NO
        en = f"notified on {pair.aggregator_notified_on}, it may begin on {begins}"
        ja = f"{pair.aggregator_notified_on}の届出により{begins}から開始できます"
        yield by_rule(notice, verdict, en, ja)
    yield _size(pair, on_date, book)


def _size(pair: PairFacts, on_date: date, book: RuleBook) -> Ground:
    """Ask whether an aggregator is large enough."""
    rule = book.in_force(RuleSubject.P2P_AGGREGATOR_SIZE, on_date)
    if rule is None:
        return no_rule(RuleSubject.P2P_AGGREGATOR_SIZE, on_date)
    least_w = rule.whole("capacity_w_min")
    if pair.aggregated_capacity_w is None:
        return by_rule(rule, Verdict.CONFIRM, "its capacity is not known", "集約する容量が不明です")
    verdict = Verdict.YES if pair.aggregated_capacity_w >= least_w else Verdict.NO
    en = f"it gathers {pair.aggregated_capacity_w} W of the {least_w} W that it needs"
    return by_rule(rule, verdict, en, f"集約容量は{pair.aggregated_capacity_w} W、必要な容量は{least_w} Wです")
