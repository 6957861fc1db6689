"""What tests of connectors share: an inbox with a clock that stands, clouds, a broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sanchi.edge.connectors.inbox import Inbox
from tests.brokers import broker, own_broker
from tests.edge.connectors.small_world import RECEIVED_AT, quiet_pace
from tests.fakes.clouds import CtCloudFake, GatewayCloudFake, served

__all__ = ["broker", "own_broker"]


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with Inbox(tmp_path / "inbox", lambda: RECEIVED_AT).opened() as opened:
        yield opened


@pytest.fixture
def pace():
    return quiet_pace()


@pytest.fixture
def ct_cloud() -> Iterator[CtCloudFake]:
    cloud = CtCloudFake()
    with served(cloud):
        yield cloud


@pytest.fixture
def gateway_cloud() -> Iterator[GatewayCloudFake]:
    cloud = GatewayCloudFake()
    with served(cloud):
        yield cloud
