"""Tell alerts by mail.

Enter: settings, an AlertMessage. Leaves: a mail at the server. Not here: when to tell.
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from sanchi.app.alert_records import AlertNews
from sanchi.app.alerts import AlertMessage, ChannelFailed
from sanchi.edge.alerts.settings import MailSettings
from sanchi.edge.alerts.words import subject_of, text_of

ANSWER_S: Final = 20


class MailChannel:
    """Fulfils app.alerts.Channel; a connection a message, as alerts are rare."""

    def __init__(self, settings: MailSettings) -> None:
        """Keep the settings."""
        self._settings = settings

    @property
    def name(self) -> str:
        """Name the channel."""
        return self._settings.name

    def tell(self, message: AlertMessage) -> None:
        """Send the mail. Raises: ChannelFailed, also where the server takes it for some receivers only."""
        mail = self._mail_of(message)
        try:
            with self._server() as server:
                refused = server.send_message(mail, self._settings.sender, self._settings.receivers)
        except (smtplib.SMTPException, OSError) as error:
            # What a server answers may repeat who was written to; the kind of fault is enough.
            raise ChannelFailed(f"{self.name}: {type(error).__name__}", hint="Look at the mail server.") from error
        if len(refused) == len(self._settings.receivers):
            raise ChannelFailed(f"{self.name}: all receivers were refused", hint="Look at the addresses.")

    def _server(self) -> smtplib.SMTP:
        """Open a connection, encrypted unless it stays on this machine."""
        settings = self._settings
        context = ssl.create_default_context(cafile=None if settings.ca_file is None else str(settings.ca_file))
        if settings.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=ANSWER_S, context=context)
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=ANSWER_S)
        try:
            if settings.tls == "starttls":
                server.starttls(context=context)
            if settings.user:
                server.login(settings.user, settings.secret)
        except BaseException:
            server.close()
            raise
        return server

    def _mail_of(self, message: AlertMessage) -> EmailMessage:
        """Write the mail; the same news of the same alert has the same Message-ID."""
        domain = self._settings.sender.rpartition("@")[2]
        mail = EmailMessage()
        mail["Subject"] = subject_of(message)
        mail["From"] = self._settings.sender
        mail["To"] = ", ".join(self._settings.receivers)
        known = message.known
        told_at = known.closed_at if message.news is AlertNews.CLOSED and known.closed_at else known.opened_at
        mail["Date"] = format_datetime(told_at)
        mail["Message-ID"] = f"<{message.message_id}@{domain}>"
        if message.news is AlertNews.CLOSED:
            opening = message.message_id.removesuffix(AlertNews.CLOSED) + AlertNews.OPENED
            mail["In-Reply-To"] = f"<{opening}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text_of(message))
        return mail
