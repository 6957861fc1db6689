"""What every page goes through: markets, unknown addresses, faults."""

from dataclasses import replace

import pytest
from django.test import Client, override_settings

from sanchi.core.base.ids import MarketId
from tests.edge.portal import fake_web
from tests.edge.portal.conftest import MARKET
from tests.edge.portal.fake_parties import HEAD
from tests.edge.portal.fake_views import FakeViews
from tests.edge.portal.reading import Reading


class TestMarkets:
    def test_leads_to_the_only_market(self, client):
        response = client.get("/?lang=ja")

        assert (response.status_code, response.headers["Location"]) == (302, f"{MARKET}?lang=ja")

    @pytest.mark.parametrize(("language", "expected"), [("en", "Markets"), ("ja", "市場")])
    def test_lists_several(self, client, monkeypatch, language, expected):
        other = replace(HEAD, market_id=MarketId("other"), name="Second market", name_ja="第二市場")
        monkeypatch.setattr(fake_web, "VIEWS", FakeViews((HEAD, other)))

        page = Reading(client.get("/", headers={"accept-language": language}).content.decode())

        assert expected in page.texts
        assert "/markets/other/" in [attributes.get("href") for _tag, attributes in page.tags]

    def test_says_when_there_is_none(self, client, monkeypatch):
        monkeypatch.setattr(fake_web, "VIEWS", FakeViews(()))

        page = Reading(client.get("/").content.decode())

        assert "There is no market yet. Load a market folder, then its overview appears here." in page.texts


class TestUnknown:
    @pytest.mark.parametrize(
        "address",
        ["/markets/nowhere/", f"{MARKET}homes/H999/", f"{MARKET}buyers/H001/", "/markets/nowhere/runs/"],
    )
    def test_leads_to_a_page_that_helps(self, client, address):
        response = client.get(address)

        assert response.status_code == 404
        assert "There is nothing at this address" in response.content.decode()
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


class TestReadOnly:
    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_pages_refuse_to_change_anything(self, client, method):
        assert getattr(client, method)(MARKET).status_code == 405


class TestFault:
    @pytest.mark.parametrize(
        ("language", "expected"),
        [("en", "Something went wrong on our side"), ("ja", "サーバー側でエラーが発生しました")],
    )
    def test_is_told_without_its_details(self, monkeypatch, caplog, language, expected):
        def broken_source():
            raise RuntimeError("the lake is dry")

        monkeypatch.setattr(FakeViews, "runs", lambda self, market_id: broken_source())
        with override_settings(ROOT_URLCONF="tests.edge.portal.fake_web", ALLOWED_HOSTS=["testserver"]):
            client = Client(raise_request_exception=False)
            response = client.get(f"{MARKET}runs/", headers={"accept-language": language})

        text = response.content.decode()
        assert response.status_code == 500
        assert expected in text
        assert "lake" not in text
