"""Tables of certificates, the slices that tile them, claims, debts and their settlements.

Enter and leave: rows; energies in [Wh]. Not here: segments, which lie in the lake, and what must never change
(triggers).
"""

from django.db import models
from django.db.models.functions import NullIf

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.state import CertificateState
from sanchi.edge.store.constraints import CompositeForeignKey, party_key, run_key


def _reference_if(name: str, column: str, state: CertificateState) -> models.CheckConstraint:
    """Let a column be set in one state and in no other."""
    return models.CheckConstraint(
        name=name,
        condition=models.Q(("state_no", state), (f"{column}__isnull", False))
        | (~models.Q(state_no=state) & models.Q((f"{column}__isnull", True))),
    )


class Certificate(models.Model):
    """The origin of quantity_wh of one device, delivery date, kind and revision.

    zero_wh is always 0: it is there to refer to the slice that begins at 0, so that a certificate has slices.
    storage_no: 0 = from the roof, else the storage account that its watt-hours came out of.
    """

    certificate_id = models.TextField(primary_key=True)
    market = models.TextField()
    home_no = models.PositiveIntegerField()
    device_id = models.TextField()
    delivery_date = models.DateField()
    kind_no = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField()
    quantity_wh = models.BigIntegerField()
    zero_wh = models.BigIntegerField(default=0)
    measurement_grade = models.TextField()
    ct_class_permille = models.PositiveIntegerField()
    commissioning_date = models.DateField()
    fit_end = models.DateField()
    recovered_wh = models.PositiveBigIntegerField()
    segments_digest = models.TextField()
    storage_no = models.PositiveBigIntegerField(default=0)
    storage_ref_no = models.GeneratedField(
        expression=NullIf("storage_no", 0), output_field=models.BigIntegerField(), db_persist=True
    )

    class Meta:
        db_table = "certificate"
        indexes = [models.Index(name="certificate_day", fields=["market", "delivery_date"])]
        constraints = [
            models.UniqueConstraint(
                name="certificate_issued_once",
                fields=["market", "home_no", "delivery_date", "kind_no", "revision", "storage_no"],
            ),
            models.UniqueConstraint(name="certificate_quantity", fields=["certificate_id", "quantity_wh"]),
            models.CheckConstraint(
                name="certificate_of_something",
                condition=models.Q(quantity_wh__gt=0, recovered_wh__lte=models.F("quantity_wh")),
            ),
            models.CheckConstraint(name="certificate_zero", condition=models.Q(zero_wh=0)),
            models.CheckConstraint(name="certificate_kind", condition=models.Q(kind_no__in=list(CertificateKind))),
            models.CheckConstraint(
                name="certificate_after_commissioning",
                condition=models.Q(delivery_date__gte=models.F("commissioning_date")),
            ),
            models.CheckConstraint(
                name="certificate_surplus_after_fit",
                condition=~models.Q(kind_no=CertificateKind.SURPLUS) | models.Q(delivery_date__gte=models.F("fit_end")),
            ),
            CompositeForeignKey(
                name="certificate_first_slice_fk",
                columns=("certificate_id", "zero_wh"),
                table="slice",
                references=("certificate_id", "lo_wh"),
            ),
            CompositeForeignKey(
                name="certificate_storage_fk",
                columns=("market", "storage_ref_no"),
                table="storage_account",
                references=("market", "storage_no"),
            ),
            run_key("certificate"),
            party_key("certificate", "home_no"),
        ]


class Claim(models.Model):
    """Watt-hours used up by one beneficiary for one purpose; month is its first day.

    site: the place of use, "" = all of the beneficiary's; used_from, used_until: the use period, both days included;
    statement_no: the origin statement that shows the claim.
    """

    pk = models.CompositePrimaryKey("market", "claim_no")
    market = models.TextField()
    claim_no = models.PositiveBigIntegerField()
    beneficiary_no = models.PositiveIntegerField()
    month = models.DateField()
    purpose = models.TextField()
    energy_wh = models.BigIntegerField()
    site = models.TextField(default="")
    used_from = models.DateField(null=True)
    used_until = models.DateField(null=True)
    statement_no = models.TextField(null=True)  # noqa: DJ001 - null = shown on none, and "" would be one

    class Meta:
        db_table = "claim"
        constraints = [
            models.UniqueConstraint(name="claim_statement_once", fields=["market", "statement_no", "site", "purpose"]),
            models.CheckConstraint(name="claim_of_something", condition=models.Q(energy_wh__gt=0)),
            party_key("claim", "beneficiary_no"),
        ]


class Slice(models.Model):
    """The serials [lo_wh, hi_wh) of a certificate, in one hand and one state.

    Every end is the quantity or the beginning of another slice, and no two end together: so slices tile.
    """

    pk = models.CompositePrimaryKey("certificate_id", "lo_wh")
    market = models.TextField()
    certificate_id = models.TextField()
    lo_wh = models.BigIntegerField()
    hi_wh = models.BigIntegerField()
    quantity_wh = models.BigIntegerField()
    next_lo_wh = models.GeneratedField(
        expression=NullIf("hi_wh", "quantity_wh"), output_field=models.BigIntegerField(), db_persist=True
    )
    holder_no = models.PositiveIntegerField()
    state_no = models.PositiveSmallIntegerField()
    claim_no = models.PositiveBigIntegerField(null=True)
    reservation_no = models.PositiveBigIntegerField(null=True)
    export_lot_no = models.PositiveBigIntegerField(null=True)
    storage_no = models.PositiveBigIntegerField(null=True)

    class Meta:
        db_table = "slice"
        constraints = [
            models.UniqueConstraint(name="slice_one_end", fields=["certificate_id", "hi_wh"]),
            models.CheckConstraint(
                name="slice_range",
                condition=models.Q(lo_wh__gte=0, hi_wh__gt=models.F("lo_wh"), quantity_wh__gte=models.F("hi_wh")),
            ),
            models.CheckConstraint(name="slice_state", condition=models.Q(state_no__in=list(CertificateState))),
            _reference_if("slice_claimed_if_retired", "claim_no", CertificateState.RETIRED),
            _reference_if("slice_promised_if_reserved", "reservation_no", CertificateState.RESERVED),
            _reference_if("slice_in_lot_if_exported", "export_lot_no", CertificateState.IN_EXPORT_LOT),
            _reference_if("slice_stored_if_charged", "storage_no", CertificateState.CHARGED),
            *(
                CompositeForeignKey(
                    name=f"slice_{column}_fk",
                    columns=("market", column),
                    table=table,
                    references=("market", referred),
                )
                for column, table, referred in (
                    ("reservation_no", "reservation", "reservation_no"),
                    ("export_lot_no", "export_lot", "lot_no"),
                    ("storage_no", "storage_account", "storage_no"),
                )
            ),
            CompositeForeignKey(
                name="slice_certificate_fk",
                columns=("certificate_id", "quantity_wh"),
                table="certificate",
                references=("certificate_id", "quantity_wh"),
            ),
            CompositeForeignKey(
                name="slice_next_slice_fk",
                columns=("certificate_id", "next_lo_wh"),
                table="slice",
                references=("certificate_id", "lo_wh"),
            ),
            CompositeForeignKey(
                name="slice_claim_fk",
                columns=("market", "claim_no"),
                table="claim",
                references=("market", "claim_no"),
            ),
            party_key("slice", "holder_no"),
        ]


class Debt(models.Model):
    """Certified watt-hours that a correction took away when they were final already."""

    pk = models.CompositePrimaryKey("market", "debt_no")
    market = models.TextField()
    debt_no = models.PositiveBigIntegerField()
    home_no = models.PositiveIntegerField()
    kind_no = models.PositiveSmallIntegerField()
    delivery_date = models.DateField()
    slot_no = models.PositiveSmallIntegerField()
    holder_no = models.PositiveIntegerField()
    debt_wh = models.BigIntegerField()
    home_price_sen_per_kwh = models.PositiveBigIntegerField()
    buyer_price_sen_per_kwh = models.PositiveBigIntegerField()
    revision = models.PositiveIntegerField()

    class Meta:
        db_table = "debt"
        constraints = [
            models.CheckConstraint(name="debt_of_something", condition=models.Q(debt_wh__gt=0)),
            run_key("debt"),
            party_key("debt", "home_no"),
            party_key("debt", "holder_no"),
        ]


class DebtSettlement(models.Model):
    """Watt-hours withheld for a debt on a market-day; they count while that revision is in force."""

    pk = models.CompositePrimaryKey("market", "debt_no", "delivery_date", "revision", "slot_no")
    market = models.TextField()
    debt_no = models.PositiveBigIntegerField()
    delivery_date = models.DateField()
    revision = models.PositiveIntegerField()
    slot_no = models.PositiveSmallIntegerField()
    settled_wh = models.BigIntegerField()

    class Meta:
        db_table = "debt_settlement"
        indexes = [models.Index(name="debt_settlement_day", fields=["market", "delivery_date", "revision"])]
        constraints = [
            models.CheckConstraint(name="debt_settlement_of_something", condition=models.Q(settled_wh__gt=0)),
            CompositeForeignKey(
                name="debt_settlement_debt_fk",
                columns=("market", "debt_no"),
                table="debt",
                references=("market", "debt_no"),
            ),
            run_key("debt_settlement"),
        ]
