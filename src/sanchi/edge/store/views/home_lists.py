"""Reads the lists that one home has on a date, what each offer is worth to it, and whom it passes over.

Enters: an OpenMarket, a home, a date. Leaves: HomeLists as pages show them. Not here: other homes, words (portal).
"""

from dataclasses import dataclass, replace
from datetime import date

from sanchi.app.home_lists import PassOverReason, WorthParts, full_years, parts_of_worth
from sanchi.app.market import MarketBook, Offer, Preference, RankingRule
from sanchi.app.roster import Roster, call_roster
from sanchi.app.views.terms import HomeList, ListedOffer, PassedOffer
from sanchi.core.base.kinds import CertificateKind
from sanchi.edge.store.market import DjangoMarketStore
from sanchi.edge.store.views.open_market import OpenMarket


def read_home_lists(market: OpenMarket, home_no: int, day: date) -> tuple[HomeList, ...]:
    """Read the lists of a home on a date, kind by kind; a kind in which it names nobody is left out."""
    # Without meters nobody else has a seat but the buyers whose offers are in force.
    book = replace(DjangoMarketStore().book(market.head.market_id), meters=())
    reader = _Reader(market=market, book=book, roster=call_roster(book, day, kept_nos=[home_no]))
    lists = (reader.home_list(kind) for kind in CertificateKind)
    return tuple(each for each in lists if each.listed or each.passed_over)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """A market's terms, and the roster of a date on which one home has a seat."""

    market: OpenMarket
    book: MarketBook
    roster: Roster

    def home_list(self, kind: CertificateKind) -> HomeList:
        """Lay the home's list of a kind out."""
        (home,), (plant,) = self.roster.homes, self.roster.plants
        preference = self.preference(kind)
        is_by_worth = preference is not None and preference.ranking is RankingRule.BY_WORTH
        by_no, offers = self.market.parties.by_no, self.roster.offers[kind]
        ranked = [position for position in self.roster.choices[kind][0].tolist() if position >= 0]
        listed_nos = [self.roster.buyers[position].party_no for position in ranked]
        asked = preference if is_by_worth else None
        money_permille = asked.money_weight_permille if asked else 1000
        standard = plant.standard_price_sen_per_kwh if kind is CertificateKind.SURPLUS else 0
        return HomeList(
            delivery_date=self.roster.delivery_date,
            kind=kind,
            ranking=RankingRule.BY_WORTH if asked else RankingRule.OWN_LIST,
            standard_millisen_per_kwh=standard * money_permille,
            choices_max=asked.choices_max if asked else None,
            district=home.district,
            plant_age_years=full_years(plant.commissioning_date, self.roster.delivery_date),
            listed=tuple(
                ListedOffer(
                    choice_no=choice_no, buyer=by_no[no], offer=offers[no], worth=self.worth(offers[no], no, asked)
                )
                for choice_no, no in enumerate(listed_nos, start=1)
            ),
            passed_over=tuple(
                PassedOffer(
                    buyer=by_no[each.buyer_no],
                    offer=None if each.reason is PassOverReason.NO_OFFER else offers[each.buyer_no],
                    worth=self.worth(offers.get(each.buyer_no), each.buyer_no, asked),
                    reason=each.reason,
                )
                for each in self.roster.passed_over[kind]
            ),
        )

    def preference(self, kind: CertificateKind) -> Preference | None:
        """Give the home's preference of a kind with the latest valid_from not after the date."""
        home_id = self.roster.homes[0].party_id
        begun = [
            (each.valid_from, each)
            for each in self.book.preferences
            if each.home_id == home_id and each.kind is kind and each.valid_from <= self.roster.delivery_date
        ]
        return max(begun, key=lambda dated: dated[0])[1] if begun else None

    def worth(self, offer: Offer | None, buyer_no: int, preference: Preference | None) -> WorthParts | None:
        """Part what an offer is worth to the home; None where the home ranks by itself."""
        if offer is None or preference is None:
            return None
        place = (offer.buyer_id, offer.kind, offer.valid_from)
        perks = [each for each in self.book.perks if (each.buyer_id, each.kind, each.valid_from) == place]
        buyer = next(each for each in self.roster.buyers if each.party_no == buyer_no)
        return parts_of_worth(offer, perks, preference, self.roster.homes[0], buyer)
