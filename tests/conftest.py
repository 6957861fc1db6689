"""What all tests share: Django and Numba set up in the checkout, bounded properties, data, a browser.

Enters: SANCHI_TEST_DATABASE (sqlite or postgresql), SANCHI_DATABASE_URL and SANCHI_SHARED, the folder of real
data where it is not beside the checkout. Not here: fixtures of one part.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import django
import pytest
from hypothesis import settings

from sanchi.start.wiring import numba_cache_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("SANCHI_SHARED", ROOT.parent / "shared")) / "data"
CHROMIUM = Path("/usr/bin/chromium")

# Both have to stand before the first import of a kernel or a model.
os.environ.setdefault("NUMBA_CACHE_DIR", str(numba_cache_folder(ROOT / ".cache")))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanchi.start.settings")

# The same examples every time: a red test stays red until its cause is mended.
settings.register_profile("sanchi", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("sanchi")


def pytest_configure() -> None:
    """Start Django before tests are collected, since they import models."""
    django.setup()


def pytest_sessionstart() -> None:
    """Refuse to run on another database than the one asked for, lest a green run prove nothing."""
    from django.db import connection

    wanted = os.environ.get("SANCHI_TEST_DATABASE", "sqlite")
    if connection.vendor != wanted:
        raise pytest.UsageError(
            f"SANCHI_TEST_DATABASE asks for {wanted}, but SANCHI_DATABASE_URL leads to {connection.vendor}: "
            f"set both alike, as scripts/test does."
        )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real data beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip("real data is not beside the checkout (../shared/data), and SANCHI_SHARED names no other folder")
    return SHARED_DATA


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Give a headless Chromium; it runs without its sandbox only where the tests run as root.

    It ends with its module: as long as it runs, so does its event loop, and Django refuses the database beside one.
    """
    from playwright.sync_api import sync_playwright

    assert CHROMIUM.exists(), "Chromium is missing: scripts/test installs it"
    arguments = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()
