"""Tables of what is done with certificates beside issuing them: operations, promises, exports, storage, the log.

Enter and leave: rows; energies in [Wh]. Not here: certificates and slices (certificates), what must never change
(triggers). A remainder is carried by a key to the row that left it, so it can be carried once and as it was.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import NullIf

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.state import CertificateState
from sanchi.edge.store.constraints import CompositeForeignKey, market_key, party_key


class RegistryOperation(models.Model):
    """Something done with slices, all of it or nothing; operation_id makes it happen once.

    body_digest: of what was asked, so that the same id with another content is refused; changes_digest: of its
    events.
    """

    pk = models.CompositePrimaryKey("market", "operation_no")
    market = models.TextField()
    operation_no = models.PositiveBigIntegerField()
    operation_id = models.TextField()
    operation = models.TextField()
    actor = models.TextField()
    reason = models.TextField()
    body_digest = models.TextField()
    changes_digest = models.TextField()
    event_count = models.PositiveBigIntegerField()
    energy_wh = models.BigIntegerField()

    class Meta:
        db_table = "registry_operation"
        constraints = [
            models.UniqueConstraint(name="registry_operation_once", fields=["market", "operation_id"]),
            market_key("registry_operation"),
        ]


class SliceEvent(models.Model):
    """What an operation did to the serials [lo_wh, hi_wh): who held them and in which state, before and after.

    reference_no: the claim, reservation, export lot or storage account of the state after.
    """

    pk = models.CompositePrimaryKey("market", "operation_no", "event_no")
    market = models.TextField()
    operation_no = models.PositiveBigIntegerField()
    event_no = models.PositiveBigIntegerField()
    certificate_id = models.TextField()
    lo_wh = models.BigIntegerField()
    hi_wh = models.BigIntegerField()
    from_state_no = models.PositiveSmallIntegerField()
    to_state_no = models.PositiveSmallIntegerField()
    from_holder_no = models.PositiveIntegerField()
    to_holder_no = models.PositiveIntegerField()
    reference_no = models.PositiveBigIntegerField(null=True)

    class Meta:
        db_table = "slice_event"
        indexes = [models.Index(name="slice_event_certificate", fields=["certificate_id"])]
        constraints = [
            models.CheckConstraint(name="slice_event_range", condition=Q(lo_wh__gte=0, hi_wh__gt=F("lo_wh"))),
            models.CheckConstraint(
                name="slice_event_states",
                condition=Q(from_state_no__in=[CertificateState.ACTIVE, CertificateState.RESERVED])
                & Q(to_state_no__in=list(CertificateState)),
            ),
            CompositeForeignKey(
                name="slice_event_operation_fk",
                columns=("market", "operation_no"),
                table="registry_operation",
                references=("market", "operation_no"),
            ),
            CompositeForeignKey(
                name="slice_event_certificate_fk",
                columns=("certificate_id",),
                table="certificate",
                references=("certificate_id",),
            ),
        ]


class OutsideClaim(models.Model):
    """A roof's watt-hours of a kind whose value is somebody else's, from first_date until before until_date.

    scheme: FIT, J_CREDIT, GREEN_CERT, PPA or CLUB; until_date: null = open end.
    """

    pk = models.CompositePrimaryKey("market", "claim_id")
    market = models.TextField()
    claim_id = models.TextField()
    home_no = models.PositiveIntegerField()
    kind_no = models.PositiveSmallIntegerField()
    scheme = models.TextField()
    first_date = models.DateField()
    until_date = models.DateField(null=True)
    reference = models.TextField()

    class Meta:
        db_table = "outside_claim"
        constraints = [
            models.CheckConstraint(
                name="outside_claim_period", condition=Q(until_date__isnull=True) | Q(until_date__gt=F("first_date"))
            ),
            models.CheckConstraint(name="outside_claim_kind", condition=Q(kind_no__in=list(CertificateKind))),
            party_key("outside_claim", "home_no"),
        ]


class Reservation(models.Model):
    """A promise of slices to a party until expires_on, on which day it lapses."""

    pk = models.CompositePrimaryKey("market", "reservation_no")
    market = models.TextField()
    reservation_no = models.PositiveBigIntegerField()
    reservation_id = models.TextField()
    party_no = models.PositiveIntegerField()
    expires_on = models.DateField()
    energy_wh = models.BigIntegerField()

    class Meta:
        db_table = "reservation"
        constraints = [
            models.UniqueConstraint(name="reservation_once", fields=["market", "reservation_id"]),
            models.CheckConstraint(name="reservation_of_something", condition=Q(energy_wh__gt=0)),
            party_key("reservation", "party_no"),
        ]


class ExportLot(models.Model):
    """Watt-hours of a holder that left for an outside scheme in whole units; what is short of a unit is carried on.

    carry_in_wh is what the previous lot of the same scheme, holder and kind carried out.
    """

    pk = models.CompositePrimaryKey("market", "lot_no")
    market = models.TextField()
    lot_no = models.PositiveBigIntegerField()
    scheme = models.TextField()
    holder_no = models.PositiveIntegerField()
    kind_no = models.PositiveSmallIntegerField()
    month = models.DateField()
    unit_wh = models.PositiveBigIntegerField()
    unit_count = models.PositiveBigIntegerField()
    energy_wh = models.PositiveBigIntegerField()
    carry_in_wh = models.PositiveBigIntegerField()
    carry_out_wh = models.PositiveBigIntegerField()
    previous_lot_no = models.PositiveBigIntegerField(null=True)

    class Meta:
        db_table = "export_lot"
        constraints = [
            models.UniqueConstraint(
                name="export_lot_once", fields=["market", "scheme", "holder_no", "kind_no", "month"]
            ),
            models.UniqueConstraint(name="export_lot_carried", fields=["market", "lot_no", "carry_out_wh"]),
            models.UniqueConstraint(name="export_lot_carries_once", fields=["market", "previous_lot_no"]),
            models.CheckConstraint(
                name="export_lot_adds_up",
                condition=Q(carry_out_wh=F("carry_in_wh") + F("energy_wh") - F("unit_count") * F("unit_wh"))
                & Q(carry_out_wh__lt=F("unit_wh")),
            ),
            models.CheckConstraint(
                name="export_lot_first_carries_nothing",
                condition=Q(previous_lot_no__isnull=False) | Q(carry_in_wh=0),
            ),
            CompositeForeignKey(
                name="export_lot_carry_fk",
                columns=("market", "previous_lot_no", "carry_in_wh"),
                table="export_lot",
                references=("market", "lot_no", "carry_out_wh"),
            ),
            party_key("export_lot", "holder_no"),
        ]


class StorageAccount(models.Model):
    """A battery over a period: what went in as charged slices, and what came out, got lost or is still inside."""

    pk = models.CompositePrimaryKey("market", "storage_no")
    market = models.TextField()
    storage_no = models.PositiveBigIntegerField()
    home_no = models.PositiveIntegerField()
    first_date = models.DateField()
    last_date = models.DateField()
    carry_in_wh = models.PositiveBigIntegerField()
    charged_wh = models.PositiveBigIntegerField()
    discharged_wh = models.PositiveBigIntegerField()
    loss_wh = models.PositiveBigIntegerField()
    carry_out_wh = models.PositiveBigIntegerField()
    previous_storage_no = models.PositiveBigIntegerField(null=True)

    class Meta:
        db_table = "storage_account"
        constraints = [
            models.UniqueConstraint(name="storage_account_once", fields=["market", "home_no", "first_date"]),
            models.UniqueConstraint(name="storage_account_carried", fields=["market", "storage_no", "carry_out_wh"]),
            models.UniqueConstraint(name="storage_account_carries_once", fields=["market", "previous_storage_no"]),
            models.CheckConstraint(
                name="storage_account_adds_up",
                condition=Q(carry_out_wh=F("carry_in_wh") + F("charged_wh") - F("discharged_wh") - F("loss_wh")),
            ),
            models.CheckConstraint(name="storage_account_period", condition=Q(last_date__gte=F("first_date"))),
            models.CheckConstraint(
                name="storage_account_first_carries_nothing",
                condition=Q(previous_storage_no__isnull=False) | Q(carry_in_wh=0),
            ),
            CompositeForeignKey(
                name="storage_account_carry_fk",
                columns=("market", "previous_storage_no", "carry_in_wh"),
                table="storage_account",
                references=("market", "storage_no", "carry_out_wh"),
            ),
            party_key("storage_account", "home_no"),
        ]


class OutsideLot(models.Model):
    """Certificates that a buyer bought elsewhere to cover what no roof did; quantity_wh as their scheme counts it."""

    pk = models.CompositePrimaryKey("market", "lot_no")
    market = models.TextField()
    lot_no = models.PositiveBigIntegerField()
    lot_id = models.TextField()
    buyer_no = models.PositiveIntegerField()
    scheme = models.TextField()
    serial_first = models.TextField()
    serial_last = models.TextField()
    quantity_wh = models.BigIntegerField()
    generated_from = models.DateField()
    generated_until = models.DateField()
    energy_source = models.TextField()
    plant_name = models.TextField()
    municipality = models.TextField()
    facility_id = models.TextField()
    reference = models.TextField()

    class Meta:
        db_table = "outside_lot"
        constraints = [
            models.UniqueConstraint(name="outside_lot_id_once", fields=["market", "lot_id"]),
            models.UniqueConstraint(name="outside_lot_serials_once", fields=["market", "scheme", "serial_first"]),
            models.UniqueConstraint(name="outside_lot_quantity", fields=["market", "lot_no", "quantity_wh"]),
            models.CheckConstraint(
                name="outside_lot_of_something",
                condition=Q(quantity_wh__gt=0, generated_until__gte=F("generated_from")),
            ),
            party_key("outside_lot", "buyer_no"),
        ]


class OutsideUse(models.Model):
    """The watt-hours [lo_wh, hi_wh) of an outside lot that a buyer used up for a month; uses follow each other."""

    pk = models.CompositePrimaryKey("market", "lot_no", "lo_wh")
    market = models.TextField()
    lot_no = models.PositiveBigIntegerField()
    lo_wh = models.BigIntegerField()
    hi_wh = models.BigIntegerField()
    quantity_wh = models.BigIntegerField()
    previous_hi_wh = models.GeneratedField(
        expression=NullIf("lo_wh", 0), output_field=models.BigIntegerField(), db_persist=True
    )
    month = models.DateField()
    beneficiary_no = models.PositiveIntegerField()
    site = models.TextField(default="")
    purpose = models.TextField()

    class Meta:
        db_table = "outside_use"
        constraints = [
            models.UniqueConstraint(name="outside_use_one_end", fields=["market", "lot_no", "hi_wh"]),
            models.CheckConstraint(
                name="outside_use_range",
                condition=Q(lo_wh__gte=0, hi_wh__gt=F("lo_wh"), quantity_wh__gte=F("hi_wh")),
            ),
            CompositeForeignKey(
                name="outside_use_lot_fk",
                columns=("market", "lot_no", "quantity_wh"),
                table="outside_lot",
                references=("market", "lot_no", "quantity_wh"),
            ),
            CompositeForeignKey(
                name="outside_use_previous_fk",
                columns=("market", "lot_no", "previous_hi_wh"),
                table="outside_use",
                references=("market", "lot_no", "hi_wh"),
            ),
            party_key("outside_use", "beneficiary_no"),
        ]


class Checkpoint(models.Model):
    """The log of a market at tree_size leaves, signed; checkpoints follow each other without a gap.

    first_leaf_no: the tree size of the checkpoint before; note: the signed text; root: 64 hex digits.
    """

    pk = models.CompositePrimaryKey("market", "checkpoint_no")
    market = models.TextField()
    checkpoint_no = models.PositiveBigIntegerField()
    subject = models.TextField()
    first_leaf_no = models.PositiveBigIntegerField()
    tree_size = models.PositiveBigIntegerField()
    previous_size = models.GeneratedField(
        expression=NullIf("first_leaf_no", 0), output_field=models.BigIntegerField(), db_persist=True
    )
    root = models.TextField()
    note = models.TextField()

    class Meta:
        db_table = "checkpoint"
        constraints = [
            models.UniqueConstraint(name="checkpoint_size_once", fields=["market", "tree_size"]),
            models.UniqueConstraint(name="checkpoint_follows_once", fields=["market", "first_leaf_no"]),
            models.CheckConstraint(name="checkpoint_grows", condition=Q(tree_size__gt=F("first_leaf_no"))),
            CompositeForeignKey(
                name="checkpoint_previous_fk",
                columns=("market", "previous_size"),
                table="checkpoint",
                references=("market", "tree_size"),
            ),
            market_key("checkpoint"),
        ]


class WitnessSignature(models.Model):
    """Somebody outside who saw a checkpoint and found that it extends the one before; signature_line as it came."""

    pk = models.CompositePrimaryKey("market", "checkpoint_no", "witness")
    market = models.TextField()
    checkpoint_no = models.PositiveBigIntegerField()
    witness = models.TextField()
    key_text = models.TextField()
    signature_line = models.TextField()

    class Meta:
        db_table = "witness_signature"
        constraints = [
            CompositeForeignKey(
                name="witness_signature_checkpoint_fk",
                columns=("market", "checkpoint_no"),
                table="checkpoint",
                references=("market", "checkpoint_no"),
            ),
        ]
