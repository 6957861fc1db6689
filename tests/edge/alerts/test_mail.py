"""Mail is encrypted unless it stays on this machine, names homes by their id, and a mail that failed is told so."""

from pathlib import Path

import pytest

from sanchi.app.alert_records import AlertNews
from sanchi.app.alerts import ChannelFailed
from sanchi.edge.alerts.mail import MailChannel
from sanchi.edge.alerts.settings import MailSettings
from tests.edge.alerts.messages import message
from tests.fakes.mail_server import HANG_UP, TAKEN_BUT_SILENT, MailServer, served_mail, server_context


def channel(server: MailServer, *, tls: str = "none", ca_file: Path | None = None, user: str = "") -> MailChannel:
    return MailChannel(
        MailSettings(
            name="mail",
            host="127.0.0.1",
            port=server.port,
            tls=tls,
            ca_file=ca_file,
            user=user,
            secret="mail-secret" if user else "",
            sender="sanchi@example.org",
            receivers=("duty@example.org", "second@example.org"),
        )
    )


class TestMail:
    def test_says_who_what_since_when_and_what_to_do(self):
        with served_mail() as server:
            channel(server).tell(message())

        (mail,) = server.mails
        text = mail.get_payload()
        assert mail["Subject"] == "[sanchi] H3: device outage"
        assert mail["Message-ID"] == "<town-a1b2c3d4e5f60718-opened@example.org>"
        assert "since:      2020-12-01T09:00:00+09:00" in text
        assert "Ask the home." in text
        assert server.receivers == [["duty@example.org", "second@example.org"]]

    def test_of_a_closing_answers_that_of_the_opening(self):
        with served_mail() as server:
            channel(server).tell(message(AlertNews.CLOSED))

        (mail,) = server.mails
        assert mail["In-Reply-To"] == "<town-a1b2c3d4e5f60718-opened@example.org>"
        assert mail["Subject"].startswith("[sanchi] over: H3")

    def test_told_twice_has_the_same_id_and_the_same_text(self):
        with served_mail() as server:
            channel(server).tell(message())
            channel(server).tell(message())

        assert len({mail.as_string() for mail in server.mails}) == 1

    def test_is_encrypted_and_signed_in_where_settings_say_so(self, tmp_path: Path):
        context, trusted = server_context(tmp_path)
        with served_mail(context) as server:
            channel(server, tls="starttls", ca_file=trusted, user="sanchi").tell(message())

        assert server.was_encrypted == [True]
        assert len(server.sign_ins) == 1


class TestFailure:
    @pytest.mark.parametrize("fault", ["451 later", "554 no", HANG_UP, TAKEN_BUT_SILENT])
    def test_of_the_server_is_told_without_addresses(self, fault: str):
        with served_mail() as server:
            server.faults.append(fault)
            with pytest.raises(ChannelFailed) as failed:
                channel(server).tell(message())

        assert "example.org" not in str(failed.value)

    def test_of_one_receiver_does_not_keep_the_others_from_it(self):
        with served_mail() as server:
            server.refused_receivers.add("second@example.org")
            channel(server).tell(message())

        assert server.receivers == [["duty@example.org"]]

    def test_of_all_receivers_is_one(self):
        with served_mail() as server:
            server.refused_receivers.update({"duty@example.org", "second@example.org"})
            with pytest.raises(ChannelFailed):
                channel(server).tell(message())

        assert server.mails == []

    def test_nothing_is_sent_in_clear_where_encryption_is_not_offered(self):
        with served_mail() as server, pytest.raises(ChannelFailed):
            channel(server, tls="starttls", user="sanchi").tell(message())

        assert server.mails == []
        assert server.sign_ins == []

    def test_certificate_that_is_not_trusted_gets_neither_mail_nor_secret(self, tmp_path: Path):
        context, _ = server_context(tmp_path)
        with served_mail(context) as server, pytest.raises(ChannelFailed):
            channel(server, tls="starttls", user="sanchi").tell(message())

        assert server.mails == []
        assert server.sign_ins == []

    def test_nobody_there_is_one(self):
        with served_mail() as server:
            gone = channel(server)
        with pytest.raises(ChannelFailed):
            gone.tell(message())
