"""What holds for every decoded file, and values that no decoder may stumble over.

Enter: a DecodedFile. Leave: assertions, readings by series, strategies. Not here: any format.
"""

from collections import defaultdict
from typing import Any

from hypothesis import strategies as st

from sanchi.core.metering.formats.decoded import DecodedFile, DecodedRows


def assert_every_record_is_accounted_for(decoded: DecodedFile) -> None:
    """Records = those with rows + those in problems alone + passed over, and none is named that is not there."""
    carrying = set(decoded.rows.record_no.tolist())
    in_problems = {problem.record_no for problem in decoded.problems}
    assert len(carrying | in_problems) + sum(decoded.passed_over.values()) == decoded.record_count
    assert all(1 <= record_no <= decoded.record_count for record_no in carrying | in_problems)


def series_of(rows: DecodedRows) -> dict[tuple[str, int], list[tuple[int, int]]]:
    """Give (stamp_s, reading) by address and channel, in the order of the rows."""
    series = defaultdict(list)
    for code, channel, stamp_s, reading in zip(
        rows.address_code.tolist(),
        rows.channel_no.tolist(),
        rows.stamp_s.tolist(),
        rows.reading.tolist(),
        strict=True,
    ):
        series[rows.address_texts[code], channel].append((stamp_s, reading))
    return dict(series)


def json_values() -> st.SearchStrategy[Any]:
    """Draw anything that JSON can say, and a little more than it should."""
    leaves = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=8)
        | st.sampled_from(["2020-12-01T12:00:00+09:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
    )
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=31) | st.dictionaries(st.text(max_size=5), inner), max_leaves=31
    )
