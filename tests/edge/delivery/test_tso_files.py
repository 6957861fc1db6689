"""Archives of the network operator are opened with distrust: all of a good one is read, nothing of a bad one."""

import zipfile
from pathlib import Path

import pytest

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.edge.delivery.opening import kind_of
from sanchi.edge.delivery.tso_files import layout_of, tso_blocks
from tests.core.metering.formats.tso_documents import OTHER_POINT, POINT, daily, detail

NAME = "W41120202012010000ABCD.zip"
DOCUMENT = daily({"01": [detail("0.3")], "02": [detail("0.4", OTHER_POINT)]})


def written(folder: Path, entries: dict[str, bytes], name: str = NAME) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries.items():
            archive.writestr(entry, content)
    return path


def energies_of(path: Path) -> dict[str, list[int]]:
    """Read an archive; Wh by point."""
    energies: dict[str, list[int]] = {}
    for block in tso_blocks(path, 0):
        rows = block.decoded.rows
        for code, wh in zip(rows.address_code, rows.reading.tolist(), strict=True):
            energies.setdefault(rows.address_texts[code], []).append(wh)
    return energies


def refused(path: Path) -> str:
    """Read an archive that has to be refused; the file is named and advice given."""
    with pytest.raises(UnreadableDelivery) as error:
        energies_of(path)
    assert path.name in error.value.what
    assert error.value.hint
    return error.value.what


class TestName:
    @pytest.mark.parametrize("name", [NAME, "w51220202101.zip", "W40110202012010030.xml"])
    def test_tells_that_it_comes_from_the_operator(self, name: str):
        assert kind_of(name) == "tso"

    def test_of_an_unknown_file_of_the_operator_is_refused_with_the_known_ones(self):
        with pytest.raises(UnreadableDelivery, match="no layout is known") as error:
            layout_of("W49990.zip")

        assert "W41120" in error.value.hint


class TestArchive:
    def test_is_read_whole_one_document_after_the_other(self, tmp_path: Path):
        other = daily({"03": [detail("0.5")]})
        path = written(tmp_path, {"b.xml": other.encode(), "folder/a.xml": DOCUMENT.encode()})

        assert energies_of(path) == {POINT: [500, 300], OTHER_POINT: [400]}

    def test_numbers_records_on_over_its_documents(self, tmp_path: Path):
        path = written(tmp_path, {"a.xml": DOCUMENT.encode(), "b.xml": DOCUMENT.encode()})

        numbers = [no for block in tso_blocks(path, 0) for no in block.decoded.rows.record_no.tolist()]

        assert numbers == [1, 2, 3, 4]

    @pytest.mark.parametrize("encoding", ["UTF-8", "Shift_JIS", "EUC-JP", "UTF-16"])
    def test_may_hold_any_encoding_of_japan(self, tmp_path: Path, encoding: str):
        document = daily({"01": [detail("0.3")]}, encoding=encoding).encode(encoding)

        assert energies_of(written(tmp_path, {"a.xml": document})) == {POINT: [300]}

    def test_may_be_a_plain_document(self, tmp_path: Path):
        path = tmp_path / "W41120202012010000ABCD.xml"
        path.write_text(DOCUMENT, encoding="utf-8")

        assert energies_of(path) == {POINT: [300], OTHER_POINT: [400]}


class TestRefusal:
    @pytest.mark.parametrize("entry", ["../a.xml", "/etc/a.xml", "a/../../b.xml", "..\\a.xml", "C:\\a.xml"])
    def test_of_names_that_lead_out_of_the_folder(self, tmp_path: Path, entry: str):
        assert "leads out of its folder" in refused(written(tmp_path, {entry: DOCUMENT.encode()}))

    def test_of_a_file_without_a_name(self, tmp_path: Path):
        path = written(tmp_path, {"a": DOCUMENT.encode()})
        content = path.read_bytes()
        # The central directory says that its name has no letter; then the one letter is taken for an extra field.
        place = content.index(b"PK\x01\x02")
        path.write_bytes(content[: place + 28] + b"\0\0\1\0" + content[place + 32 :])

        assert f"{path.name} holds '', which is no XML" in refused(path)

    def test_of_a_name_that_is_no_text(self, tmp_path: Path):
        path = written(tmp_path, {"ä.xml": DOCUMENT.encode()})
        path.write_bytes(path.read_bytes().replace("ä.xml".encode(), b"\xa6\xa6.xml"))

        refused(path)

    def test_of_an_entry_whose_packing_is_damaged(self, tmp_path: Path):
        path = tmp_path / NAME
        with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
            archive.writestr("a.xml", DOCUMENT)
        content = bytearray(path.read_bytes())
        content[60:90] = bytes(30)
        path.write_bytes(content)

        refused(path)

    def test_of_an_archive_in_an_archive(self, tmp_path: Path):
        inner = written(tmp_path, {"a.xml": DOCUMENT.encode()}, "inner.zip").read_bytes()

        assert "which is no XML" in refused(written(tmp_path, {"inner.zip": inner}))

    def test_of_an_archive_that_unfolds_without_measure(self, tmp_path: Path):
        bomb = DOCUMENT.replace("<SBD-MSG>", "<SBD-MSG>" + "<x/>" * 20_000_000).encode()
        path = written(tmp_path, {"a.xml": bomb})
        assert path.stat().st_size < len(bomb) / 200

        assert "unfolds to more than 200 times its size" in refused(path)

    def test_of_a_document_that_defines_entities(self, tmp_path: Path):
        lol = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><SBD-MSG>&b;</SBD-MSG>'

        assert "document type or entities" in refused(written(tmp_path, {"a.xml": lol.encode()}))

    def test_of_bytes_that_are_not_of_the_declared_encoding(self, tmp_path: Path):
        document = daily({"01": [detail("0.3")]}).encode("Shift_JIS")

        assert "bytes that are no utf-8 text" in refused(written(tmp_path, {"a.xml": document}))

    def test_of_an_encoding_that_is_not_read(self, tmp_path: Path):
        document = daily({"01": [detail("0.3")]}, encoding="EBCDIC-CP-US").encode()

        assert "in the encoding ebcdic-cp-us" in refused(written(tmp_path, {"a.xml": document}))

    def test_of_an_empty_archive(self, tmp_path: Path):
        assert "is an empty archive" in refused(written(tmp_path, {}))

    def test_of_something_else_than_an_archive(self, tmp_path: Path):
        path = tmp_path / NAME
        path.write_bytes(b"<html>moved</html>")

        assert "is no whole zip archive" in refused(path)

    @pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
    def test_of_an_archive_that_was_cut_off(self, tmp_path: Path, place: float):
        path = written(tmp_path, {"a.xml": DOCUMENT.encode()})
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * place)])

        assert "is no whole zip archive" in refused(path)

    def test_of_an_archive_whose_bytes_were_changed(self, tmp_path: Path):
        path = written(tmp_path, {"a.xml": (DOCUMENT * 3).encode()})
        content = bytearray(path.read_bytes())
        for place in range(60, 90):
            content[place] ^= 0xFF
        path.write_bytes(bytes(content))

        refused(path)
