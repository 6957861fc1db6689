"""A file is read by its kind and suffix, with the digest of its bytes."""

from hashlib import sha256

import pytest

from sanchi.app.deliveries import FileKind
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.edge.delivery.arrival import read_file

PARTIES = b"party_id,role,name,name_ja,company,district\nH01,home,Home,\xe5\xae\xb6,,\n"


class TestReadFile:
    def test_names_the_file_its_kind_its_rows_and_the_digest_of_its_bytes(self, tmp_path):
        path = tmp_path / "parties.csv"
        path.write_bytes(PARTIES)

        delivered = read_file(path, FileKind.PARTIES).delivered

        assert delivered.file_name == "parties.csv"
        assert delivered.file_kind is FileKind.PARTIES
        assert delivered.row_count == 1
        assert delivered.file_digest == sha256(PARTIES).hexdigest()

    @pytest.mark.parametrize("content", [b"", b" \n\n"])
    def test_refuses_an_empty_file(self, tmp_path, content):
        path = tmp_path / "parties.csv"
        path.write_bytes(content)

        with pytest.raises(UnreadableDelivery, match=r"parties\.csv is empty\. Send"):
            read_file(path, FileKind.PARTIES)

    @pytest.mark.parametrize(("name", "shown"), [("parties.xlsx", r"\.xlsx"), ("parties", r"\(none\)")])
    def test_refuses_a_format_that_it_does_not_read(self, tmp_path, name, shown):
        path = tmp_path / name
        path.write_bytes(PARTIES)

        with pytest.raises(UnreadableDelivery, match=rf"suffix {shown}.*CSV.*Parquet"):
            read_file(path, FileKind.PARTIES)

    def test_refuses_terms_that_are_not_toml(self, tmp_path):
        path = tmp_path / "market.csv"
        path.write_bytes(PARTIES)

        with pytest.raises(UnreadableDelivery, match=r"terms are TOML\. Name the file market\.toml"):
            read_file(path, FileKind.MARKET)

    def test_refuses_a_file_that_cannot_be_opened(self, tmp_path):
        with pytest.raises(UnreadableDelivery, match=r"parties\.csv: No such file"):
            read_file(tmp_path / "parties.csv", FileKind.PARTIES)
