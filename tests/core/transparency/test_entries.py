"""An entry has one spelling, and nobody without the key finds out what a leaf says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.ids import MarketId
from sanchi.core.transparency.entries import canonical_bytes, commitment_of, entry_of, salt_of

MARKET = MarketId("tokyo")
DOCUMENTS = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3),
    max_leaves=12,
)


class TestCanonicalBytes:
    @given(st.dictionaries(st.text(), DOCUMENTS, max_size=4))
    def test_do_not_depend_on_the_order_of_fields(self, document):
        backwards = dict(reversed(document.items()))

        assert canonical_bytes(document) == canonical_bytes(backwards)

    def test_keep_text_as_it_is_and_leave_no_space(self):
        assert canonical_bytes({"名": ["産地", 1]}) == '{"名":["産地",1]}'.encode()


class TestEntry:
    @pytest.mark.parametrize("wrong", [1.0, True, {"a": [0.5]}, {1: 2}, [b"x"], float("nan")])
    def test_refuses_what_has_more_than_one_spelling(self, wrong):
        with pytest.raises((AssertionError, TypeError)):
            entry_of("leaf", {"field": wrong})


class TestSalt:
    def test_is_another_one_for_each_key_market_and_leaf(self):
        salts = {
            salt_of(key, MarketId(market), name)
            for key in (b"a" * 32, b"b" * 32)
            for market in ("tokyo", "osaka")
            for name in ("claim/1", "claim/1#0")
        }

        assert len(salts) == 8
        assert {len(salt) for salt in salts} == {32}

    def test_hides_what_a_commitment_binds(self):
        shown = {"holder_id": "B1", "slots": [[1, 5]]}
        salts = [salt_of(b"k" * 32, MARKET, f"certificate/c#{number}") for number in range(2)]

        assert commitment_of(salts[0], shown) != commitment_of(salts[1], shown)
        assert commitment_of(salts[0], shown) != commitment_of(salts[0], shown | {"holder_id": "B2"})
