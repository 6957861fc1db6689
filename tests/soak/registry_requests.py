"""What one process of the attack asks of the use cases: things that may be, and things that never may.

Enter: names of requests. Leave: True where it was asked and taken, False where there was nothing to ask it of; or what
the use case raises. Homes never hold anything here, so whatever is asked in their name is wrong at any time.
"""

import random
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sanchi.app.stores import Installation
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.edge.store.sql import fetch
from tests.simulation.registry_asks import Asks, Range
from tests.simulation.registry_world import KINDS, MARKET
from tests.soak.registry_wrongs import ACTIVE, Seen, seen_final, seen_slice

RIGHT_REQUESTS: Final = (
    *("transfer",) * 6, *("split",) * 3, *("reserve",) * 3, *("release",) * 2, *("claim",) * 2, "claim_promise",
    "ask_again", "expire", "export",
)  # fmt: skip
WRONG_REQUESTS: Final = (
    "transfer_of_another", "transfer_beyond", "transfer_twice", "transfer_of_final", "claim_twice", "claim_of_another",
    "claim_of_another_day", "reserve_of_final", "reserve_until_yesterday", "split_beyond", "same_id_other_content",
    "export_of_nothing", "issue_again", "release_of_nothing",
)  # fmt: skip
FIRST, LAST, TODAY = date(2020, 12, 1), date(2020, 12, 31), date(2021, 1, 5)
PROMISED_UNTIL = date(2021, 2, 1)
A_HOME = 1
EXPORT_SHARE = 0.02
CLAIMED_WH_MAX = 3


@dataclass
class Requester:
    """One process with ids of its own."""

    installation: Installation
    chance: random.Random
    names: list[str]
    buyer_nos: list[int]
    worker_no: int
    count: int = 0
    promises: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with nothing asked."""
        self.asks = Asks(self.installation)
        self.last: tuple[str, list[tuple[Range, int, int]]] | None = None

    def ask(self, name: str) -> bool:
        """Ask for something by its name."""
        self.count += 1
        asked: bool = getattr(self, name)(f"attack/{self.worker_no}/{self.count}")
        return asked

    # ---- what may be, unless somebody else was faster

    def transfer(self, operation_id: str) -> bool:
        """Give some of what somebody holds to another one, in bulk."""
        items = [(where, holder_no, self._buyer(holder_no)) for where, holder_no in self._active(3)]
        if items:
            self.asks.transfer(operation_id, items)
            self.last = operation_id, items
        return bool(items)

    def split(self, operation_id: str) -> bool:
        """Cut."""
        items = self._active(2)
        if items:
            self.asks.split(operation_id, items)
        return bool(items)

    def reserve(self, operation_id: str) -> bool:
        """Promise."""
        items, party_no = self._active(2), self._buyer()
        if items:
            self.asks.reserve(operation_id, items, party_no, PROMISED_UNTIL, TODAY)
            self.promises.append((operation_id, party_no))
        return bool(items)

    def release(self, operation_id: str) -> bool:
        """Give an own promise up."""
        if not self.promises:
            return False
        self.asks.release(operation_id, self.promises.pop(self.chance.randrange(len(self.promises)))[0])
        return True

    def claim(self, operation_id: str) -> bool:
        """Use a little up."""
        for (name, lo_wh, hi_wh), holder_no in self._active(1):
            some = (name, lo_wh, min(hi_wh, lo_wh + CLAIMED_WH_MAX))
            self.asks.claim(operation_id, [some], holder_no, FIRST, LAST, TODAY)
            return True
        return False

    def claim_promise(self, operation_id: str) -> bool:
        """Use an own promise up."""
        if not self.promises:
            return False
        promise_id, party_no = self.promises.pop()
        self.asks.claim_promise(operation_id, promise_id, party_no, FIRST, LAST, TODAY)
        return True

    def ask_again(self, operation_id: str) -> bool:
        """Ask the same under the same id once more: nothing changes, and it is no fault."""
        if self.last is None:
            return False
        self.asks.transfer(*self.last)
        return True

    def expire(self, operation_id: str) -> bool:
        """Let lapse what has: nothing has, so early."""
        self.asks.expire(operation_id, TODAY, dict.fromkeys(CertificateKind, 12))
        return True

    def export(self, operation_id: str) -> bool:
        """Rarely, let all that a buyer holds of a kind leave."""
        if self.chance.random() > EXPORT_SHARE:
            return False
        month = Month.of(FIRST)
        self.asks.export(operation_id, f"scheme {self.count}", self._buyer(), self.chance.choice(KINDS), month)
        return True

    # ---- what never may be

    def transfer_of_another(self, operation_id: str) -> bool:
        """Give away what somebody else holds."""
        where = _range(self._seen())
        self.asks.transfer(operation_id, [(where, A_HOME, self._buyer())])
        return True

    def transfer_beyond(self, operation_id: str) -> bool:
        """Give away a watt-hour more than there is."""
        seen = self._seen()
        where = (seen.certificate_id, seen.lo_wh, seen.quantity_wh + 1)
        self.asks.transfer(operation_id, [(where, seen.holder_no, self._buyer(seen.holder_no))])
        return True

    def transfer_twice(self, operation_id: str) -> bool:
        """Give the same watt-hours to two."""
        items = [(where, holder_no, self._buyer(holder_no)) for where, holder_no in self._active(1)]
        if items:
            self.asks.transfer(operation_id, [*items, *items])
        return bool(items)

    def transfer_of_final(self, operation_id: str) -> bool:
        """Give away what is used up."""
        seen = seen_final(self.chance)
        if seen is not None:
            self.asks.transfer(operation_id, [(_range(seen), seen.holder_no, self._buyer(seen.holder_no))])
        return seen is not None

    def claim_twice(self, operation_id: str) -> bool:
        """Use up what is used up."""
        seen = seen_final(self.chance)
        if seen is not None:
            self.asks.claim(operation_id, [_range(seen)], seen.holder_no, FIRST, LAST, TODAY)
        return seen is not None

    def claim_of_another(self, operation_id: str) -> bool:
        """Use up what somebody else holds."""
        self.asks.claim(operation_id, [_range(self._seen())], A_HOME, FIRST, LAST, TODAY)
        return True

    def claim_of_another_day(self, operation_id: str) -> bool:
        """Use up watt-hours of December for January."""
        seen = self._seen()
        self.asks.claim(operation_id, [_range(seen)], seen.holder_no, date(2021, 1, 1), TODAY, TODAY)
        return True

    def reserve_of_final(self, operation_id: str) -> bool:
        """Promise what is used up."""
        seen = seen_final(self.chance)
        if seen is not None:
            self.asks.reserve(operation_id, [(_range(seen), seen.holder_no)], self._buyer(), PROMISED_UNTIL, TODAY)
        return seen is not None

    def reserve_until_yesterday(self, operation_id: str) -> bool:
        """Promise for a time that is over."""
        items = self._active(1)
        if items:
            self.asks.reserve(operation_id, items, self._buyer(), FIRST, TODAY)
        return bool(items)

    def split_beyond(self, operation_id: str) -> bool:
        """Cut behind the end."""
        seen = self._seen()
        where = (seen.certificate_id, seen.quantity_wh - 1, seen.quantity_wh + 1)
        self.asks.split(operation_id, [(where, seen.holder_no)])
        return True

    def same_id_other_content(self, operation_id: str) -> bool:
        """Ask for something else under an id that was used."""
        if self.last is None:
            return False
        used_id, items = self.last
        where, giver, taker = items[0]
        self.asks.transfer(used_id, [(where, taker, giver)])
        return True

    def export_of_nothing(self, operation_id: str) -> bool:
        """Export what nobody holds."""
        self.asks.export(operation_id, "scheme", A_HOME, self.chance.choice(KINDS), Month.of(FIRST))
        return True

    def issue_again(self, operation_id: str) -> bool:
        """Issue a day's certificates once more."""
        store, (day,) = (
            self.installation.stores.certificates,
            self.chance.choice(fetch("SELECT delivery_date FROM day_run")),
        )
        certificates, segments = store.certificates_of_day(MARKET, day), store.segments_of_day(MARKET, day)
        slices = store.slices_of_day(MARKET, day)
        self.installation.run_step(
            MARKET, "attack", operation_id, lambda: store.add_issue(MARKET, day, 1, certificates, slices, segments)
        )
        return True

    def release_of_nothing(self, operation_id: str) -> bool:
        """Give a promise up that nobody made."""
        self.asks.release(operation_id, f"{operation_id} of nobody")
        return True

    # ---- what they are asked of

    def _seen(self) -> Seen:
        """See any slice."""
        return seen_slice(self.chance.choice(self.names), self.chance)

    def _active(self, n_most: int) -> list[tuple[Range, int]]:
        """See parts of active slices of different certificates, each with its holder."""
        found = []
        for name in self.chance.sample(self.names, n_most):
            seen = seen_slice(name, self.chance)
            if seen.state_no == ACTIVE:
                lo_wh = self.chance.randrange(seen.lo_wh, seen.hi_wh)
                hi_wh = self.chance.randint(lo_wh + 1, seen.hi_wh)
                found.append(((name, lo_wh, hi_wh), seen.holder_no))
        return found

    def _buyer(self, but_no: int = 0) -> int:
        """Choose a buyer."""
        return self.chance.choice([each for each in self.buyer_nos if each != but_no])


def _range(seen: Seen) -> Range:
    """Name all of a slice."""
    return seen.certificate_id, seen.lo_wh, seen.hi_wh
