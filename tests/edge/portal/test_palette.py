"""Colours: one for each party, and every text and mark stands out from its ground."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import sanchi.edge.portal
from sanchi.edge.portal.palette import N_HUES, N_TIERS, colour_classes, colour_name
from tests.edge.portal.fake_parties import BUYERS, RETAILER

CSS = (Path(next(iter(sanchi.edge.portal.__path__))) / "static" / "portal" / "portal.css").read_text()
TEXT_CONTRAST_MIN, MARK_CONTRAST_MIN = 4.5, 3.0  # WCAG 2.2, level AA
GROUNDS = ("paper", "raised", "sunken")
TEXTS = ("ink", "soft", "pine", "act", "watch")
MARKS = (
    *(f"hue-{hue}" for hue in range(1, N_HUES + 1)),
    "offer",
    "sold",
    "allocated",
    "recovered",
    "missing",
    "decided",
    "matched",
    "use",
)


def scheme(name: str) -> dict[str, str]:
    light, dark = CSS.split("@media (prefers-color-scheme: dark)")[:2]
    block = light if name == "light" else dark.split("}\n}")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    brighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


class TestContrast:
    @pytest.mark.parametrize("name", ["light", "dark"])
    def test_texts_can_be_read(self, name):
        colours = scheme(name)

        weak = {
            (text, ground): contrast(colours[text], colours[ground])
            for text in TEXTS
            for ground in GROUNDS
            if contrast(colours[text], colours[ground]) < TEXT_CONTRAST_MIN
        }

        assert weak == {}

    @pytest.mark.parametrize("name", ["light", "dark"])
    def test_marks_can_be_seen(self, name):
        colours = scheme(name)

        weak = {
            mark: contrast(colours[mark], colours["paper"])
            for mark in MARKS
            if contrast(colours[mark], colours["paper"]) < MARK_CONTRAST_MIN
        }

        assert weak == {}

    @pytest.mark.parametrize("name", ["light", "dark"])
    def test_buttons_and_labels_can_be_read(self, name):
        colours = scheme(name)

        assert contrast(colours["on-pine"], colours["pine"]) >= TEXT_CONTRAST_MIN
        assert contrast(colours["paper"], colours["act"]) >= TEXT_CONTRAST_MIN
        assert contrast(colours["ink"], colours["measured"]) >= TEXT_CONTRAST_MIN


class TestColour:
    def test_is_its_own_for_as_many_buyers_as_there_are_hues_and_patterns(self):
        buyers = [replace(BUYERS[0], order_no=order_no) for order_no in range(1, N_HUES * N_TIERS + 1)]

        assert len({colour_name(buyer) for buyer in buyers}) == len(buyers)
        assert len({colour_classes(buyer) for buyer in buyers}) == len(buyers)

    def test_retailers_share_the_colour_of_the_standard_offer(self):
        assert (colour_name(RETAILER), colour_classes(RETAILER)) == ("offer", "hue-offer")
