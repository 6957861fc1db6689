"""Keeps what is known of the connections of markets, so that no page waits for the search.

Enter: how to look at a market, and a mark of what is there. Leaves: the last ConnectionWatch. Not here: the search.
"""

from collections.abc import Callable, Hashable
from datetime import datetime, time, timedelta
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from sanchi.app.views.connections import ConnectionWatch
from sanchi.core.base.errors import SanchiError
from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import JST

# A state is told anew after so long even if nothing was delivered: silence is news too.
LOOK_AGAIN_S: Final = 10 * 60
# The search holds all readings of its days in memory; older faults stand in the findings of their days.
WATCH_DAYS_MAX: Final = 120


class KeptWatches:
    """Gives what was found last, at once; where something is new it looks again meanwhile, once a market at a time."""

    def __init__(
        self, look: Callable[[MarketId], ConnectionWatch | None], mark: Callable[[MarketId], Hashable]
    ) -> None:
        """Know nothing yet."""
        self._look = look
        self._mark = mark
        self._kept: dict[MarketId, tuple[Hashable, ConnectionWatch | None]] = {}
        self._at_work: dict[MarketId, Thread] = {}
        self._lock = Lock()

    def __call__(self, market_id: MarketId) -> ConnectionWatch | None:
        """Give what is known of a market's connections; None before the first look has ended."""
        mark = self._mark(market_id)
        with self._lock:
            found = self._kept.get(market_id)
            if (found is None or found[0] != mark) and market_id not in self._at_work:
                thread = Thread(target=self._look_again, args=(market_id, mark), daemon=True)
                self._at_work[market_id] = thread
                thread.start()
        return None if found is None else found[1]

    def wait(self) -> None:
        """Wait until every look that has begun has ended."""
        for thread in list(self._at_work.values()):
            thread.join()

    def _look_again(self, market_id: MarketId, mark: Hashable) -> None:
        """Look, and keep what was found; of a market that cannot be watched nothing is known until it changes."""
        try:
            try:
                watch = self._look(market_id)
            except SanchiError:
                watch = None
            with self._lock:
                self._kept[market_id] = mark, watch
        finally:
            with self._lock:
                self._at_work.pop(market_id, None)


def stored_watches(home: Path) -> KeptWatches:
    """Watch the markets of an installation: their last days until now, or until they ended."""
    from django.db import connection

    from sanchi.app.watch_connections import watch_connections
    from sanchi.edge.store.opening import open_stores
    from sanchi.edge.store.sql import fetch_number

    stores = open_stores(home).stores

    def look(market_id: MarketId) -> ConnectionWatch | None:
        try:
            terms = stores.market.book(market_id).terms
            now = datetime.now(JST)
            last_date = min(terms.last_delivery_date, now.date())
            first_date = max(terms.first_delivery_date, last_date - timedelta(days=WATCH_DAYS_MAX - 1))
            if last_date < first_date:
                return None
            end = datetime.combine(last_date + timedelta(days=1), time(), JST)
            return watch_connections(stores, market_id, first_date, last_date, min(now, end))
        finally:
            # The thread's own connection to the database ends with it.
            connection.close()

    def mark(market_id: MarketId) -> Hashable:
        newest = fetch_number("SELECT max(delivery_no) FROM delivery WHERE market = %s", [market_id])
        return newest, int(datetime.now(JST).timestamp()) // LOOK_AGAIN_S

    return KeptWatches(look, mark)
