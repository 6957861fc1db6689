"""Why a home's choices got what they got, for any mechanism: from its market, its rows and its published figures.

Enter: a market, a result, one home and slot. Leave: values without prose. Not here: words; the times of `eating`, which
the module explanation knows in more detail.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from sanchi.core.matching.allocation import NOBODY, FactName, MechanismResult
from sanchi.core.matching.eating.closing import NEVER_CLOSED_T32
from sanchi.core.matching.market import MatchMarket

# Figures of mechanisms for which a price decides before room does.
_PRICED_FACTS: Final = (FactName.CLEARING_PRICE_E5YEN, FactName.MID_PRICE_E5YEN, FactName.WELFARE_E5YEN)


class ReasonCode(StrEnum):
    """What decided the part of a choice; the first that is true, in the order of `_reason_of_part` and `_of_none`."""

    TOOK_ALL_THAT_WAS_LEFT = "TOOK_ALL_THAT_WAS_LEFT"  # the home's last part; nothing stayed for the standard offer
    TOOK_ITS_QUOTA = "TOOK_ITS_QUOTA"  # the most that this pair may exchange in a slot
    FILLED_BUYER = "FILLED_BUYER"  # the buyer took its part and was full
    TOOK_ITS_SHARE = "TOOK_ITS_SHARE"  # a key or a price gave it this much and no more
    NOTHING_SUPPLIED = "NOTHING_SUPPLIED"  # the home had nothing in this slot
    NO_CAPACITY = "NO_CAPACITY"  # the buyer could take nothing in this slot
    NO_QUOTA = "NO_QUOTA"  # the pair may exchange nothing
    NO_KEY = "NO_KEY"  # the home's static key for the buyer is 0
    NO_USE = "NO_USE"  # the tenant used nothing
    PRICE_BELOW_ASK = "PRICE_BELOW_ASK"  # the buyer pays less than the home would take
    CLASS_CLOSED = "CLASS_CLOSED"  # the buyer was full with homes of classes that it serves first
    BUYER_FULL = "BUYER_FULL"  # the buyer was full without this home
    NOTHING_LEFT = "NOTHING_LEFT"  # other choices took all that the home had
    NOT_SERVED = "NOT_SERVED"  # none of these: a share below 1 Wh, or a pair that the mechanism left out


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceReason:
    """One choice of a home in a slot, or (choice_index -1) a buyer outside its choices that the mechanism found."""

    choice_index: int
    buyer_index: int
    part_wh: int
    reason: ReasonCode


def explain_home(
    market: MatchMarket, result: MechanismResult, home_index: int, slot_index: int
) -> tuple[ChoiceReason, ...]:
    """Give the home's choices in their order, then other buyers that got a part of it, each with its reason.

    The parts are at most the home's supply; what is left of it is the standard offer's.
    """
    seen = _HomeSlot.seen(market, result, home_index, slot_index)
    choices = market.day.choice_buyer_index[home_index]
    named = [(choice, buyer) for choice, buyer in enumerate(choices.tolist()) if buyer >= 0]
    others = sorted(set(seen.part_wh) - {buyer for _, buyer in named})
    listed = [*named, *((NOBODY, buyer) for buyer in others)]
    last_served = max((place for place, (_, buyer) in enumerate(listed) if buyer in seen.part_wh), default=NOBODY)
    return tuple(
        ChoiceReason(
            choice_index=choice,
            buyer_index=buyer,
            part_wh=seen.part_wh.get(buyer, 0),
            reason=(
                _reason_of_part(seen, choice, buyer, is_last=place == last_served)
                if buyer in seen.part_wh
                else _reason_of_none(seen, choice, buyer)
            ),
        )
        for place, (choice, buyer) in enumerate(listed)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _HomeSlot:
    """What the reasons of a home in a slot look at; facts by (buyer, name), part_wh by buyer."""

    market: MatchMarket
    home_index: int
    slot_index: int
    facts: dict[tuple[int, FactName], int]
    part_wh: dict[int, int]
    intake_wh: dict[int, int]

    @classmethod
    def seen(cls, market: MatchMarket, result: MechanismResult, home_index: int, slot_index: int) -> "_HomeSlot":
        """Collect the rows and figures of the slot."""
        rows, published = result.allocation, result.facts
        of_slot = slice(*np.searchsorted(rows.slot_index, [slot_index, slot_index + 1]))
        buyers, energy_wh = rows.buyer_index[of_slot], rows.energy_wh[of_slot]
        is_own = rows.home_index[of_slot] == home_index
        intake_wh = np.zeros(market.day.n_buyers, dtype=np.int64)
        np.add.at(intake_wh, buyers, energy_wh)
        figures = slice(*np.searchsorted(published.slot_index, [slot_index, slot_index + 1]))
        names = zip(published.buyer_index[figures].tolist(), published.fact_no[figures].tolist(), strict=True)
        return cls(
            market=market,
            home_index=home_index,
            slot_index=slot_index,
            facts={
                (buyer, FactName(fact)): figure
                for (buyer, fact), figure in zip(names, published.figure[figures].tolist(), strict=True)
            },
            part_wh=dict(zip(buyers[is_own].tolist(), energy_wh[is_own].tolist(), strict=True)),
            intake_wh=dict(enumerate(intake_wh.tolist())),
        )

    @property
    def supply_wh(self) -> int:
        """Give what the home supplied."""
        return int(self.market.day.supply_wh[self.slot_index, self.home_index])

    @property
    def has_rest(self) -> bool:
        """Tell whether something was left for the standard offer."""
        return self.supply_wh > sum(self.part_wh.values())

    @property
    def is_priced(self) -> bool:
        """Tell whether the mechanism looks at prices before it looks at room."""
        return any(name in _PRICED_FACTS for _, name in self.facts)

    def is_full(self, buyer: int) -> bool:
        """Tell whether a buyer closed; one that `eating` closed may lack a Wh by rounding."""
        capacity_wh = int(self.market.day.capacity_wh[self.slot_index, buyer])
        is_closed = self.facts.get((buyer, FactName.CLOSING_T32), NEVER_CLOSED_T32) < NEVER_CLOSED_T32
        return is_closed or self.intake_wh[buyer] == capacity_wh

    def pays_too_little(self, buyer: int) -> bool:
        """Tell whether a buyer pays less than the home asks; without prices none does."""
        prices = self.market.prices
        if prices is None:
            return False
        return bool(prices.buyer_price_sen_per_kwh[buyer] < prices.ask_sen_per_kwh[self.home_index])

    def quota_wh(self, choice: int, buyer: int) -> int:
        """Give the quota of a pair; all of the supply where the mechanism knows no quota."""
        quotas_wh = self.market.pair_quota_wh
        if quotas_wh is None or (buyer, FactName.CUTOFF_CLASS) not in self.facts or choice == NOBODY:
            return self.supply_wh
        return int(quotas_wh[self.home_index, choice])

    def is_class_closed(self, choice: int, buyer: int) -> bool:
        """Tell whether a full buyer served only classes before the home's."""
        ranks = self.market.class_rank
        last_class = self.facts.get((buyer, FactName.CUTOFF_CLASS))
        if ranks is None or last_class is None or choice == NOBODY:
            return False
        return self.is_full(buyer) and int(ranks[self.home_index, choice]) > last_class


def _reason_of_part(seen: _HomeSlot, choice: int, buyer: int, *, is_last: bool) -> ReasonCode:
    """Say why a part was not larger."""
    if is_last and not seen.has_rest:
        return ReasonCode.TOOK_ALL_THAT_WAS_LEFT
    if seen.part_wh[buyer] == seen.quota_wh(choice, buyer):
        return ReasonCode.TOOK_ITS_QUOTA
    if seen.is_full(buyer):
        return ReasonCode.FILLED_BUYER
    return ReasonCode.TOOK_ITS_SHARE


def _reason_of_none(seen: _HomeSlot, choice: int, buyer: int) -> ReasonCode:
    """Say why a choice got nothing."""
    market = seen.market
    shares_by_key = (buyer, FactName.ASKED_WH) in seen.facts and market.static_key is not None
    fills_targets = (buyer, FactName.SHORT_WH) in seen.facts and market.use_wh is not None
    checks = (
        (ReasonCode.NOTHING_SUPPLIED, seen.supply_wh == 0),
        (ReasonCode.NO_CAPACITY, market.day.capacity_wh[seen.slot_index, buyer] == 0),
        (ReasonCode.NO_QUOTA, seen.supply_wh > 0 and seen.quota_wh(choice, buyer) == 0),
        (ReasonCode.PRICE_BELOW_ASK, seen.is_priced and seen.pays_too_little(buyer)),
        (ReasonCode.CLASS_CLOSED, seen.is_class_closed(choice, buyer)),
        (ReasonCode.BUYER_FULL, seen.is_full(buyer)),
        (ReasonCode.NO_USE, fills_targets and market.use_wh is not None and not market.use_wh[seen.slot_index, buyer]),
        (ReasonCode.NOTHING_LEFT, not seen.has_rest),
        (
            ReasonCode.NO_KEY,
            shares_by_key and market.static_key is not None and not market.static_key[seen.home_index, choice],
        ),
        (ReasonCode.PRICE_BELOW_ASK, seen.pays_too_little(buyer)),
    )
    return next((reason for reason, is_true in checks if is_true), ReasonCode.NOT_SERVED)
