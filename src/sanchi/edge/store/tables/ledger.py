"""Tables of the ledger and of what is documented from it: accounts, transfers, accruals, periods, statements.

Enter and leave: rows; money in [1e-5 yen] or whole yen. Not here: what must never change (triggers).
"""

from django.db import models
from django.db.models import F, Q

from sanchi.core.base.units import E5YEN_PER_YEN
from sanchi.edge.store.constraints import CompositeForeignKey, market_key, party_key, run_key


def _account_key(column: str) -> CompositeForeignKey:
    """Make the key from a transfer to an account of its own market and currency: no transfer crosses either."""
    return CompositeForeignKey(
        name=f"transfer_{column}_fk",
        columns=("market", column, "currency"),
        table="account",
        references=("market", "account_id", "currency"),
    )


class Account(models.Model):
    """One account of the book; its balance is credits minus debits and never below its floor."""

    pk = models.CompositePrimaryKey("market", "account_id")
    market = models.TextField()
    account_id = models.TextField()
    currency = models.TextField()
    code = models.TextField()
    payer_no = models.PositiveIntegerField(null=True)
    payee_no = models.PositiveIntegerField(null=True)
    month = models.DateField(null=True)
    debits_posted = models.PositiveBigIntegerField(default=0)
    credits_posted = models.PositiveBigIntegerField(default=0)
    floor_e5yen = models.BigIntegerField(null=True)

    class Meta:
        db_table = "account"
        constraints = [
            models.UniqueConstraint(name="account_currency", fields=["market", "account_id", "currency"]),
            models.CheckConstraint(
                name="account_floor",
                condition=Q(floor_e5yen__isnull=True) | Q(credits_posted__gte=F("debits_posted") + F("floor_e5yen")),
            ),
            market_key("account"),
        ]


class Transfer(models.Model):
    """The entry: one amount from one account to another; posting_month is its first day."""

    transfer_id = models.TextField(primary_key=True)
    market = models.TextField()
    debit_account = models.TextField()
    credit_account = models.TextField()
    currency = models.TextField()
    amount_e5yen = models.BigIntegerField()
    code = models.TextField()
    posting_month = models.DateField()
    value_date = models.DateField()
    sequence_no = models.PositiveBigIntegerField()  # the order of posting within the market

    class Meta:
        db_table = "transfer"
        constraints = [
            models.UniqueConstraint(name="transfer_sequence", fields=["market", "sequence_no"]),
            models.CheckConstraint(name="transfer_of_something", condition=Q(amount_e5yen__gt=0)),
            models.CheckConstraint(name="transfer_two_accounts", condition=~Q(debit_account=F("credit_account"))),
            _account_key("debit_account"),
            _account_key("credit_account"),
        ]


class Accrual(models.Model):
    """What a market-day added to what a payer owes a payee, or took off it, with the transfer that books it."""

    pk = models.CompositePrimaryKey("market", "delivery_date", "revision", "line_no")
    market = models.TextField()
    delivery_date = models.DateField()
    revision = models.PositiveIntegerField()
    line_no = models.PositiveIntegerField()
    posting_month = models.DateField()
    payer_no = models.PositiveIntegerField()
    payee_no = models.PositiveIntegerField()
    home_no = models.PositiveIntegerField()
    holder_no = models.PositiveIntegerField()
    kind_no = models.PositiveSmallIntegerField()
    energy_wh = models.BigIntegerField()
    price_sen_per_kwh = models.PositiveBigIntegerField()
    amount_e5yen = models.BigIntegerField()
    transfer_id = models.TextField()

    class Meta:
        db_table = "accrual"
        indexes = [models.Index(name="accrual_month", fields=["market", "posting_month"])]
        constraints = [
            models.CheckConstraint(
                name="accrual_priced", condition=Q(amount_e5yen=F("energy_wh") * F("price_sen_per_kwh"))
            ),
            models.CheckConstraint(name="accrual_of_something", condition=~Q(amount_e5yen=0)),
            CompositeForeignKey(
                name="accrual_transfer_fk",
                columns=("transfer_id",),
                table="transfer",
                references=("transfer_id",),
            ),
            run_key("accrual"),
            party_key("accrual", "payer_no"),
            party_key("accrual", "payee_no"),
            party_key("accrual", "home_no"),
            party_key("accrual", "holder_no"),
        ]


class Period(models.Model):
    """A month of the books, written when it is closed; month is its first day."""

    pk = models.CompositePrimaryKey("market", "month")
    market = models.TextField()
    month = models.DateField()
    is_closed = models.BooleanField()
    closed_on = models.DateField(null=True)

    class Meta:
        db_table = "period"
        constraints = [market_key("period")]


class Statement(models.Model):
    """The document of a month between a payer and a payee; month is its first day."""

    statement_no = models.TextField(primary_key=True)
    market = models.TextField()
    payer_no = models.PositiveIntegerField()
    payee_no = models.PositiveIntegerField()
    month = models.DateField()
    tax_permille = models.PositiveIntegerField()
    opening_remainder_e5yen = models.BigIntegerField()
    accrued_e5yen = models.BigIntegerField()
    amount_yen = models.PositiveBigIntegerField()
    tax_yen = models.PositiveBigIntegerField()
    closing_remainder_e5yen = models.BigIntegerField()

    class Meta:
        db_table = "statement"
        constraints = [
            models.UniqueConstraint(name="statement_pair_once", fields=["market", "payer_no", "payee_no", "month"]),
            models.CheckConstraint(
                name="statement_adds_up",
                condition=Q(
                    closing_remainder_e5yen=F("opening_remainder_e5yen")
                    + F("accrued_e5yen")
                    - F("amount_yen") * E5YEN_PER_YEN
                ),
            ),
            party_key("statement", "payer_no"),
            party_key("statement", "payee_no"),
        ]


class StatementLine(models.Model):
    """One line of a statement: the energy of a kind and holder at a price.

    corrected_month is the first day of an earlier month whose final days the line corrects, else null.
    """

    pk = models.CompositePrimaryKey("statement_no", "line_no")
    market = models.TextField()
    statement_no = models.TextField()
    line_no = models.PositiveIntegerField()
    kind_no = models.PositiveSmallIntegerField()
    holder_no = models.PositiveIntegerField()
    price_sen_per_kwh = models.PositiveBigIntegerField()
    energy_wh = models.BigIntegerField()
    amount_e5yen = models.BigIntegerField()
    corrected_month = models.DateField(null=True)

    class Meta:
        db_table = "statement_line"
        constraints = [
            models.CheckConstraint(
                name="statement_line_priced", condition=Q(amount_e5yen=F("energy_wh") * F("price_sen_per_kwh"))
            ),
            CompositeForeignKey(
                name="statement_line_statement_fk",
                columns=("statement_no",),
                table="statement",
                references=("statement_no",),
            ),
            party_key("statement_line", "holder_no"),
        ]
