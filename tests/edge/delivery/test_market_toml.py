"""market.toml becomes one record of texts."""

import pytest

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.edge.delivery.market_toml import terms_of_toml

TERMS = """
[market]
market_id = "tokyo-pilot"
name = "Tokyo pilot"
name_ja = "東京実証"
grid_area = "03"
retailer_id = "R01"
first_delivery_date = 2020-11-20
last_delivery_date = 2021-02-28
tax_permille = 100
finalise_day = 25
waiting_days = 20
"""


class TestTermsOfToml:
    def test_gives_dates_and_numbers_as_they_stand(self):
        (row,) = terms_of_toml("market.toml", TERMS.encode()).rows

        assert row.place == "[market]"
        assert row.fields["first_delivery_date"] == "2020-11-20"
        assert row.fields["tax_permille"] == "100"
        assert row.fields["name_ja"] == "東京実証"

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (TERMS.replace("= 100", "= "), r"not TOML: .*line 10"),
            (TERMS.replace("[market]", "[town]"), r"has town, expected one table\. Write \[market\]"),
            (TERMS + "[other]\n", "has market, other"),
            ("# nothing\n", "has nothing"),
            (TERMS.replace("waiting_days", "wait_days"), "misses waiting_days; it has besides wait_days"),
        ],
    )
    def test_refuses_what_is_not_the_table_of_terms(self, text, reason):
        with pytest.raises(UnreadableDelivery, match=reason):
            terms_of_toml("market.toml", text.encode())
