"""Tells what stands in the books in the words of a settlement clerk: names for numbers, times for slots, yen.

Enters: an open home. Leaves: tables of texts, as a story's folder `then` holds them. Not here: comparing.
"""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sanchi.app.stores import Installation
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.units import E5YEN_PER_YEN
from sanchi.edge.store.sql import fetch

Table = list[tuple[str, ...]]


def read_books(installation: Installation, folder: Path) -> dict[str, tuple[tuple[str, ...], Table]]:
    """Give each table of the only market as columns and rows; folder : where exports are written."""
    (market_id,) = installation.stores.market.market_ids()
    clerk = _Clerk(installation, market_id, folder)
    tables: dict[str, Callable[[], Table]] = {
        "days": clerk.days,
        "allocations": clerk.allocations,
        "passed_on": clerk.passed_on,
        "certificates": clerk.certificates,
        "slices": clerk.slices,
        "debts": clerk.debts,
        "journal": clerk.journal,
        "statements": clerk.statements,
        "problems": clerk.problems,
        "topped_up": clerk.topped_up,
        "batteries": clerk.batteries,
    }
    return {name: (COLUMNS[name], sorted(table())) for name, table in tables.items()}


COLUMNS: dict[str, tuple[str, ...]] = {
    "days": ("delivery_date", "revision", "finalised", "used_rows", "superseded_rows", "set_aside_rows"),
    "allocations": (
        "delivery_date", "slot", "kind", "home", "choice_no", "holder", "energy_wh", "home_price_yen_per_kwh",
        "buyer_price_yen_per_kwh",
    ),
    "passed_on": ("delivery_date", "slot", "kind", "home", "owner", "tenant", "energy_wh"),
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
    "topped_up": ("month", "buyer", "lot", "from_wh", "to_wh", "purpose"),
    "batteries": (
        "first_date", "last_date", "home", "carried_in_wh", "charged_wh", "came_out_wh", "lost_wh", "carried_out_wh",
    ),
}  # fmt: skip


class _Clerk:
    """Reads the books of one market."""

    def __init__(self, installation: Installation, market_id: MarketId, folder: Path) -> None:
        self.market_id = market_id
        self.exported = {
            table: _exported(installation, market_id, table, folder)
            for table in ("allocations", "passed-on", "certificates", "journal")
        }
        self.names = {party.party_no: party.party_id for party in installation.stores.market.book(market_id).parties}

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read what is not exported from the database."""
        return fetch(sql, [self.market_id])

    def days(self) -> Table:
        rows = self._rows(
            "SELECT delivery_date, revision, is_finalised, used_row_count, superseded_row_count, set_aside_row_count "
            "FROM market_day JOIN day_run USING (market, delivery_date) "
            "WHERE market = %s AND revision = revision_in_force"
        )
        return [(str(day), str(no), "yes" if final else "no", *map(str, counts)) for day, no, final, *counts in rows]

    def allocations(self) -> Table:
        return [
            (
                row["delivery_date"],
                slot_text(int(row["slot_no"])),
                row["kind"],
                row["home_id"],
                row["choice_no"],
                row["holder_id"],
                row["energy_wh"],
                price_text(int(row["home_price_sen_per_kwh"])),
                price_text(int(row["buyer_price_sen_per_kwh"])),
            )
            for row in self.exported["allocations"]
        ]

    def passed_on(self) -> Table:
        return [
            (
                row["delivery_date"],
                slot_text(int(row["slot_no"])),
                row["kind"],
                row["home_id"],
                row["owner_id"],
                row["tenant_id"],
                row["energy_wh"],
            )
            for row in self.exported["passed-on"]
        ]

    def certificates(self) -> Table:
        found = {
            (self._short(row["certificate_id"]), row["quantity_wh"], row["recovered_wh"])
            for row in self.exported["certificates"]
        }
        return list(found)

    def slices(self) -> Table:
        return [
            (self._short(row["certificate_id"]), row["lo_wh"], row["hi_wh"], row["holder_id"], row["state"])
            for row in self.exported["certificates"]
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
        return [
            (
                self._short(row["transfer_id"]).rpartition("/")[0],
                row["posting_month"],
                row["debit_account"],
                row["credit_account"],
                yen_text(int(row["amount_e5yen"])),
                row["home_id"],
                row["holder_id"],
                row["kind"],
                row["energy_wh"],
                price_text(int(row["price_sen_per_kwh"])) if row["price_sen_per_kwh"] else "",
            )
            for row in self.exported["journal"]
        ]

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
                f"{step} {file_name or (f'{day} r{revision}' if day else '')}".rstrip(),
                "" if party is None else self.names[party],
                code,
                severity,
                where,
                detail,
            )
            for step, file_name, day, revision, party, code, severity, where, detail in rows
        ]

    def topped_up(self) -> Table:
        rows = self._rows(
            "SELECT month, beneficiary_no, lot_id, lo_wh, hi_wh, purpose "
            "FROM outside_use JOIN outside_lot USING (market, lot_no) WHERE market = %s"
        )
        return [
            (f"{month:%Y-%m}", self.names[buyer], lot_id, str(lo_wh), str(hi_wh), purpose)
            for month, buyer, lot_id, lo_wh, hi_wh, purpose in rows
        ]

    def batteries(self) -> Table:
        rows = self._rows(
            "SELECT home_no, first_date, last_date, carry_in_wh, charged_wh, discharged_wh, loss_wh, carry_out_wh "
            "FROM storage_account WHERE market = %s"
        )
        return [
            (str(first_date), str(last_date), self.names[home], *map(str, energies_wh))
            for home, first_date, last_date, *energies_wh in rows
        ]

    def _short(self, name: str) -> str:
        """Leave the market out of a name that begins with it."""
        return name.removeprefix(f"{self.market_id}/")


def _exported(installation: Installation, market_id: MarketId, table: str, folder: Path) -> list[dict[str, str]]:
    """Read what `sanchi export` gives out of all dates."""
    path = folder / f"{table}.csv"
    installation.exporter.write(market_id, table, date(2000, 1, 1), date(2100, 1, 1), "csv", path)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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
