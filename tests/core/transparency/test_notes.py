"""Checkpoints and keys are read back as they were written, and nothing else is read."""

from base64 import b64encode

import pytest

from sanchi.core.transparency.notes import (
    ED25519_COSIGNATURE,
    ED25519_NOTE,
    CheckpointText,
    NoteKey,
    UnreadableNote,
    cosigned_message,
    parsed_checkpoint,
    parsed_key,
    signed_note,
)

KEY = NoteKey(name="sanchi/tokyo", key_code=ED25519_NOTE, public_bytes=bytes(range(32)))
CHECKPOINT = CheckpointText(origin="sanchi/tokyo", leaf_count=52, root=b"r" * 32)
NOTE = signed_note(CHECKPOINT.text, [KEY.signature_line(b"s" * 64)])


class TestCheckpoint:
    def test_is_read_back(self):
        read, lines = parsed_checkpoint(NOTE)

        assert read == CHECKPOINT
        assert [KEY.signature_in(line) for line in lines] == [b"s" * 64]

    def test_has_the_lines_of_the_form(self):
        assert CHECKPOINT.text == f"sanchi/tokyo\n52\n{b64encode(b'r' * 32).decode()}\n"
        assert NOTE.startswith(CHECKPOINT.text + "\n\u2014 sanchi/tokyo ")

    @pytest.mark.parametrize(
        "damage",
        [
            lambda note: note.replace("\n52\n", "\n052\n"),
            lambda note: note.replace("\n52\n", "\n-52\n"),
            lambda note: note.replace("\n\n", "\n"),
            lambda note: note.partition("\n\n")[0] + "\n\n",
            lambda note: note.replace("\u2014", "-"),
            lambda note: note.replace("cnI=", "cnJ="),
        ],
    )
    def test_is_not_read_where_it_is_written_otherwise(self, damage):
        damaged = damage(NOTE)

        assert damaged != NOTE
        with pytest.raises(UnreadableNote):
            parsed_checkpoint(damaged)


class TestKey:
    def test_is_read_back(self):
        assert parsed_key(KEY.text + "\n") == KEY

    def test_of_another_kind_has_another_id(self):
        other = NoteKey(name=KEY.name, key_code=ED25519_COSIGNATURE, public_bytes=KEY.public_bytes)

        assert other.key_id != KEY.key_id
        assert other.signature_in(KEY.signature_line(b"s" * 64)) is None

    @pytest.mark.parametrize("damage", [lambda text: text[:-1], lambda text: "x" + text, lambda text: "no key"])
    def test_is_not_read_where_its_id_is_not_its_own(self, damage):
        with pytest.raises(UnreadableNote):
            parsed_key(damage(KEY.text))


class TestCosignature:
    def test_carries_when_it_was_made(self):
        message, signature = cosigned_message(CHECKPOINT.text, (7).to_bytes(8, "big") + b"s" * 64)

        assert message == b"cosignature/v1\ntime 7\n" + CHECKPOINT.text.encode()
        assert signature == b"s" * 64

    def test_of_another_length_is_none(self):
        with pytest.raises(UnreadableNote):
            cosigned_message(CHECKPOINT.text, b"s" * 64)
