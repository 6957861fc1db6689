"""All tables in one place, where Django looks for them.

Enters: nothing. Leaves: models. Not here: their definitions (see tables/).
"""

from sanchi.edge.store.tables.alert import ConnectionAlert, ConnectionTelling
from sanchi.edge.store.tables.certificates import Certificate, Claim, Debt, DebtSettlement, Slice
from sanchi.edge.store.tables.day import DayRun, HomeDay, MarketDay
from sanchi.edge.store.tables.delivery import (
    DecodedDelivery,
    Delivery,
    LakeFile,
    MonthSpread,
    MonthValue,
    Problem,
    RereadAsk,
    SlotDecision,
)
from sanchi.edge.store.tables.ledger import Account, Accrual, Period, Statement, StatementLine, Transfer
from sanchi.edge.store.tables.market import Choice, Market, Meter, Offer, Party, PassingOn, Perk, Plant, Preference
from sanchi.edge.store.tables.people import User
from sanchi.edge.store.tables.registry import (
    Checkpoint,
    ExportLot,
    OutsideClaim,
    OutsideLot,
    OutsideUse,
    RegistryOperation,
    Reservation,
    SliceEvent,
    StorageAccount,
    WitnessSignature,
)
from sanchi.edge.store.tables.work import StepLock

__all__ = [
    "Account",
    "Accrual",
    "Certificate",
    "Checkpoint",
    "Choice",
    "Claim",
    "ConnectionAlert",
    "ConnectionTelling",
    "DayRun",
    "Debt",
    "DebtSettlement",
    "DecodedDelivery",
    "Delivery",
    "ExportLot",
    "HomeDay",
    "LakeFile",
    "Market",
    "MarketDay",
    "Meter",
    "MonthSpread",
    "MonthValue",
    "Offer",
    "OutsideClaim",
    "OutsideLot",
    "OutsideUse",
    "Party",
    "PassingOn",
    "Period",
    "Perk",
    "Plant",
    "Preference",
    "Problem",
    "RegistryOperation",
    "RereadAsk",
    "Reservation",
    "Slice",
    "SliceEvent",
    "SlotDecision",
    "Statement",
    "StatementLine",
    "StepLock",
    "StorageAccount",
    "Transfer",
    "User",
    "WitnessSignature",
]
