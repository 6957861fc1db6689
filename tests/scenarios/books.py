"""Tells what stands in the books in the words of a settlement clerk: names for numbers, times for slots, yen.

Enters: an open home. Leaves: tables of texts, as a story's folder `then` holds them. Not here: comparing.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sanchi.app.stores import Installation
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.units import E5YEN_PER_YEN
from sanchi.core.certificates.state import CertificateState
from sanchi.edge.store.sql import fetch

Table = list[tuple[str, ...]]


def read_books(installation: Installation) -> dict[str, tuple[tuple[str, ...], Table]]:
    """Give each table of the only market as columns and rows."""
    (market_id,) = installation.stores.market.market_ids()
    clerk = _Clerk(installation, market_id)
    tables: dict[str, Callable[[], Table]] = {
        "days": clerk.days,
        "allocations": clerk.allocations,
        "certificates": clerk.certificates,
        "slices": clerk.slices,
        "debts": clerk.debts,
        "journal": clerk.journal,
        "statements": clerk.statements,
        "problems": clerk.problems,
    }
    return {name: (COLUMNS[name], sorted(table())) for name, table in tables.items()}


COLUMNS: dict[str, tuple[str, ...]] = {
    "days": ("delivery_date", "revision", "finalised", "used_rows", "superseded_rows", "set_aside_rows"),
    "allocations": (
        "delivery_date", "slot", "kind", "home", "choice_no", "holder", "energy_wh", "home_price_yen_per_kwh",
        "buyer_price_yen_per_kwh",
    ),
    "certificates": ("certificate", "quantity_wh", "recovered_wh"),
    "slices": ("certificate", "from_wh", "to_wh", "holder", "state"),
    "debts": ("delivery_date", "slot", "kind", "home", "holder", "debt_wh", "paid_off_wh"),
    "journal": (
        "booked_by", "posting_month", "debit", "credit", "amount_yen", "home", "holder", "kind", "energy_wh",
        "price_yen_per_kwh",
    ),
    "statements": (
        "month", "payer", "payee", "opening_remainder_yen", "accrued_yen", "amount_yen", "tax_yen",
        "closing_remainder_yen",
    ),
    "problems": ("found_by", "party", "code", "severity", "where", "detail"),
}  # fmt: skip


class _Clerk:
    """Reads the books of one market."""

    def __init__(self, installation: Installation, market_id: MarketId) -> None:
        self.stores = installation.stores
        self.market_id = market_id
        self.names = {party.party_no: party.party_id for party in self.stores.market.book(market_id).parties}

    def _dates(self) -> list[date]:
        days = self.stores.days.market_days(self.market_id, date(2000, 1, 1), date(2100, 1, 1))
        return [day.delivery_date for day in days]

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return fetch(sql, [self.market_id])

    def days(self) -> Table:
        rows = self._rows(
            "SELECT delivery_date, revision, is_finalised, used_row_count, superseded_row_count, set_aside_row_count "
            "FROM market_day JOIN day_run USING (market, delivery_date) "
            "WHERE market = %s AND revision = revision_in_force"
        )
        return [(str(day), str(no), "yes" if final else "no", *map(str, counts)) for day, no, final, *counts in rows]

    def allocations(self) -> Table:
        found: Table = []
        for delivery_date in self._dates():
            outcome = self.stores.days.outcome(self.market_id, delivery_date)
            assert outcome is not None
            rows = outcome.allocated
            found += [
                (
                    str(delivery_date),
                    slot_text(int(rows.slot_no[n])),
                    CertificateKind(int(rows.kind_no[n])).text,
                    self.names[int(rows.home_no[n])],
                    str(rows.choice_no[n]),
                    self.names[int(rows.holder_no[n])],
                    str(rows.energy_wh[n]),
                    price_text(int(rows.home_price_sen_per_kwh[n])),
                    price_text(int(rows.buyer_price_sen_per_kwh[n])),
                )
                for n in range(rows.row_count)
            ]
        return found

    def certificates(self) -> Table:
        rows = self._rows("SELECT certificate_id, quantity_wh, recovered_wh FROM certificate WHERE market = %s")
        return [(self._short(name), str(quantity_wh), str(recovered_wh)) for name, quantity_wh, recovered_wh in rows]

    def slices(self) -> Table:
        rows = self._rows("SELECT certificate_id, lo_wh, hi_wh, holder_no, state_no FROM slice WHERE market = %s")
        return [
            (self._short(name), str(lo_wh), str(hi_wh), self.names[holder], CertificateState(state).text)
            for name, lo_wh, hi_wh, holder, state in rows
        ]

    def debts(self) -> Table:
        rows = self._rows(
            "SELECT delivery_date, slot_no, kind_no, home_no, holder_no, debt_wh, (SELECT coalesce(sum(settled_wh), 0) "
            "FROM debt_settlement AS paid JOIN market_day AS day ON day.market = paid.market "
            "AND day.delivery_date = paid.delivery_date AND day.revision_in_force = paid.revision "
            "WHERE paid.market = debt.market AND paid.debt_no = debt.debt_no) FROM debt WHERE market = %s"
        )
        return [
            (
                str(day),
                slot_text(slot_no),
                CertificateKind(kind).text,
                self.names[home],
                self.names[holder],
                str(debt_wh),
                str(paid_wh),
            )
            for day, slot_no, kind, home, holder, debt_wh, paid_wh in rows
        ]

    def journal(self) -> Table:
        rows = self._rows(
            "SELECT transfer.transfer_id, transfer.posting_month, debit_account, credit_account, "
            "transfer.amount_e5yen, home_no, holder_no, kind_no, energy_wh, price_sen_per_kwh "
            "FROM transfer LEFT JOIN accrual USING (transfer_id) WHERE transfer.market = %s"
        )
        return [
            (
                self._short(entry).rpartition("/")[0],
                f"{month:%Y-%m}",
                self._account(debit),
                self._account(credit),
                yen_text(amount_e5yen),
                *self._accrued(*accrual),
            )
            for entry, month, debit, credit, amount_e5yen, *accrual in rows
        ]

    def _accrued(self, home: int | None, holder: int, kind: int, energy_wh: int, price: int) -> tuple[str, ...]:
        """Say what an entry is paid for; nothing for the entries of a month's close."""
        if home is None:
            return ("",) * 5
        return self.names[home], self.names[holder], CertificateKind(kind).text, str(energy_wh), price_text(price)

    def statements(self) -> Table:
        rows = self._rows(
            "SELECT month, payer_no, payee_no, opening_remainder_e5yen, accrued_e5yen, amount_yen, tax_yen, "
            "closing_remainder_e5yen FROM statement WHERE market = %s"
        )
        return [
            (
                f"{month:%Y-%m}",
                self.names[payer],
                self.names[payee],
                yen_text(opening_e5yen),
                yen_text(accrued_e5yen),
                str(amount_yen),
                str(tax_yen),
                yen_text(closing_e5yen),
            )
            for month, payer, payee, opening_e5yen, accrued_e5yen, amount_yen, tax_yen, closing_e5yen in rows
        ]

    def problems(self) -> Table:
        rows = self._rows(
            "SELECT step, file_name, delivery_date, revision, party_no, code, severity, where_text, detail "
            "FROM problem LEFT JOIN delivery USING (market, delivery_no) WHERE market = %s"
        )
        return [
            (
                f"{step} {file_name or f'{day} r{revision}'}",
                "" if party is None else self.names[party],
                code,
                severity,
                where,
                detail,
            )
            for step, file_name, day, revision, party, code, severity, where, detail in rows
        ]

    def _short(self, name: str) -> str:
        """Leave the market out of a name that begins with it."""
        return name.removeprefix(f"{self.market_id}/")

    def _account(self, account_id: str) -> str:
        """Write an account with the names of its parties."""
        code, *parts = account_id.split(":")
        return ":".join([code, *(self.names.get(int(part), part) if part.isdigit() else part for part in parts)])


def slot_text(slot_no: int) -> str:
    """Write a slot as the times between which it lies."""
    return f"{_time_text(slot_no - 1)}-{_time_text(slot_no)}"


def _time_text(n_half_hours: int) -> str:
    """Write the time so many half hours after midnight; the day ends at 24:00."""
    hours, half_hours = divmod(timedelta(minutes=30) * n_half_hours, timedelta(hours=1))
    return f"{hours:02}:{half_hours.seconds // 60:02}"


def price_text(price_sen_per_kwh: int) -> str:
    """Write a price in yen with its sen."""
    return f"{price_sen_per_kwh // 100}.{price_sen_per_kwh % 100:02}"


def yen_text(amount_e5yen: int) -> str:
    """Write an amount in yen with all its five decimals."""
    whole, e5yen = divmod(abs(amount_e5yen), E5YEN_PER_YEN)
    return f"{'-' if amount_e5yen < 0 else ''}{whole}.{e5yen:05}"
