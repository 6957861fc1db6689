"""Home keys: a whole number is its own key, any other name is hashed, as anybody can recompute."""

from hashlib import blake2b

import pytest

from sanchi.core.matching.home_keys import key_of_name, key_of_text


class TestKey:
    @pytest.mark.parametrize("name", ["0", "7", "-7", "999999999999999999"])
    def test_of_a_whole_number_is_the_number(self, name: str):
        assert key_of_name(name) == int(name)

    @pytest.mark.parametrize("name", ["H01", "007", "+7", "-0", "1.0", "1000000000000000000", "家"])
    def test_of_any_other_name_is_the_head_of_its_digest(self, name: str):
        bits = "".join(f"{byte:08b}" for byte in blake2b(name.encode(), digest_size=8).digest())

        assert key_of_name(name) == key_of_text(name) == int(bits[:62], 2)
