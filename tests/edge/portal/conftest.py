"""The portal over made numbers, as a visitor's browser asks for it."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client, override_settings

from tests.edge.portal.reading import Reading

MARKET = "/markets/made-market/"
PAGES = {
    "overview": MARKET,
    "homes": f"{MARKET}homes/",
    "second page of homes": f"{MARKET}homes/?page=2",
    "home that sells surplus": f"{MARKET}homes/H008/?day=2021-02-14",
    "home that sells value": f"{MARKET}homes/H003/",
    "home outside": f"{MARKET}homes/H002/",
    "home on a day that is not closed": f"{MARKET}homes/H008/?day=2022-01-01",
    "buyers": f"{MARKET}buyers/",
    "buyer": f"{MARKET}buyers/B01/",
    "buyer of value": f"{MARKET}buyers/B11/",
    "owner of a building": f"{MARKET}buyers/B08/",
    "tenant": f"{MARKET}buyers/B09/",
    "buyer with perks and caps": f"{MARKET}buyers/B09/",
    "buyer on a day that is not closed": f"{MARKET}buyers/B09/?day=2022-01-01",
    "buyer on a day without its offers": f"{MARKET}buyers/B09/?day=2019-01-01",
    "home ranked by worth": f"{MARKET}homes/H010/",
    "home that passes buyers over": f"{MARKET}homes/H013/",
    "connections": f"{MARKET}connections/",
    "connection of a home": f"{MARKET}homes/H008/connection/",
    "connection of a home without faults": f"{MARKET}homes/H001/connection/",
    "connection of a home that nobody watches": f"{MARKET}homes/H058/connection/",
    "readings of a day": f"{MARKET}homes/H008/readings/?day=2021-02-14",
    "readings of a day that is not closed": f"{MARKET}homes/H008/readings/?day=2022-01-01",
    "problems": f"{MARKET}problems/",
    "problems of one code": f"{MARKET}problems/?code=METER_SILENT",
    "problems of nobody": f"{MARKET}problems/?party=nobody",
    "runs": f"{MARKET}runs/",
    "log": f"{MARKET}log/",
    "log, second page": f"{MARKET}log/?page=2",
    "not found": "/nowhere/",
}


@pytest.fixture
def client() -> Iterator[Client]:
    with override_settings(ROOT_URLCONF="tests.edge.portal.fake_web", ALLOWED_HOSTS=["testserver"]):
        yield Client()


@pytest.fixture
def read(client) -> Callable[..., Reading]:
    def read_page(address: str, language: str = "en") -> Reading:
        response = client.get(address, headers={"accept-language": language})
        return Reading(response.content.decode())

    return read_page
