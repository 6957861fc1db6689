"""Makes the store known to Django, and freezes what must never change after each migration.

Enters: Django's start. Leaves: a listener. Not here: the triggers themselves.
"""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StoreConfig(AppConfig):
    """The tables of the platform."""

    name = "sanchi.edge.store"
    label = "store"
    verbose_name = "sanchi store"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen for the end of migrations: a rebuilt table has lost its triggers."""
        post_migrate.connect(_freeze, sender=self)


def _freeze(using: str, **_ignored: Any) -> None:
    """Create the freezing triggers anew."""
    from sanchi.edge.store.triggers import create_triggers  # noqa: PLC0415 - models are not loaded any earlier

    create_triggers(using)
