"""The identifiers of the platform, one type each, so that a checker tells a home from a buyer.

All are text chosen by the market's own files, unique within their market. Not here: how ids are made.
"""

from typing import NewType

MarketId = NewType("MarketId", str)
PartyId = NewType("PartyId", str)  # a home, a buyer, a retailer: whoever can hold certificates or owe money
MeterId = NewType("MeterId", str)
CertificateId = NewType("CertificateId", str)  # market/device/date/kind/revision
TransferId = NewType("TransferId", str)  # market/date/step/sequence: also the idempotency key
AccountId = NewType("AccountId", str)
StatementNo = NewType("StatementNo", str)
