"""Takes the pictures of docs/images from a running portal.

`python -m tests.edge.portal.take_images http://127.0.0.1:8000 tokyo-pilot H01 2021-02-14` after `sanchi serve`.
Leaves: overview.png, home-day.png, overview-ja-phone.png, connections.png, readings.png, each below 300 kB.
Not here: any check.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
DRAWN = "document.querySelectorAll('[data-chart]:not([data-drawn])').length === 0"


def opened(browser: Browser, address: str, language: str, width: int, height: int) -> Page:
    """Open a page with all its charts drawn."""
    page = browser.new_page(locale=language, viewport={"width": width, "height": height})
    page.goto(address)
    page.wait_for_function(DRAWN)
    return page


def take_images(address: str, market_id: str, home_id: str, day: str) -> None:
    """Take the pictures."""
    market = f"{address}/markets/{market_id}/"
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        opened(browser, market, "en", 1280, 1000).screenshot(path=IMAGES / "overview.png")
        opened(browser, market, "ja", 390, 844).screenshot(path=IMAGES / "overview-ja-phone.png")
        home = opened(browser, f"{market}homes/{home_id}/?day={day}", "en", 1280, 1000)
        home.locator("#shared-section").screenshot(path=IMAGES / "home-day.png")
        connections = opened(browser, f"{market}connections/", "en", 1000, 1000)
        connections.locator("figure").screenshot(path=IMAGES / "connections.png")
        readings = opened(browser, f"{market}homes/H27/readings/?day=2020-12-05", "en", 1000, 1000)
        readings.locator("figure").first.screenshot(path=IMAGES / "readings.png")
        browser.close()


if __name__ == "__main__":
    take_images(*sys.argv[1:5])
