"""Opens the channels of a file. Enters: alerts.toml. Leave: Channels. Not here: what they tell."""

import os
from pathlib import Path

from sanchi.app.alerts import Channel
from sanchi.edge.alerts.mail import MailChannel
from sanchi.edge.alerts.settings import MailSettings, read_alert_settings
from sanchi.edge.alerts.webhook import WebhookChannel


def open_channels(file: Path) -> tuple[Channel, ...]:
    """Read the file and open each channel; secrets come from the environment or files. Raises: UnfitAlertSettings."""
    return tuple(
        MailChannel(settings) if isinstance(settings, MailSettings) else WebhookChannel(settings)
        for settings in read_alert_settings(file, os.environ)
    )
