"""The page of a comparison: complete as text, and in a real browser without errors or a request to anywhere."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from sanchi.app.compare_mechanisms import ASSUMPTIONS, KindComparison, MechanismFigures, SkippedMechanism
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.comparison import figures_of
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.table import MECHANISMS, MechanismName
from sanchi.edge.cli.comparison_page import CHARTS, PageHead, comparison_page
from sanchi.edge.cli.comparison_words import ASSUMPTIONS_JA, Language
from tests.oracles.auction_markets import prices_of
from tests.oracles.eating_markets import day_of
from tests.oracles.eating_oracle import SlotMarket

# Charts are drawn anew one frame after the window has changed.
NEXT_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
NAUGHTY_NAME = "Shop </script><script>alert(1)</script>"
HEAD = PageHead(
    market_name="Small market", buyer_names={3: NAUGHTY_NAME, 4: "School"}, credits=["Load: somebody & co."]
)


def made_market() -> MatchMarket:
    plain = SlotMarket(supplies=[100, 100], choices=[[0, 1], [0]], capacities=[100, 50], phases=[1, 2])
    day = day_of(plain)
    keys = (day.choice_buyer_index >= 0).astype(np.int64)
    return MatchMarket(
        day=day,
        prices=prices_of([1000, 900], [850, 850]),
        static_key=keys,
        class_rank=keys.astype(np.int32),
        target_permille=np.array([1000, 1000]),
        use_wh=day.capacity_wh.copy(),
    )


def made_comparison() -> KindComparison:
    """Compare all mechanisms but one, which is told as skipped."""
    market = made_market()
    ran = [name for name in MechanismName if name is not MechanismName.MAX_WELFARE]
    return KindComparison(
        kind=CertificateKind.SURPLUS,
        dates=(date(2026, 4, 1),),
        mechanisms=tuple(
            MechanismFigures(
                name=name,
                figures=figures_of(
                    market, MECHANISMS[name](market).allocation, None, np.array([7, 9]), np.array([3, 4])
                ),
            )
            for name in ran
        ),
        skipped=(SkippedMechanism(name=MechanismName.MAX_WELFARE, reason="too many pairs"),),
    )


class TestPage:
    @pytest.mark.parametrize("language", Language)
    def test_tells_every_mechanism_the_skipped_one_and_whom_to_thank(self, language: Language):
        page = comparison_page([made_comparison()], HEAD, language)

        assert f'<html lang="{language}">' in page
        for name in MechanismName:
            assert f"<dt>{name}</dt>" in page
        for name in set(MechanismName) - {MechanismName.MAX_WELFARE}:
            assert f"<th>{name}</th>" in page
        assert "<code>max_welfare</code> – too many pairs" in page
        assert "<li>Load: somebody &amp; co.</li>" in page
        assert NAUGHTY_NAME not in page

    def test_assumptions_stand_in_both_languages(self):
        assert len(ASSUMPTIONS_JA) == len(ASSUMPTIONS)

    def test_says_nothing_of_a_figure_that_was_not_counted(self):
        page = comparison_page([made_comparison()], HEAD, Language.EN)

        rows = re.findall(r"<tr.*?</tr>", page)
        # Without max_welfare there is no distance from it; a dash is not a nought.
        assert all(row.endswith("<td>–</td></tr>") for row in rows[1:])


@pytest.mark.browser
class TestInTheBrowser:
    @pytest.mark.parametrize("language", Language)
    def test_opens_without_errors_or_requests_and_draws_every_mechanism(
        self, browser: Browser, tmp_path: Path, language: Language
    ):
        path = tmp_path / "comparison.html"
        path.write_text(comparison_page([made_comparison()], HEAD, language), encoding="utf-8")
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page, faults, requests = context.new_page(), [], []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))

        page.goto(path.as_uri())
        page.wait_for_function("document.querySelectorAll('[data-chart]:not([data-drawn])').length === 0")
        drawn = [chart.inner_html() for chart in page.locator("[data-chart]").all()]
        overflow_px = {}
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(NEXT_FRAMES)
            overflow_px[width] = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        context.close()

        assert faults == []
        assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]
        assert len(drawn) == len(CHARTS) + 1
        for name in set(MechanismName) - {MechanismName.MAX_WELFARE}:
            assert all(name in chart for chart in drawn)
        assert overflow_px == {1280: 0, 390: 0}
