"""Colours: one for each party, and every text and mark stands out from its ground."""

import re
from dataclasses import replace
from itertools import combinations
from math import dist
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


def linear_rgb(colour: str) -> list[float]:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]


def luminance(colour: str) -> float:
    linear = linear_rgb(colour)
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


# Linear RGB as protan-, deuter- and tritanopes see it (Machado, Oliveira and Fernandes 2009, severity 1).
SEEN_BY = {
    "anybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanope": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranope": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanope": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}
TO_CONES = ((0.4122, 0.5363, 0.0514), (0.2119, 0.6807, 0.1074), (0.0883, 0.2817, 0.6300))
TO_OKLAB = ((0.2105, 0.7936, -0.0041), (1.9780, -2.4286, 0.4506), (0.0259, 0.7828, -0.8087))
APART_MIN = 0.115  # as the hues of buyers, see palette


def times(matrix, vector):
    return [sum(factor * part for factor, part in zip(row, vector, strict=True)) for row in matrix]


def oklab(colour: str, eye: str) -> list[float]:
    seen = [max(0.0, part) for part in times(SEEN_BY[eye], linear_rgb(colour))]
    return times(TO_OKLAB, [cone ** (1 / 3) for cone in times(TO_CONES, seen)])


class TestMap:
    @pytest.mark.parametrize("name", ["light", "dark"])
    @pytest.mark.parametrize("eye", SEEN_BY)
    def test_of_homes_and_days_can_be_told_apart_by_every_eye(self, name, eye):
        colours = scheme(name)

        seen = {state: oklab(colours[state], eye) for state in ("measured", "recovered", "estimated", "missing")}
        alike = [pair for pair in combinations(seen, 2) if dist(seen[pair[0]], seen[pair[1]]) < APART_MIN]

        assert alike == []


class TestColour:
    def test_is_its_own_for_as_many_buyers_as_there_are_hues_and_patterns(self):
        buyers = [replace(BUYERS[0], order_no=order_no) for order_no in range(1, N_HUES * N_TIERS + 1)]

        assert len({colour_name(buyer) for buyer in buyers}) == len(buyers)
        assert len({colour_classes(buyer) for buyer in buyers}) == len(buyers)

    def test_retailers_share_the_colour_of_the_standard_offer(self):
        assert (colour_name(RETAILER), colour_classes(RETAILER)) == ("offer", "hue-offer")
