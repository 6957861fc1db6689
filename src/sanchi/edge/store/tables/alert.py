"""Tables of alerts about connections, and of what channels have to tell of them.

Enter and leave: rows. Not here: when an alert opens or closes.
"""

from django.db import models

from sanchi.edge.store.constraints import CompositeForeignKey, market_key


class ConnectionAlert(models.Model):
    """One cause that somebody was told of; home_no -1 = a connector's. closed_at: null = open."""

    pk = models.CompositePrimaryKey("market", "alert_id")
    market = models.TextField()
    alert_id = models.TextField()
    fault_kind = models.TextField()
    home_no = models.IntegerField()
    connector = models.TextField()
    device = models.TextField()
    first_s = models.BigIntegerField()
    held_s = models.BigIntegerField()
    device_count = models.PositiveIntegerField()
    evidence = models.TextField()  # a line each
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "connection_alert"
        constraints = [market_key("connection_alert")]


class ConnectionTelling(models.Model):
    """What a channel has to tell of an alert; told_at: null = not yet."""

    pk = models.CompositePrimaryKey("market", "alert_id", "news", "channel")
    market = models.TextField()
    alert_id = models.TextField()
    news = models.TextField()  # opened, closed
    channel = models.TextField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "connection_telling"
        constraints = [
            CompositeForeignKey(
                name="connection_telling_alert_fk",
                columns=("market", "alert_id"),
                table="connection_alert",
                references=("market", "alert_id"),
            ),
        ]
