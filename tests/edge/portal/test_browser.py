"""The pages in a real browser: nothing fails, nothing is asked of another host, nothing overflows.

Screenshots of every page go to a temporary folder, or to the one that SANCHI_SCREENSHOTS names.
"""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from playwright.sync_api import Browser, Page
from waitress.server import create_server

pytestmark = pytest.mark.browser

DESKTOP_PX, PHONE_PX, SMALLEST_PX = 1280, 390, 360
# Charts are drawn anew one frame after their box has changed.
NEXT_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
MARKET = "/markets/made-market/"
PAGES = {
    "overview": MARKET,
    "homes": f"{MARKET}homes/",
    "home": f"{MARKET}homes/H008/?day=2021-02-14",
    "home-self-consumption": f"{MARKET}homes/H003/",
    "buyers": f"{MARKET}buyers/",
    "buyer": f"{MARKET}buyers/B01/",
    "buyer-of-value": f"{MARKET}buyers/B11/",
    "buyer-with-perks-and-caps": f"{MARKET}buyers/B09/",
    "home-ranked-by-worth": f"{MARKET}homes/H010/",
    "home-that-passes-buyers-over": f"{MARKET}homes/H013/",
    "connections": f"{MARKET}connections/",
    "home-connection": f"{MARKET}homes/H008/connection/",
    "readings": f"{MARKET}homes/H008/readings/?day=2021-02-14",
    "problems": f"{MARKET}problems/",
    "runs": f"{MARKET}runs/",
    "not-found": "/nowhere/",
}


@dataclass
class Visit:
    """What went wrong while a page was shown."""

    address: str
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: self._note(message.type in {"error", "warning"}, message.text))
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("requestfailed", lambda request: self.faults.append(f"failed: {request.url}"))
        page.on("request", lambda request: self._note(not self._is_own(request.url), request.url))
        page.on("response", lambda response: self._note(self._is_refused(response), response.url))

    def _note(self, is_fault: bool, text: str) -> None:
        if is_fault and "404 (Not Found)" not in text:
            self.faults.append(text)

    def _is_own(self, url: str) -> bool:
        return url.startswith((self.address, "data:", "blob:"))

    def _is_refused(self, response) -> bool:
        return response.status >= 400 and not response.url.endswith("/nowhere/")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with override_settings(ROOT_URLCONF="tests.edge.portal.fake_web"):
        server = create_server(get_wsgi_application(), host="127.0.0.1", port=0, threads=4)
        thread = threading.Thread(target=server.run)
        thread.start()
        yield f"http://127.0.0.1:{server.effective_port}"
        server.close()
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory) -> Path:
    folder = os.environ.get("SANCHI_SCREENSHOTS")
    path = Path(folder) if folder else tmp_path_factory.mktemp("screenshots")
    path.mkdir(parents=True, exist_ok=True)
    return path


def shown(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_function("document.querySelectorAll('[data-chart]:not([data-drawn])').length === 0")


def overflow_px(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


class TestPage:
    @pytest.mark.parametrize("language", ["en", "ja"])
    @pytest.mark.parametrize("name", PAGES)
    def test_shows_on_desktop_and_phone(self, browser: Browser, address, screenshots, name, language):
        context = browser.new_context(
            locale=language, viewport={"width": DESKTOP_PX, "height": 900}, device_scale_factor=1
        )
        page, visit = context.new_page(), Visit(address)
        visit.watch(page)

        shown(page, address + PAGES[name])
        page.screenshot(path=screenshots / f"{name}-{language}-desktop.png", full_page=True)
        overflow = {DESKTOP_PX: overflow_px(page)}
        for width in (SMALLEST_PX, PHONE_PX):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(NEXT_FRAMES)
            overflow[width] = overflow_px(page)
        page.screenshot(path=screenshots / f"{name}-{language}-phone.png", full_page=True)
        html_language = page.get_attribute("html", "lang")
        context.close()

        assert visit.faults == []
        assert overflow == {DESKTOP_PX: 0, PHONE_PX: 0, SMALLEST_PX: 0}
        assert html_language == language


class TestCharts:
    def test_follow_the_colour_scheme(self, browser: Browser, address, screenshots):
        context = browser.new_context(locale="en", color_scheme="dark", viewport={"width": 1280, "height": 900})
        page, visit = context.new_page(), Visit(address)
        visit.watch(page)

        shown(page, address + PAGES["overview"])
        page.screenshot(path=screenshots / "overview-en-dark.png", full_page=True)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        context.close()

        assert visit.faults == []
        assert ground == "rgb(15, 22, 20)"

    def test_tooltip_tells_the_day_in_kwh(self, browser: Browser, address):
        context = browser.new_context(locale="en", viewport={"width": 1280, "height": 900})
        page, visit = context.new_page(), Visit(address)
        visit.watch(page)
        shown(page, address + PAGES["home"])

        chart = page.locator('[data-source="days-drawing"]')
        chart.scroll_into_view_if_needed()
        chart.hover(position={"x": 400, "y": 150})
        text = page.locator(".tip").first.inner_text()
        context.close()

        assert visit.faults == []
        assert text.startswith("Wed, 23 Dec 2020\nSurplus to chosen buyers\n")
        assert text.count("kWh") == 2


class TestMetersDay:
    def test_tooltip_tells_how_a_half_hour_came_about(self, browser: Browser, address):
        context = browser.new_context(locale="en", viewport={"width": 1280, "height": 900})
        page, visit = context.new_page(), Visit(address)
        visit.watch(page)
        shown(page, address + PAGES["readings"])

        chart = page.locator('[data-source="meter-1-drawing"]')
        chart.scroll_into_view_if_needed()
        width = chart.evaluate("box => box.clientWidth")
        # The strip below the bars, in the half hour that an operator decided.
        chart.hover(position={"x": 66 + (width - 80) * 28.5 / 48, "y": 360})
        text = page.locator(".tip").first.inner_text()
        context.close()

        assert visit.faults == []
        assert text.startswith("14:00–14:30\nDecided by an operator\n0.250 kWh")


class TestTimeline:
    def test_mark_tells_its_fault_by_keyboard_and_leads_to_its_line(self, browser: Browser, address):
        context = browser.new_context(locale="en", viewport={"width": 1280, "height": 900})
        page, visit = context.new_page(), Visit(address)
        visit.watch(page)
        shown(page, address + PAGES["home-connection"])

        mark = page.locator(".timeline-bar").first
        told = mark.locator("text")
        before = told.evaluate("text => getComputedStyle(text).visibility")
        mark.focus()
        focused = told.evaluate("text => getComputedStyle(text).visibility")
        page.keyboard.press("Enter")
        target = page.locator("tr:target th").inner_text()
        context.close()

        assert visit.faults == []
        assert (before, focused) == ("hidden", "visible")
        assert target == "Meter exchanged unannounced"


class TestLanguage:
    def test_switch_is_remembered(self, browser: Browser, address):
        context = browser.new_context(locale="en")
        page = context.new_page()
        shown(page, address + PAGES["runs"])

        page.get_by_role("link", name="日本語").click()
        page.wait_for_load_state()
        switched = page.get_attribute("html", "lang")
        shown(page, address + PAGES["buyers"])
        kept = page.get_attribute("html", "lang")
        context.close()

        assert (switched, kept) == ("ja", "ja")
