"""What the books should say, worked out again from energies, offers and lists in plain Python.

Enters: a market's books. Leave: sentences, one a fault. Not here: meters (energy_model), lists (list_model), the order
of closes (budget_model), and what the audit asks.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from sanchi.edge.store.books import Books
from tests.simulation.list_model import SELF, SURPLUS, ListModel, Rows

UNLIMITED_WH = 2**46 - 1


class Model:
    """The facts of a market, and the questions that no law of the audit asks."""

    def __init__(self, books: Books) -> None:
        """Load the facts."""
        self.books = books
        self.days = {row["delivery_date"]: row for row in books.records("SELECT * FROM market_day")}
        self.lists = ListModel(books)
        self.plants = self.lists.plants
        self.slots = books.records("SELECT * FROM slot_energy")
        self.allocations = books.records("SELECT * FROM allocations")
        self.debts = books.records("SELECT * FROM debt")
        self.accruals = books.records("SELECT * FROM accrual")

    def faults(self) -> Iterator[str]:
        """Ask everything."""
        yield from self.offered_faults()
        yield from self.matching_faults()
        yield from self.cap_faults()
        yield from self.money_faults()
        yield from self.statement_faults()
        yield from self.waiting_faults()

    def offered_faults(self) -> Iterator[str]:
        """Nothing that may be traded is left out: the audit only asks that nothing more is offered."""
        for row in self.slots:
            plant, day = self.plants[row["party_no"]], row["delivery_date"]
            may_trade = plant["home_group"] != "outside" and day >= plant["commissioning_date"]
            is_known = row["export_quality"] >= 2 and may_trade
            most_wh = row["export_pv_wh"] if is_known and day >= plant["fit_end"] else 0
            # Where a battery was not measured, no more than the measured generation is known to be the sun's.
            proven_wh = row["pv_wh"] if row["pv_quality"] >= 2 else 0
            least_wh = min(most_wh, proven_wh) if plant["battery_capacity_wh"] else most_wh
            self_wh = row["self_wh"] if is_known and row["pv_quality"] >= 2 else 0
            if not least_wh <= row["surplus_offered_wh"] <= most_wh or row["self_offered_wh"] != self_wh:
                offered = f"{row['surplus_offered_wh']} and {row['self_offered_wh']} Wh"
                where = f"home {row['party_no']} {day} slot {row['slot_no']}"
                yield f"{where}: offers {offered}, expected {least_wh}..{most_wh} and {self_wh}"

    def matching_faults(self) -> Iterator[str]:
        """Who gets less than its first choice had open, or another share than its peers."""
        runs = self.books.records("SELECT delivery_date, revision, is_home_only FROM day_run")
        whole = {(row["delivery_date"], row["revision"]) for row in runs if not row["is_home_only"]}
        given: dict[tuple[Any, int, int], Rows] = defaultdict(list)
        for row in self.allocations:
            given[row["delivery_date"], row["kind_no"], row["slot_no"]].append(row)
        published_wh = {
            (row["delivery_date"], row["kind_no"], row["slot_no"], row["buyer_no"]): row["capacity_wh"]
            for row in self._rows("closing_times")
        }
        use_wh = {(r["delivery_date"], r["party_no"], r["slot_no"]): r["use_wh"] for r in self._rows("buyer_use")}
        lists = {
            (home_no, kind_no, day): self.lists.ranked(home_no, kind_no, day)
            for day in self.days
            for home_no in self.plants
            for kind_no in (SURPLUS, SELF)
        }
        for (day, kind_no, slot_no), rows in sorted(given.items()):
            if (day, self.days[day]["revision_in_force"]) in whole:
                received = self._taken(given.get((day, SURPLUS, slot_no), [])) if kind_no == SELF else Counter()
                open_wh = {
                    buyer_no: self._capacity_wh(
                        buyer_no, kind_no, day, use_wh.get((day, buyer_no, slot_no), 0), received
                    )
                    for buyer_no in {buyer_no for ranked in lists.values() for buyer_no in ranked}
                }
                # What a budget leaves of a slot follows from the whole month: budget_model judges it.
                open_wh |= {
                    buyer_no: min(wh, published_wh[day, kind_no, slot_no, buyer_no])
                    for buyer_no, wh in open_wh.items()
                    if self.lists.is_capped(buyer_no, kind_no, day)
                }
                open_wh = {buyer_no: wh - self._taken(rows)[buyer_no] for buyer_no, wh in open_wh.items()}
                where = f"{day} slot {slot_no} kind {kind_no}"
                yield from self._slot_faults(where, rows, {h: lists[h, kind_no, day] for h in self.plants}, open_wh)

    def _slot_faults(
        self, where: str, rows: Rows, lists: dict[int, list[int]], open_wh: dict[int, int]
    ) -> Iterator[str]:
        """Judge one slot."""
        supply_wh: Counter[int] = Counter()
        first_wh: Counter[int] = Counter()
        for row in rows:
            home_no, choice_no = row["home_no"], row["choice_no"]
            supply_wh[home_no] += row["energy_wh"]
            first_wh[home_no] += row["energy_wh"] if choice_no == 1 else 0
            better = lists[home_no][: choice_no - 1] if choice_no else lists[home_no]
            if choice_no and lists[home_no][choice_no - 1] != row["holder_no"]:
                yield f"{where}: home {home_no} gives to {row['holder_no']} as choice {choice_no} of {lists[home_no]}"
            if any(open_wh[buyer_no] > 0 for buyer_no in better):
                yield f"{where}: home {home_no} gives choice {choice_no} {row['energy_wh']} Wh, better ones are open"
        if min(open_wh.values(), default=0) < 0:
            yield f"{where}: open capacities {open_wh}"
        for one, other in combinations(sorted(supply_wh), 2):
            if lists[one][:1] == lists[other][:1] != []:
                difference = first_wh[one] * supply_wh[other] - first_wh[other] * supply_wh[one]
                if abs(difference) > 2 * (supply_wh[one] + supply_wh[other]):
                    yield f"{where}: homes {one} and {other} get other shares of their common first choice"

    def _capacity_wh(self, buyer_no: int, kind_no: int, day: Any, use_wh: int, received: Counter[int]) -> int:
        """Give what a buyer can take by its offer."""
        offer = self.lists.offer(buyer_no, kind_no, day)
        if offer is None:
            return 0
        cap_wh = UNLIMITED_WH if offer["cap_wh_per_slot"] is None else offer["cap_wh_per_slot"]
        if offer["capacity_rule"] == "cap_only":
            return int(cap_wh)
        return int(min(cap_wh, max(0, use_wh - received[buyer_no])))

    def cap_faults(self) -> Iterator[str]:
        """No buyer has more of a kind than it agreed to, a day or a month; debts stay with their buyers.

        Days whose cap of the month is c or less have no more than c together, whatever other days allowed.
        """
        day_wh: Counter[tuple[int, int, Any]] = Counter()
        for row in [*self.allocations, *self.debts]:
            if row.get("choice_no", 1):
                seat = row["holder_no"], row["kind_no"], row["delivery_date"]
                day_wh[seat] += row["energy_wh"] if "energy_wh" in row else row["debt_wh"]
        offers = {seat: self.lists.offer(*seat) for seat in day_wh}
        for seat, taken_wh in day_wh.items():
            offer, (buyer_no, kind_no, day) = offers[seat], seat
            cap_wh = None if offer is None else offer["cap_wh_per_day"]
            if offer is None or (cap_wh is not None and taken_wh > cap_wh):
                yield f"{day} kind {kind_no} buyer {buyer_no}: {taken_wh} Wh, agreed are {cap_wh}"
            month_cap_wh = None if offer is None else offer["cap_wh_per_month"]
            month_wh = sum(
                wh
                for other, wh in day_wh.items()
                if other[:2] == seat[:2] and (other[2].year, other[2].month) == (day.year, day.month)
                if _is_within(offers[other], month_cap_wh)
            )
            if month_cap_wh is not None and month_wh > month_cap_wh:
                yield f"month of {day} kind {kind_no} buyer {buyer_no}: {month_wh} Wh, agreed are {month_cap_wh}"

    @staticmethod
    def _taken(rows: Rows) -> Counter[int]:
        """Add up what buyers were given."""
        taken: Counter[int] = Counter()
        for row in rows:
            taken[row["holder_no"]] += row["energy_wh"] if row["choice_no"] else 0
        return taken

    def _rows(self, table: str) -> Rows:
        """Load a relation."""
        return self.books.records(f"SELECT * FROM {table}")

    def money_faults(self) -> Iterator[str]:
        """Per home, day and pair: what final energies are worth at the agreed prices = what was accrued."""
        worth: Counter[tuple[Any, ...]] = Counter()
        for row in [*self.allocations, *self.debts]:
            plant, day = self.plants[row["home_no"]], row["delivery_date"]
            wh = row["energy_wh"] if "energy_wh" in row else row["debt_wh"]
            is_rest = row.get("choice_no", 1) == 0
            offer = None if is_rest else self.lists.offer(row["holder_no"], row["kind_no"], day)
            if offer is None and not is_rest:
                yield f"home {row['home_no']} {day}: {row['holder_no']} holds a debt without an offer"
                continue
            standard = plant["standard_price_sen_per_kwh"] if row["kind_no"] == SURPLUS else 0
            home_price = standard if offer is None else offer["home_price_sen_per_kwh"]
            worth[row["home_no"], day, plant["purchaser_no"], plant["payee_no"]] += wh * home_price
            buyer_price = 0 if offer is None else offer["buyer_price_sen_per_kwh"]
            worth[row["home_no"], day, row["holder_no"], plant["purchaser_no"]] += wh * buyer_price
        accrued: Counter[tuple[Any, ...]] = Counter()
        for row in self.accruals:
            accrued[row["home_no"], row["delivery_date"], row["payer_no"], row["payee_no"]] += row["amount_e5yen"]
        for key in sorted({*worth, *accrued}):
            # Nobody pays itself.
            if worth[key] != accrued[key] and key[2] != key[3]:
                yield f"home, day, payer, payee {key}: worth {worth[key]}, accrued {accrued[key]}"

    def statement_faults(self) -> Iterator[str]:
        """Statements say what was accrued in their month line by line; with remainders they are all that closed."""
        closed = {row["month"] for row in self._rows("period") if row["is_closed"]}
        accrued: Counter[tuple[Any, ...]] = Counter()
        balance: Counter[tuple[int, int]] = Counter()
        for row in self.accruals:
            pair = row["payer_no"], row["payee_no"]
            if row["posting_month"] in closed:
                line = row["kind_no"], row["holder_no"], row["price_sen_per_kwh"]
                accrued[row["posting_month"], *pair, *line] += row["energy_wh"]
                balance[pair] += row["amount_e5yen"]
        told: Counter[tuple[Any, ...]] = Counter()
        lines = self.books.records("SELECT * FROM statement_line JOIN statement USING (statement_no)")
        for row in lines:
            line = row["kind_no"], row["holder_no"], row["price_sen_per_kwh"]
            told[row["month"], row["payer_no"], row["payee_no"], *line] += row["energy_wh"]
        for key in sorted({*told, *accrued}):
            if told[key] != accrued[key]:
                yield f"statement line {key}: {told[key]} Wh told, {accrued[key]} Wh accrued"
        statements = sorted(self._rows("statement"), key=lambda row: row["month"])
        for row in statements:
            balance[row["payer_no"], row["payee_no"]] -= row["amount_yen"] * 100_000
        latest = {(row["payer_no"], row["payee_no"]): row["closing_remainder_e5yen"] for row in statements}
        for pair in sorted({*balance, *latest}):
            if balance[pair] != latest.get(pair, 0):
                yield f"pair {pair}: {balance[pair]} left, remainder {latest.get(pair, 0)}"

    def waiting_faults(self) -> Iterator[str]:
        """A closed month documents nothing of a day that is not final."""
        closed = {row["month"] for row in self._rows("period") if row["is_closed"]}
        left: Counter[tuple[Any, ...]] = Counter()
        for row in self.accruals:
            if row["posting_month"] in closed and not self.days[row["delivery_date"]]["is_finalised"]:
                line = (row["payer_no"], row["payee_no"], row["kind_no"], row["holder_no"], row["price_sen_per_kwh"])
                left[row["posting_month"], row["delivery_date"], row["home_no"], *line] += row["energy_wh"]
        for key, wh in left.items():
            if wh:
                yield f"{key}: {wh} Wh of a day that is not final stand in a closed month"


def _is_within(offer: dict[str, Any] | None, cap_wh: int | None) -> bool:
    """Tell whether a day agreed on as small a cap of the month, or a smaller one."""
    own_wh = None if offer is None else offer["cap_wh_per_month"]
    return own_wh is not None and cap_wh is not None and own_wh <= cap_wh
