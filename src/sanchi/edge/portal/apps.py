"""Makes the portal known to Django: its templates, static files and translations."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The web pages; no tables of their own."""

    name = "sanchi.edge.portal"
    label = "portal"
    verbose_name = "sanchi portal"
