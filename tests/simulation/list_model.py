"""Who is in whose list of a day and why others are not, worked out again home by home in plain Python.

Enters: a market's books. Leave: ranked buyers, reasons, sentences, one a fault. Not here: energies (model).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from sanchi.app.roster import Roster
from sanchi.core.base.kinds import CertificateKind
from sanchi.edge.store.books import Books

Rows = list[dict[str, Any]]
SURPLUS, SELF = 1, 2
BY_WORTH = "by_worth"
YEARS_MAX = 200


class ListModel:
    """Offers, conditions, perks and wishes, and whom they put into the homes' lists."""

    def __init__(self, books: Books) -> None:
        """Load the facts."""
        self.plants = {row["home_no"]: row for row in books.records("SELECT * FROM plant")}
        self.parties = {row["party_no"]: row for row in books.records("SELECT * FROM party")}
        self.offers = books.records("SELECT * FROM offer")
        self.perks = books.records("SELECT * FROM perk")
        self.choices = books.records("SELECT * FROM choice")
        self.preferences = books.records("SELECT * FROM preference")

    def offer(self, buyer_no: int, kind_no: int, day: date) -> dict[str, Any] | None:
        """Find the offer in force."""
        for offer in self.offers:
            is_begun = offer["valid_from"] <= day and (offer["valid_until"] is None or day < offer["valid_until"])
            if offer["buyer_no"] == buyer_no and offer["kind_no"] == kind_no and is_begun:
                return offer
        return None

    def is_capped(self, buyer_no: int, kind_no: int, day: date) -> bool:
        """Tell whether a buyer has agreed on a cap of day or month."""
        offer = self.offer(buyer_no, kind_no, day)
        return offer is not None and (offer["cap_wh_per_day"], offer["cap_wh_per_month"]) != (None, None)

    def ranked(self, home_no: int, kind_no: int, day: date) -> list[int]:
        """List whom a home asks on a day, best first."""
        return self._judged(home_no, kind_no, day)[0]

    def faults(self, roster: Roster) -> Iterator[str]:
        """Compare the lists of a day, and the reasons why buyers are not in them."""
        for kind in CertificateKind:
            told: dict[int, dict[int, str]] = defaultdict(dict)
            for each in roster.passed_over[kind]:
                told[each.home_no][each.buyer_no] = str(each.reason)
            for row, home in enumerate(roster.homes):
                ranked, reasons = self._judged(home.party_no, int(kind), roster.delivery_date)
                listed = [roster.buyers[at].party_no for at in roster.choices[kind][row].tolist() if at >= 0]
                where = f"home {home.party_no} {roster.delivery_date} {kind.text}"
                if listed != ranked:
                    yield f"{where}: the list is {listed}, expected {ranked}"
                if told[home.party_no] != reasons:
                    yield f"{where}: passed over are {told[home.party_no]}, expected {reasons}"

    def _judged(self, home_no: int, kind_no: int, day: date) -> tuple[list[int], dict[int, str]]:
        """Give a home's list, and why it passes over those who might have been in it."""
        begun = [row for row in self._of_home(self.preferences, home_no, kind_no) if row["valid_from"] <= day]
        wish = max(begun, key=lambda row: row["valid_from"], default=None)
        if wish is not None and wish["ranking"] != BY_WORTH:
            wish = None
        names = self._chosen(home_no, kind_no, day) if wish is None else self._buyers_by_worth(wish, kind_no, day)
        ranked: list[int] = []
        reasons: dict[int, str] = {}
        for buyer_no in names:
            reason = self._reason(home_no, buyer_no, kind_no, day)
            if reason is None and wish is not None:
                reason = self._reason_of_worth(wish, buyer_no, kind_no, day, len(ranked))
            if reason is None:
                ranked.append(buyer_no)
            else:
                reasons[buyer_no] = reason
        return ranked, reasons

    @staticmethod
    def _of_home(rows: Rows, home_no: int, kind_no: int) -> Rows:
        """Take the rows of a home and kind."""
        return [row for row in rows if (row["home_no"], row["kind_no"]) == (home_no, kind_no)]

    def _chosen(self, home_no: int, kind_no: int, day: date) -> list[int]:
        """Give the home's own latest list."""
        begun = [row for row in self._of_home(self.choices, home_no, kind_no) if row["valid_from"] <= day]
        latest = max((row["valid_from"] for row in begun), default=None)
        return [
            buyer_no
            for _, buyer_no in sorted((r["choice_no"], r["buyer_no"]) for r in begun if r["valid_from"] == latest)
        ]

    def _buyers_by_worth(self, wish: dict[str, Any], kind_no: int, day: date) -> list[int]:
        """Give all who offer something, the best worth first, of equals the one that joined first."""
        buyer_nos = [buyer_no for buyer_no in self.parties if self.offer(buyer_no, kind_no, day)]
        return sorted(buyer_nos, key=lambda buyer_no: (-self._worth(wish, buyer_no, kind_no, day), buyer_no))

    def _worth(self, wish: dict[str, Any], buyer_no: int, kind_no: int, day: date) -> int:
        """Give what an offer is worth to a home [1e-3 sen/kWh]."""
        offer, buyer, home = self.offer(buyer_no, kind_no, day), self.parties[buyer_no], self.parties[wish["home_no"]]
        assert offer is not None, "an offer went astray"
        worth = int(offer["home_price_sen_per_kwh"] * wish["money_weight_permille"])
        for perk in self.perks:
            if all(perk[name] == offer[name] for name in ("buyer_no", "kind_no", "valid_from")):
                counts = perk["perk_kind"] != "recognition"
                worth += perk["face_value_sen_per_kwh"] * wish[f"{perk['perk_kind']}_weight_permille"] if counts else 0
        if buyer["party_id"] in wish["favourites"].split("+"):
            worth += 1_000 * wish["favourite_bonus_sen_per_kwh"]
        if home["district"] and home["district"] == buyer["district"]:
            worth += 1_000 * wish["same_district_bonus_sen_per_kwh"]
        return worth

    def _reason(self, home_no: int, buyer_no: int, kind_no: int, day: date) -> str | None:
        """Say why an offer is not for a home."""
        offer, plant = self.offer(buyer_no, kind_no, day), self.plants[home_no]
        if offer is None:
            return "no_offer"
        if offer["districts"] and self.parties[home_no]["district"] not in offer["districts"].split("+"):
            return "district"
        age = _age_years(plant["commissioning_date"], day)
        youngest, oldest = offer["plant_age_years_min"], offer["plant_age_years_max"]
        if (youngest is not None and age < youngest) or (oldest is not None and age > oldest):
            return "plant_age"
        return None

    def _reason_of_worth(
        self, wish: dict[str, Any], buyer_no: int, kind_no: int, day: date, n_better: int
    ) -> str | None:
        """Say why an offer that the home could take is not worth it."""
        price = self.plants[wish["home_no"]]["standard_price_sen_per_kwh"] if kind_no == SURPLUS else 0
        if self._worth(wish, buyer_no, kind_no, day) <= price * wish["money_weight_permille"]:
            return "worth"
        return "choices_max" if n_better >= wish["choices_max"] else None


def _age_years(begun: date, day: date) -> int:
    """Count the birthdays that a plant has had; below 0 where it has not begun."""
    return sum(_birthday(begun, n) <= day for n in range(YEARS_MAX)) - 1


def _birthday(begun: date, n: int) -> date:
    """Give the n-th birthday; who is born on the 29th of February has it on the 1st of March in other years."""
    try:
        return begun.replace(year=begun.year + n)
    except ValueError:
        return date(begun.year + n, 3, 1)
