"""What may stand in alerts.toml, and that no secret and no mail in clear may."""

from pathlib import Path

import pytest

from sanchi.edge.alerts.settings import MailSettings, UnfitAlertSettings, WebhookSettings, read_alert_settings

MAIL = """
[[channel]]
name = "duty"
kind = "mail"
host = "mail.example.org"
user = "sanchi"
secret_env = "MAIL_SECRET"
from = "sanchi@example.org"
to = ["duty@example.org"]
"""
HOOK = """
[[channel]]
name = "hook"
kind = "webhook"
url = "https://hooks.example.org/sanchi"
secret_file = "hook.secret"
"""
ENVIRONMENT = {"MAIL_SECRET": "from-environment"}


def read(folder: Path, text: str) -> tuple[object, ...]:
    (folder / "hook.secret").write_text("from-file\n")
    (folder / "alerts.toml").write_text(text)
    return read_alert_settings(folder / "alerts.toml", ENVIRONMENT)


class TestReading:
    def test_secrets_come_from_environment_and_files(self, tmp_path: Path):
        mail, hook = read(tmp_path, MAIL + HOOK)

        assert isinstance(mail, MailSettings)
        assert isinstance(hook, WebhookSettings)
        assert (mail.secret, hook.secret) == ("from-environment", "from-file")
        assert (mail.tls, mail.port) == ("starttls", 587)

    def test_secrets_are_never_shown(self, tmp_path: Path):
        assert "from-" not in repr(read(tmp_path, MAIL + HOOK))


class TestRefusal:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('secret_env = "MAIL_SECRET"', 'password = "x"', "would hold a secret"),
            ('secret_env = "MAIL_SECRET"', 'secret_env = "ELSE"', "ELSE is not set"),
            ('secret_env = "MAIL_SECRET"', "", "belong together"),
            ('name = "duty"', 'name = "duty"\ntls = "none"', "to this machine alone"),
            ('name = "duty"', 'name = "duty"\ntls = "maybe"', "key tls"),
            ('name = "duty"', 'name = "duty"\nport = 0', "key port"),
            ('name = "duty"', 'name = "duty"\nextra = 1', "key extra is unknown"),
            ('kind = "mail"', 'kind = "pigeon"', "key kind"),
            ('to = ["duty@example.org"]', "to = []", "key to"),
            ('to = ["duty@example.org"]', 'to = ["a@b.org\\nBcc: c@d.org"]', "key to"),
            ("https://hooks", "http://hooks", "key url"),
            ('secret_file = "hook.secret"', "", "a webhook is signed"),
            ('secret_file = "hook.secret"', 'secret_file = "none"', "cannot be read as a secret"),
            ('name = "hook"', 'name = "duty"', "taken"),
        ],
    )
    def test_names_the_channel_and_what_is_wrong(self, tmp_path: Path, old: str, new: str, said: str):
        text = MAIL + HOOK
        assert old in text
        with pytest.raises(UnfitAlertSettings, match=said) as refused:
            read(tmp_path, text.replace(old, new, 1))

        assert "from-" not in str(refused.value)

    @pytest.mark.parametrize("text", ["", "a = 1", "[channel]\n", "= 1", "\x00"])
    def test_of_what_names_no_channels(self, tmp_path: Path, text: str):
        with pytest.raises(UnfitAlertSettings):
            read(tmp_path, text)

    def test_of_a_file_that_is_not_there(self, tmp_path: Path):
        with pytest.raises(UnfitAlertSettings, match="cannot be read"):
            read_alert_settings(tmp_path / "none.toml", {})
