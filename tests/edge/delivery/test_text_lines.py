"""Lines of any length and any bytes are read in bounded memory, each told or given."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.edge.delivery import text_lines
from sanchi.edge.delivery.text_lines import TextLine, line_blocks


@pytest.fixture
def short(monkeypatch):
    """Let a line of ten bytes be the longest, and blocks be small."""
    monkeypatch.setattr(text_lines, "LINE_BYTES_MAX", 10)
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", 30)


def lines_of(content: bytes) -> list[TextLine]:
    return [line for block in line_blocks(BytesIO(content)) for line in block]


class CountingFile(BytesIO):
    """Notes the most bytes that were asked for at once."""

    asked_max = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size >= 0, "a line of any length was asked for"
        self.asked_max = max(self.asked_max, size)
        return super().readline(size)


class TestLine:
    def test_of_the_longest_length_is_given_and_a_longer_one_told(self, short):
        found = lines_of(b"0123456789\n01234567890\nafter\n")

        assert [(line.line_no, line.text, line.fault) for line in found] == [
            (1, "0123456789", ""),
            (2, "", "line 2 is longer than 10 bytes"),
            (3, "after", ""),
        ]

    def test_without_end_is_read_past_in_small_steps(self, short):
        file = CountingFile(b"9" * 100_000)

        (block,) = line_blocks(file)

        assert [line.fault for line in block] == ["line 1 is longer than 10 bytes"]
        assert file.asked_max == 11

    def test_that_is_not_utf8_is_told(self):
        (line,) = lines_of(b"\xff\n")

        assert line.fault.startswith("line 1 is not UTF-8")

    def test_that_is_blank_is_none_and_a_byte_order_mark_belongs_to_no_line(self):
        assert [line.text for line in lines_of(b"\xef\xbb\xbf{}\n\n  \n[]")] == ["{}", "[]"]


class TestAnyBytes:
    @given(content=st.binary(max_size=300))
    def test_are_divided_into_the_lines_that_they_have(self, content):
        wanted = [number for number, line in enumerate(content.split(b"\n"), start=1) if line.strip()]

        assert {line.line_no for line in lines_of(content)} <= set(wanted)

    @given(lines=st.lists(st.sampled_from([b"a", b"long line too", b"", b"{}"]), max_size=30))
    def test_lose_no_line_between_blocks(self, lines):
        found = lines_of(b"".join(line + b"\n" for line in lines))

        assert [line.line_no for line in found] == [number for number, line in enumerate(lines, start=1) if line]
