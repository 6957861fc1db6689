"""The table of steps at work.

Enter and leave: rows. Not here: how a step is held (see locks).
"""

from django.db import models


class StepLock(models.Model):
    """A step that somebody works on; owner is host:process:start of the process."""

    pk = models.CompositePrimaryKey("market", "step", "subject")
    market = models.TextField()
    step = models.TextField()
    subject = models.TextField()
    owner = models.TextField()
    since = models.DateTimeField()

    class Meta:
        db_table = "step_lock"
