"""Close a month: one statement a pair of payer and payee, whole yen once, what is left carried on.

Enter: the month's accruals and the pairs' remainders. Leave: statements and transfers. Not here: finalising.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sanchi.core.base.ids import MarketId, StatementNo, TransferId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.units import E5YEN_PER_YEN, cost_e5yen
from sanchi.core.ledger.account import Account, accrued_account, due_account, remainder_account
from sanchi.core.ledger.transfer import Transfer, TransferCode, signed_transfer
from sanchi.core.settlement.accruals import Accrual
from sanchi.core.settlement.posting import carry_over
from sanchi.core.settlement.rounding import tax_within_yen, whole_yen

Pair = tuple[int, int]  # payer_no, payee_no


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """What a pair has for one kind, certificate holder and price over the month; energy of either sign.

    corrected_month : where the line corrects days that were final before, their month; None = what the month traded.
    """

    line_no: int
    kind: CertificateKind
    holder_no: int
    price_sen_per_kwh: int
    energy_wh: int
    corrected_month: Month | None

    @property
    def amount_e5yen(self) -> int:
        """Price the energy exactly [1e-5 yen]."""
        return cost_e5yen(self.energy_wh, self.price_sen_per_kwh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The document of a month between a payer and a payee; amounts include tax_yen.

    opening remainder + accrued = amount_yen * 100000 + closing remainder [1e-5 yen].
    """

    statement_no: StatementNo
    payer_no: int
    payee_no: int
    month: Month
    tax_permille: int
    opening_remainder_e5yen: int
    accrued_e5yen: int
    amount_yen: int
    tax_yen: int
    closing_remainder_e5yen: int
    lines: tuple[StatementLine, ...]

    def __post_init__(self) -> None:
        """Refuse a document that does not add up."""
        total_e5yen = self.opening_remainder_e5yen + self.accrued_e5yen
        assert total_e5yen == self.amount_yen * E5YEN_PER_YEN + self.closing_remainder_e5yen, self.statement_no
        assert self.accrued_e5yen == sum(line.amount_e5yen for line in self.lines), self.statement_no
        assert 0 <= self.tax_yen <= self.amount_yen, self.statement_no


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthClose:
    """What closing a month writes; transfers in the order in which they have to be posted.

    carried_accruals : lines taken back and booked again for days that are not finalised.
    """

    statements: tuple[Statement, ...]
    carried_accruals: tuple[Accrual, ...]
    transfers: tuple[Transfer, ...]


def close_month(
    *,
    market_id: MarketId,
    month: Month,
    accruals: Sequence[Accrual],
    unfinalised_dates: Collection[date],
    corrected_dates: Collection[date],
    remainders_e5yen: Mapping[Pair, int],
    tax_permille: int,
) -> MonthClose:
    """Write the statements of a month.

    accruals : all posted in the month; unfinalised_dates : delivery dates whose accruals wait for the next
    month; corrected_dates : those that were final already before this month closes: their lines are named as
    corrections; remainders_e5yen : carried by (payer_no, payee_no), absent = 0 [1e-5 yen].
    A pair without accruals gets no statement; its remainder waits.
    """
    carried = carry_over(market_id=market_id, month=month, accruals=accruals, unfinalised_dates=unfinalised_dates)
    in_month = [each for each in (*accruals, *carried.accruals) if each.posting_month == month]
    statements = [
        _statement(
            statement_no=StatementNo(f"{market_id}/{month}/{number:06d}"),
            pair=pair,
            month=month,
            lines=lines,
            opening_remainder_e5yen=remainders_e5yen.get(pair, 0),
            tax_permille=tax_permille,
        )
        for number, (pair, lines) in enumerate(_lines_by_pair(in_month, corrected_dates).items(), start=1)
    ]
    closing = _closing_transfers(market_id, month, statements)
    return MonthClose(
        statements=tuple(statements),
        carried_accruals=carried.accruals,
        transfers=(*carried.transfers, *closing),
    )


def _lines_by_pair(
    accruals: Iterable[Accrual], corrected_dates: Collection[date]
) -> dict[Pair, tuple[StatementLine, ...]]:
    """Add homes and days up by kind, holder and price, corrections apart by month; 0 Wh are left out.

    What the month traded comes first, then corrections, the earliest month first.
    """
    totals: Counter[tuple[int, int, tuple[Month, ...], CertificateKind, int, int]] = Counter()
    for accrual in accruals:
        key = accrual.key
        corrected: tuple[Month, ...] = (
            (Month.of(accrual.delivery_date),) if accrual.delivery_date in corrected_dates else ()
        )
        line = (corrected, key.kind, key.holder_no, key.price_sen_per_kwh)
        totals[key.payer_no, key.payee_no, *line] += accrual.energy_wh
    lines: dict[Pair, list[StatementLine]] = defaultdict(list)
    for (payer_no, payee_no, corrected, kind, holder_no, price_sen_per_kwh), energy_wh in sorted(totals.items()):
        if energy_wh:
            of_pair = lines[payer_no, payee_no]
            of_pair.append(
                StatementLine(
                    line_no=len(of_pair) + 1,
                    kind=kind,
                    holder_no=holder_no,
                    price_sen_per_kwh=price_sen_per_kwh,
                    energy_wh=energy_wh,
                    corrected_month=next(iter(corrected), None),
                )
            )
    return {pair: tuple(of_pair) for pair, of_pair in lines.items()}


def _statement(
    *,
    statement_no: StatementNo,
    pair: Pair,
    month: Month,
    lines: tuple[StatementLine, ...],
    opening_remainder_e5yen: int,
    tax_permille: int,
) -> Statement:
    """Add a pair's lines up and round once."""
    accrued_e5yen = sum(line.amount_e5yen for line in lines)
    amount_yen, closing_remainder_e5yen = whole_yen(opening_remainder_e5yen + accrued_e5yen)
    payer_no, payee_no = pair
    return Statement(
        statement_no=statement_no,
        payer_no=payer_no,
        payee_no=payee_no,
        month=month,
        tax_permille=tax_permille,
        opening_remainder_e5yen=opening_remainder_e5yen,
        accrued_e5yen=accrued_e5yen,
        amount_yen=amount_yen,
        tax_yen=tax_within_yen(amount_yen, tax_permille),
        closing_remainder_e5yen=closing_remainder_e5yen,
        lines=lines,
    )


def _closing_transfers(market_id: MarketId, month: Month, statements: Iterable[Statement]) -> tuple[Transfer, ...]:
    """Empty the month's accounts into the remainders, and make whole yen due.

    Transfers are named market/month/close/number.
    """
    steps: list[tuple[Account, Account, int, TransferCode]] = []
    for statement in statements:
        pair = statement.payer_no, statement.payee_no
        accrued, remainder, due = accrued_account(*pair, month), remainder_account(*pair), due_account(*pair)
        steps.append((accrued, remainder, statement.accrued_e5yen, TransferCode.CLOSE))
        steps.append((remainder, due, statement.amount_yen * E5YEN_PER_YEN, TransferCode.DOCUMENT))
    moving = (step for step in steps if step[2])
    return tuple(
        signed_transfer(
            transfer_id=TransferId(f"{market_id}/{month}/close/{number:06d}"),
            debit_account=debit_account,
            credit_account=credit_account,
            amount_e5yen=amount_e5yen,
            code=code,
            posting_month=month,
            value_date=month.last_date,
        )
        for number, (debit_account, credit_account, amount_e5yen, code) in enumerate(moving, start=1)
    )
