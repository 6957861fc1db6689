"""The registry with pencil and paper: every watt-hour is a line of its own, and nothing is clever.

Enter: what happens. Leave: who holds each watt-hour, in which state, and what is owed; or Forbidden. Not here: slices,
ranges that are joined or cut, statements of a database.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.oracles.registry_battery import Battery

ACTIVE, RESERVED, RETIRED, EXPIRED, EXPORTED, CHARGED, WITHDRAWN = range(1, 8)
# A line: holder, state, and the number of the claim, reservation, lot or account that the state refers to (0 = none).
Line = tuple[int, int, int]
Range = tuple[str, int, int]
# What a battery took from the sun, gave its home and gave the grid in a slot [Wh].
Flow = tuple[int, int, int]
SELF = 2


# Which rules a line of a certificate breaks.
Rules = Callable[["Paper", Line], set[str]]


class Forbidden(Exception):
    """All rules that a request breaks; the registry may name any of them."""

    def __init__(self, rules: set[str]) -> None:
        super().__init__(", ".join(sorted(rules)))
        self.rules = rules


@dataclass
class Paper:
    """A certificate: per watt-hour the slot and first holder, and the line that holds now."""

    home_no: int
    kind_no: int
    day: date
    revision: int
    seats: list[tuple[int, int]]
    lines: list[Line]
    storage_no: int = 0

    def turn(self, states: set[int], becomes: Callable[[int, int], Line]) -> None:
        """Let the lines in some states become others, by holder and number."""
        self.lines = [becomes(h, n) if s in states else (h, s, n) for h, s, n in self.lines]


@dataclass
class Lot:
    """A month of a holder that left."""

    scheme: str
    holder_no: int
    kind_no: int
    month: date
    unit_wh: int
    unit_count: int
    carry_out_wh: int


@dataclass
class RegistryModel:
    """All certificates of a market."""

    papers: dict[str, Paper] = field(default_factory=dict)
    final_days: set[date] = field(default_factory=set)
    promised_to: dict[int, int] = field(default_factory=dict)
    lapses_on: dict[int, date] = field(default_factory=dict)
    lots: list[Lot] = field(default_factory=list)
    # By home: efficiency [permille] and capacity [Wh].
    batteries: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    # Number, home, first and last day; carried in, charged, out, lost, carried on [Wh]; the account before (0 = none).
    accounts: list[tuple[int, int, date, date, int, int, int, int, int, int]] = field(default_factory=list)

    def issue(
        self,
        name: str,
        paper_of: tuple[int, int, date, int],
        energy_wh: dict[tuple[int, int], int],
        storage_no: int = 0,
    ) -> None:
        """Write a certificate over {(holder, slot): Wh}: serials by holder, then slot."""
        home_no, kind_no, day, revision = paper_of
        seats = [(slot, holder) for (holder, slot), wh in sorted(energy_wh.items()) for _ in range(wh)]
        lines = [(holder, ACTIVE, 0) for _, holder in seats]
        self.papers[name] = Paper(home_no, kind_no, day, revision, seats, lines, storage_no)

    def withdraw_day(self, day: date) -> None:
        """Take back what is not final of a day."""
        for paper in self.papers.values():
            if paper.day == day:
                paper.turn({ACTIVE, RESERVED}, lambda h, _: (h, WITHDRAWN, 0))

    def remove(self, seat: tuple[int, int, date, int, int], energy_wh: int) -> int:
        """Take watt-hours of a home, kind, day, slot and first holder back, newest and highest first.

        Returns what is final and therefore owed.
        """
        home_no, kind_no, day, slot, holder_no = seat
        for paper in sorted(self._of_roof(home_no, kind_no, day), key=lambda paper: -paper.revision):
            for serial in reversed(range(len(paper.lines))):
                holder, state, _ = paper.lines[serial]
                if energy_wh and paper.seats[serial] == (slot, holder_no) and state in {ACTIVE, RESERVED}:
                    paper.lines[serial] = holder, WITHDRAWN, 0
                    energy_wh -= 1
        return energy_wh

    def retire_month(self, buyers: set[int], first_claim_no: int) -> int:
        """Use up what buyers hold of final days, a claim a buyer; returns how many claims there are."""
        final = [paper for paper in self.papers.values() if paper.day in self.final_days]
        holding = sorted({h for paper in final for h, s, _ in paper.lines if s == ACTIVE and h in buyers})
        number = {holder: first_claim_no + place for place, holder in enumerate(holding)}
        for paper in final:
            paper.turn({ACTIVE}, lambda h, n: (h, RETIRED, number[h]) if h in number else (h, ACTIVE, n))
        return len(holding)

    def transfer(self, ranges: list[tuple[Range, int, int]]) -> None:
        """Give ranges from one to another each."""
        self._change([(where, _held_by(giver), (taker, ACTIVE, 0)) for where, giver, taker in ranges])

    def reserve(self, ranges: list[tuple[Range, int]], number: int, party_no: int, lapses_on: date) -> None:
        """Promise ranges of holders to a party."""
        self._change([(where, _held_by(holder), (holder, RESERVED, number)) for where, holder in ranges])
        self.promised_to[number], self.lapses_on[number] = party_no, lapses_on

    def release(self, number: int) -> None:
        """Give a promise up."""
        if not self._of_promise(number):
            raise Forbidden({"NOT_ENOUGH"})
        for paper, serial in self._of_promise(number):
            paper.lines[serial] = paper.lines[serial][0], ACTIVE, 0

    def lapse(self, today: date) -> None:
        """Give up what promises hold whose day has come."""
        for paper in self.papers.values():
            paper.turn({RESERVED}, lambda h, n: (h, ACTIVE, 0) if self.lapses_on[n] <= today else (h, RESERVED, n))

    def expire(self, today: date, too_old: dict[int, set[date]]) -> None:
        """Let promises lapse, then what is active of final days that are too old, by kind."""
        self.lapse(today)
        for paper in self.papers.values():
            if paper.day in self.final_days and paper.day in too_old[paper.kind_no]:
                paper.turn({ACTIVE}, lambda h, _: (h, EXPIRED, 0))

    def claim(
        self, ranges: list[Range], beneficiary_no: int, claim_no: int, first: date, last: date, today: date
    ) -> None:
        """Use ranges up that the beneficiary holds or was promised."""

        def rules(paper: Paper, line: Line) -> set[str]:
            broken: set[str] = set() if self._is_final_within(paper, first, last) else {"WRONG_DAY"}
            if line[1] == RESERVED:
                broken |= {"WRONG_DAY"} if self.lapses_on[line[2]] <= today else set()
                return broken | ({"RESERVED_FOR_ANOTHER"} if self.promised_to[line[2]] != beneficiary_no else set())
            return broken | _held(line, beneficiary_no)

        self._change([(where, rules, (beneficiary_no, RETIRED, claim_no)) for where in ranges])

    def claim_promise(self, number: int, claim_no: int, first: date, last: date, today: date) -> None:
        """Use all of a promise up."""
        hours = self._of_promise(number)
        if not hours:
            raise Forbidden({"NOT_ENOUGH"})
        is_due = self.lapses_on[number] <= today
        if is_due or not all(self._is_final_within(paper, first, last) for paper, _ in hours):
            raise Forbidden({"WRONG_DAY"})
        for paper, serial in hours:
            paper.lines[serial] = self.promised_to[number], RETIRED, claim_no

    def export(self, scheme: str, holder_no: int, kind_no: int, month: date, unit_wh: int) -> None:
        """Let a month of a holder leave in whole units; what is short of one is carried on."""
        own = [lot for lot in self.lots if (lot.scheme, lot.holder_no, lot.kind_no) == (scheme, holder_no, kind_no)]
        papers = [p for p in self.papers.values() if p.kind_no == kind_no and p.day.replace(day=1) == month]
        holding = [p for p in papers if any(line[:2] == (holder_no, ACTIVE) for line in p.lines)]
        broken = {"MONTH_OUT_OF_ORDER"} if own and month <= own[-1].month else set()
        broken |= {"NOT_DIVISIBLE"} if own and unit_wh != own[-1].unit_wh else set()
        broken |= set() if holding else {"NOT_ENOUGH"}
        broken |= {"WRONG_DAY"} if any(p.day not in self.final_days for p in holding) else set()
        if broken:
            raise Forbidden(broken)
        number, total_wh = len(self.lots) + 1, own[-1].carry_out_wh if own else 0
        for paper in holding:
            total_wh += sum(line[:2] == (holder_no, ACTIVE) for line in paper.lines)
            paper.turn({ACTIVE}, lambda h, n: (h, EXPORTED, number) if h == holder_no else (h, ACTIVE, n))
        self.lots.append(Lot(scheme, holder_no, kind_no, month, unit_wh, total_wh // unit_wh, total_wh % unit_wh))

    def store(
        self,
        homes: list[int],
        first: date,
        last: date,
        flows: Mapping[tuple[int, date, int], Flow],
        name_of: Callable[[int, date, int], tuple[str, int]],
    ) -> list[str]:
        """Run homes' batteries over a period; returns the names of what is certified anew."""
        if any(home_no not in self.batteries for home_no in homes):
            raise Forbidden({"UNKNOWN"})
        made = {account[1:4] for account in self.accounts}
        new = [home_no for home_no in homes if (home_no, first, last) not in made]
        before = {home_no: self.last_account(home_no) for home_no in new}
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)] if new else []
        broken: set[str] = set()
        if any(account and account[3] + timedelta(days=1) != first for account in before.values()):
            broken |= {"STORAGE_OUT_OF_ORDER"}
        broken |= {"DAY_NOT_CLOSED", "DAY_NOT_FINAL"} if not self.final_days.issuperset(days) else set()
        if broken:
            raise Forbidden(broken)
        names = []
        for home_no in new:
            number, account = len(self.accounts) + 1, before[home_no]
            battery = Battery(*self.batteries[home_no], account[8] if account else 0)
            for day in days:
                slots = sorted(slot for home, other, slot in flows if (home, other) == (home_no, day))
                sun_wh = {slot: flows[home_no, day, slot][0] for slot in slots}
                charged_wh = self._charge(home_no, day, sun_wh, number)
                out_wh = {s: battery.slot(charged_wh[s], *flows[home_no, day, s][1:]) for s in slots}
                if any(out_wh.values()):
                    name, revision = name_of(home_no, day, number)
                    out = {(home_no, slot): wh for slot, wh in out_wh.items()}
                    self.issue(name, (home_no, SELF, day, revision), out, number)
                    names.append(name)
            self.accounts.append((number, home_no, first, last, *battery.account(), account[0] if account else 0))
        return names

    def last_account(self, home_no: int) -> tuple[int, int, date, date, int, int, int, int, int, int] | None:
        """Find the account that a battery's next one follows."""
        own = [account for account in self.accounts if account[1] == home_no]
        return own[-1] if own else None

    def _charge(self, home_no: int, day: date, sun_wh: Mapping[int, int], number: int) -> dict[int, int]:
        """Charge what a home kept of its slots, oldest and lowest first; returns what was charged by slot."""
        charged_wh = dict.fromkeys(sun_wh, 0)
        for paper in sorted(self._of_roof(home_no, SELF, day), key=lambda paper: paper.revision):
            for serial, (slot, first_no) in enumerate(paper.seats):
                is_kept = first_no == home_no and paper.lines[serial] == (home_no, ACTIVE, 0)
                if is_kept and charged_wh.get(slot, 0) < sun_wh.get(slot, 0):
                    paper.lines[serial] = home_no, CHARGED, number
                    charged_wh[slot] += 1
        return charged_wh

    def _of_roof(self, home_no: int, kind_no: int, day: date) -> Iterable[Paper]:
        """Find what was certified of a roof itself."""
        wanted = home_no, kind_no, day, 0
        return [p for p in self.papers.values() if (p.home_no, p.kind_no, p.day, p.storage_no) == wanted]

    def _is_final_within(self, paper: Paper, first: date, last: date) -> bool:
        """Tell whether a certificate is of a final day of a time."""
        return first <= paper.day <= last and paper.day in self.final_days

    def _of_promise(self, number: int) -> list[tuple[Paper, int]]:
        """Find the lines that a promise still holds."""
        return [
            (p, serial)
            for p in self.papers.values()
            for serial, line in enumerate(p.lines)
            if line[1:] == (RESERVED, number)
        ]

    def _change(self, wanted: list[tuple[Range, Rules, Line]]) -> None:
        """Change all lines of all ranges, or none."""
        broken: set[str] = set()
        named: set[tuple[str, int]] = set()
        for (name, lo, hi), rules, _ in wanted:
            paper = self.papers.get(name)
            if paper is None:
                broken |= {"UNKNOWN"}
                continue
            broken |= {"NOT_ENOUGH"} if hi > len(paper.lines) else set()
            for serial in range(lo, min(hi, len(paper.lines))):
                broken |= rules(paper, paper.lines[serial])
                broken |= {"NAMED_TWICE"} if (name, serial) in named else set()
                named.add((name, serial))
        if broken:
            raise Forbidden(broken)
        for (name, lo, hi), _, line in wanted:
            self.papers[name].lines[lo:hi] = [line] * (hi - lo)


def _held_by(holder_no: int) -> Rules:
    """Ask of a watt-hour that somebody can dispose of it."""
    return lambda _, line: _held(line, holder_no)


def _held(line: Line, holder_no: int) -> set[str]:
    """Tell which rules somebody breaks who disposes of a watt-hour."""
    broken = set() if line[0] == holder_no else {"NOT_HOLDER"}
    if line[1] == RESERVED:
        return broken | {"TRANSITION_UNKNOWN"}
    return broken if line[1] == ACTIVE else broken | {"ALREADY_FINAL"}
