"""Takes the pictures of docs/mechanisms.md from the page that `sanchi compare --chart FILE.html` wrote.

`python -m tests.edge.cli.take_comparison_images FILE.html`. Leaves: compare-shares.png, compare-money.png,
compare-hours.png in docs/images, each below 150 kB. Not here: any check of figures.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
IMAGE_BYTES_MAX = 150_000
# Of the charts of surplus, the cards in the order of the page.
CARDS = {"compare-shares.png": 0, "compare-money.png": 1, "compare-hours.png": 6}


def take_images(page_path: Path) -> None:
    """Take the three pictures."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(page_path.resolve().as_uri())
        page.wait_for_function("document.querySelectorAll('[data-chart]:not([data-drawn])').length === 0")
        for name, place in CARDS.items():
            page.locator("#surplus .card").nth(place).screenshot(path=IMAGES / name)
            assert (IMAGES / name).stat().st_size < IMAGE_BYTES_MAX, f"{name} is too large for the documents"
        browser.close()


if __name__ == "__main__":
    take_images(Path(sys.argv[1]))
