"""The language of a page: asked for, remembered, preferred, or English."""

import pytest

from tests.edge.portal.conftest import MARKET


class TestLanguage:
    @pytest.mark.parametrize(
        ("asked", "cookie", "header", "expected"),
        [
            ("", "", "", "en"),
            ("", "", "ja", "ja"),
            ("", "", "fr,de;q=0.9", "en"),
            ("", "", "fr,ja-JP;q=0.9,en;q=0.8", "ja"),
            ("", "en", "ja", "en"),
            ("ja", "en", "en", "ja"),
            ("fr", "", "ja", "ja"),
            ("", "tlh", "", "en"),
        ],
    )
    def test_is_chosen_in_order(self, client, asked, cookie, header, expected):
        if cookie:
            client.cookies["django_language"] = cookie

        response = client.get(f"{MARKET}runs/", {"lang": asked} if asked else {}, headers={"accept-language": header})

        assert response.headers["Content-Language"] == expected

    def test_asked_for_is_kept_in_a_cookie(self, client):
        client.get(f"{MARKET}runs/?lang=ja")

        assert client.get(f"{MARKET}buyers/").headers["Content-Language"] == "ja"

    def test_not_asked_for_sets_no_cookie(self, client):
        assert not client.get(f"{MARKET}runs/", headers={"accept-language": "ja"}).cookies

    def test_switch_keeps_the_rest_of_the_address(self, read):
        switches = [
            attributes["href"]
            for tag, attributes in read(f"{MARKET}problems/?code=METER_SILENT&page=2").tags
            if tag == "a" and "hreflang" in attributes
        ]

        assert switches == ["?code=METER_SILENT&page=2&lang=ja", "?code=METER_SILENT&page=2&lang=en"]

    def test_varies_caches(self, client):
        assert {"Accept-Language", "Cookie"} <= set(client.get(MARKET).headers["Vary"].split(", "))
