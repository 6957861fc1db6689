"""Opens what is stored in a home, as one value that `start` wires.

Enters: a home folder whose database Django is set up for. Leaves: DjangoStores. Not here: use cases.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sanchi.app.stores import Stores
from sanchi.edge.store.alerts import DjangoAlertStore
from sanchi.edge.store.certificates import LakeCertificateStore
from sanchi.edge.store.days import LakeDayStore
from sanchi.edge.store.home import LAKE_FOLDER_NAME
from sanchi.edge.store.lake import Lake
from sanchi.edge.store.lake_index import all_paths
from sanchi.edge.store.ledger import DjangoLedgerStore
from sanchi.edge.store.locks import DjangoLocks
from sanchi.edge.store.market import DjangoMarketStore
from sanchi.edge.store.readings import LakeReadingStore
from sanchi.edge.store.registry import DjangoRegistryStore
from sanchi.edge.store.transactions import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DjangoStores:
    """The stores of one home, with its locks, its lake and its transactions."""

    stores: Stores
    locks: DjangoLocks
    lake: Lake

    def transaction(self) -> AbstractContextManager[None]:
        """Begin the transaction of a step; it is committed where the block ends and rolled back where it raises."""
        return transaction()

    def sweep_orphans(self) -> int:
        """Remove lake files that no row names, left by steps that ended in the middle; returns how many."""
        return self.lake.sweep_orphans(all_paths())


def open_stores(home: Path) -> DjangoStores:
    """Open the stores of a home."""
    lake = Lake(home / LAKE_FOLDER_NAME)
    stores = Stores(
        market=DjangoMarketStore(),
        readings=LakeReadingStore(lake),
        days=LakeDayStore(lake),
        certificates=LakeCertificateStore(lake),
        ledger=DjangoLedgerStore(),
        alerts=DjangoAlertStore(),
        registry=DjangoRegistryStore(),
    )
    return DjangoStores(stores=stores, locks=DjangoLocks(), lake=lake)
