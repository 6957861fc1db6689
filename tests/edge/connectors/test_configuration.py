"""A configuration is followed exactly, or refused with line, key and what was expected."""

from pathlib import Path

import pytest

from sanchi.edge.connectors.configuration import UnfitConfiguration, read_configuration
from sanchi.edge.connectors.settings import BrokerSettings, CloudSettings, FolderSettings
from sanchi.edge.connectors.toml_lines import line_of

WHOLE = """\
every = "20m"

[[connector]]
name = "gateways"
kind = "mqtt"
host = "broker.example"
user = "sanchi"
secret_env = "BROKER_SECRET"

[[connector]]
name = "ct-east"
kind = "ct_cloud"
url = "https://ct.example/base/"
client_id = "sanchi"
secret_file = "ct.secret"
every = "1h"

[[connector]]
name = "br"
kind = "gateway_cloud"
url = "http://127.0.0.1:8080"
secret_env = "BR_KEY"
begin_at = 2020-12-01T00:00:00+09:00

[[connector]]
name = "tso"
kind = "folder"
folder = "drop"
patterns = ["W4*.zip"]
settle = "500ms"
"""
ENVIRONMENT = {"BROKER_SECRET": "broker-secret", "BR_KEY": "key"}


def read(folder: Path, text: str, environment=None, every_s: int | None = None):
    (folder / "collect.toml").write_text(text)
    (folder / "ct.secret").write_text("ct-secret\n")
    return read_configuration(folder / "collect.toml", ENVIRONMENT if environment is None else environment, every_s)


class TestConfiguration:
    def test_of_all_kinds_is_read(self, tmp_path: Path):
        broker, ct_cloud, gateway_cloud, folder = read(tmp_path, WHOLE)

        assert isinstance(broker, BrokerSettings)
        assert (broker.port, broker.is_tls, broker.client_id) == (8883, True, "sanchi-collect-gateways")
        assert broker.secret is not None
        assert broker.secret.text == "broker-secret"
        assert isinstance(ct_cloud, CloudSettings)
        assert (ct_cloud.url, ct_cloud.secret.text, ct_cloud.every_s) == ("https://ct.example/base", "ct-secret", 3_600)
        assert isinstance(gateway_cloud, CloudSettings)
        assert (gateway_cloud.every_s, gateway_cloud.begin_at) == (1_200, "2020-12-01T00:00:00+09:00")
        assert isinstance(folder, FolderSettings)
        assert (folder.folder, folder.patterns, folder.settle_ms) == (tmp_path / "drop", ("W4*.zip",), 500)

    def test_yields_to_the_pause_of_the_command_line(self, tmp_path: Path):
        _, ct_cloud, gateway_cloud, _ = read(tmp_path, WHOLE, every_s=60)

        assert isinstance(ct_cloud, CloudSettings)
        assert isinstance(gateway_cloud, CloudSettings)
        assert (ct_cloud.every_s, gateway_cloud.every_s) == (60, 60)

    def test_shows_no_secret_when_it_is_printed(self, tmp_path: Path):
        shown = repr(read(tmp_path, WHOLE))

        assert "ct-secret" not in shown
        assert "broker-secret" not in shown


# Each: what stands in the file, what stands instead, the line, and words of the refusal.
FAULTS = [
    ('kind = "folder"', 'kind = "ftp"', 27, "key kind is 'ftp', expected one of mqtt, ct_cloud"),
    ('name = "tso"', "", 25, "key name is missing, expected letters"),
    ('name = "tso"', 'name = "br"', 26, "key name: 'br' is taken"),
    ('name = "tso"', 'name = "BR"', 26, "key name: 'BR' is taken"),
    ('name = "tso"', 'name = "../tso"', 26, "key name is '../tso', expected letters"),
    ('folder = "drop"', "folder = 7", 28, "key folder is 7, expected the path of a folder"),
    ('folder = "drop"', 'folder = "drop"\nfoldr = 1', 29, "key foldr is unknown, expected one of name, kind, folder"),
    ('["W4*.zip"]', '["../*.zip"]', 29, "key patterns is ['../*.zip'], expected a list"),
    ('settle = "500ms"', 'settle = "0.5s"', 30, "key settle is '0.5s', expected a length of time"),
    ('every = "20m"', 'every = "20"', 1, "key every is '20', expected a length of time"),
    ('every = "20m"', 'every = "0m"', 1, "key every is '0m', expected a length of time"),
    ('every = "20m"', 'evry = "20m"', 1, "key evry is unknown"),
    ('secret_env = "BR_KEY"', "", 18, "the cloud needs a secret"),
    ('secret_env = "BR_KEY"', 'secret_env = "NOT_SET"', 22, "the environment variable NOT_SET is not set"),
    ('secret_file = "ct.secret"', 'secret_file = "none"', 15, "cannot be read as a secret"),
    ('secret_file = "ct.secret"', 'secret_file = "ct.secret"\nsecret_env = "BR_KEY"', 15, "expected one of them"),
    ('user = "sanchi"', "", 3, "user and secret belong together"),
    ('url = "http://127.0.0.1:8080"', 'url = "http://br.example"', 21, "key url is unfit, expected https://HOST"),
    ('url = "http://127.0.0.1:8080"', 'url = "https://u:p@br.example"', 21, "key url is unfit"),
    ('url = "http://127.0.0.1:8080"', 'url = "https://br.example?key=p"', 21, "key url is unfit"),
    ('url = "http://127.0.0.1:8080"', 'url = "https://br.example:x"', 21, "key url is unfit"),
    ("begin_at = 2020-12-01T00:00:00+09:00", "begin_at = 2020-12-01T00:00:00", 23, "expected a stamp with an offset"),
    ('host = "broker.example"', 'host = "broker.example"\nport = true', 7, "key port is True, expected a whole number"),
    ('host = "broker.example"', 'host = "broker.example"\nport = 70000', 7, "key port is 70000"),
]  # fmt: skip


class TestRefusal:
    @pytest.mark.parametrize(("good", "bad", "line_no", "words"), FAULTS)
    def test_names_line_key_and_what_is_expected(self, tmp_path: Path, good: str, bad: str, line_no: int, words: str):
        assert WHOLE.count(good) == 1

        with pytest.raises(UnfitConfiguration) as refused:
            read(tmp_path, WHOLE.replace(good, bad))

        assert words in refused.value.what
        if bad:
            assert f"line {line_no}" in refused.value.what

    @pytest.mark.parametrize("key", ["secret", "password", "client_secret", "token", "api_key", "Password"])
    def test_of_a_secret_in_the_file_does_not_repeat_it(self, tmp_path: Path, key: str):
        text = WHOLE.replace('secret_env = "BR_KEY"', f'{key} = "very-secret"')

        with pytest.raises(UnfitConfiguration, match=f"line 22.*key {key} would hold a secret") as refused:
            read(tmp_path, text)

        assert "very-secret" not in str(refused.value)

    def test_of_an_address_does_not_repeat_the_password_in_it(self, tmp_path: Path):
        with pytest.raises(UnfitConfiguration) as refused:
            read(tmp_path, WHOLE.replace("https://ct.example", "https://me:hidden@ct.example"))

        assert "hidden" not in str(refused.value)

    @pytest.mark.parametrize(
        "text", ["", "connector = 1", "[connector]\nname = 'x'", "every = '1h'", "connector = [1]"]
    )
    def test_of_a_file_without_connectors_says_so(self, tmp_path: Path, text: str):
        with pytest.raises(UnfitConfiguration, match="names no connector"):
            read(tmp_path, text)

    def test_of_what_is_not_toml_names_the_place(self, tmp_path: Path):
        with pytest.raises(UnfitConfiguration, match=r"not TOML.*line 2"):
            read(tmp_path, "every = '1h'\n???")

    def test_of_a_missing_file_says_how_to_name_it(self, tmp_path: Path):
        with pytest.raises(UnfitConfiguration, match="--config FILE"):
            read_configuration(tmp_path / "none.toml", {})

    def test_of_a_secret_that_no_header_carries(self, tmp_path: Path):
        with pytest.raises(UnfitConfiguration, match="printable ASCII"):
            read(tmp_path, WHOLE, {"BROKER_SECRET": "a\r\nHost: evil", "BR_KEY": "key"})


def test_line_of_a_key_that_is_not_there_is_its_tables():
    assert line_of(WHOLE, "connector", 4, "nothing") == 25
    assert line_of(WHOLE, "connector", 4) == 25
