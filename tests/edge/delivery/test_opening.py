"""Which files of a delivery are taken, and in which order."""

import pytest

from sanchi.app.deliveries import FileKind
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.edge.delivery.opening import kind_of, open_delivery


def touch(folder, *names):
    for name in names:
        (folder / name).write_text("")


class TestKindOf:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("market.toml", FileKind.MARKET),
            ("registers-2020-12.parquet", FileKind.REGISTERS),
            ("energies_pv.csv", FileKind.ENERGIES),
            ("Registers20201201.CSV", FileKind.REGISTERS),
            ("outside_claims.csv", FileKind.OUTSIDE_CLAIMS),
            ("outside_lots-2020-12.csv", FileKind.OUTSIDE_LOTS),
            ("Outside_Lots_2.parquet", FileKind.OUTSIDE_LOTS),
            ("outside.csv", None),
            ("outside_lotsnew.csv", None),
            ("partiesnew.csv", None),
            ("README.md", None),
            ("2020-registers.csv", None),
        ],
    )
    def test_is_the_word_before_the_first_mark(self, name, kind):
        assert kind_of(name) is kind


class TestOpenDelivery:
    def test_takes_a_folder_in_the_order_of_what_builds_on_what(self, tmp_path):
        touch(tmp_path, "choices.csv", "energies-1.csv", "offers.csv", "registers-2.csv", "meters.csv")
        touch(tmp_path, "plants.csv", "market.toml", "parties.csv", "registers-1.csv", "energies-2.csv")

        opened = open_delivery(tmp_path)

        assert opened.file_names == (
            "market.toml", "parties.csv", "plants.csv", "meters.csv", "offers.csv", "choices.csv",
            "energies-1.csv", "energies-2.csv", "registers-1.csv", "registers-2.csv",
        )  # fmt: skip

    def test_names_what_it_passes_over_and_leaves_hidden_files_and_folders_alone(self, tmp_path):
        touch(tmp_path, "parties.csv", "notes.txt", ".registers.csv")
        (tmp_path / "registers-old").mkdir()

        opened = open_delivery(tmp_path)

        assert opened.file_names == ("parties.csv",)
        assert opened.passed_over_names == ("notes.txt",)

    def test_opens_a_lone_file(self, tmp_path):
        touch(tmp_path, "parties.csv", "plants.csv")

        assert open_delivery(tmp_path / "plants.csv").file_names == ("plants.csv",)

    def test_reads_nothing_before_it_is_asked_to(self, tmp_path):
        touch(tmp_path, "parties.csv")

        opened = open_delivery(tmp_path)

        with pytest.raises(UnreadableDelivery, match=r"parties\.csv is empty"):
            next(opened.files)

    @pytest.mark.parametrize("name", ["data.csv", "README.md"])
    def test_refuses_a_lone_file_of_no_kind(self, tmp_path, name):
        touch(tmp_path, name)

        with pytest.raises(UnreadableDelivery, match=rf"{name}.*named after its kind \(market, parties"):
            open_delivery(tmp_path / name)

    def test_refuses_a_folder_without_any_kind_and_names_its_files(self, tmp_path):
        touch(tmp_path, "a.csv", "b.csv")

        with pytest.raises(UnreadableDelivery, match=r"a\.csv, b\.csv"):
            open_delivery(tmp_path)

    def test_refuses_an_empty_folder(self, tmp_path):
        with pytest.raises(UnreadableDelivery, match="it is empty"):
            open_delivery(tmp_path)

    def test_refuses_a_path_that_is_not_there(self, tmp_path):
        with pytest.raises(UnreadableDelivery, match="No such file"):
            open_delivery(tmp_path / "registers-1.csv")
