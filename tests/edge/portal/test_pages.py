"""Every page, in both languages: it stands, it is well formed, it runs and loads nothing of its own or others'."""

import re
from decimal import ROUND_DOWN, Decimal

import pytest

from tests.edge.portal.conftest import MARKET, PAGES
from tests.edge.portal.fake_buyer import buyer_view
from tests.edge.portal.fake_home import home_view
from tests.edge.portal.fake_numbers import DATES
from tests.edge.portal.fake_parties import BUYERS
from tests.edge.portal.fake_views import buyer_total, overview_view
from tests.edge.portal.reading import strings_of

every_page = pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
both_languages = pytest.mark.parametrize("language", ["en", "ja"])


def kwh(energy_wh: int, digits: str = "0.1") -> str:
    return f"{(Decimal(energy_wh) / 1000).quantize(Decimal(digits), ROUND_DOWN):,}"


class TestEveryPage:
    @every_page
    @both_languages
    def test_has_one_heading_and_a_title(self, read, address, language):
        page = read(address, language)

        assert len(page.headings()) == 1
        assert page.title.endswith("sanchi")
        assert not page.title.startswith("·")

    @every_page
    def test_answers_with_its_status(self, client, address):
        response = client.get(address)

        assert response.status_code == (404 if address == PAGES["not found"] else 200)

    @every_page
    @both_languages
    def test_is_in_the_language_asked_for(self, client, address, language):
        response = client.get(address, headers={"accept-language": f"{language}-JP,{language};q=0.9"})

        assert response.headers["Content-Language"] == language
        assert f'<html lang="{language}">' in response.content.decode()

    @every_page
    def test_runs_nothing_inline_and_loads_nothing_from_elsewhere(self, client, read, address):
        policy = client.get(address).headers["Content-Security-Policy"]
        page = read(address)

        inline = [
            (tag, attributes)
            for tag, attributes in page.tags
            if "style" in attributes
            or any(name.startswith("on") for name in attributes)
            or (tag == "script" and "src" not in attributes and attributes["type"] != "application/json")
            or tag == "style"
        ]
        loaded = [attributes.get(name) or "" for _tag, attributes in page.tags for name in ("src", "href")]

        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert inline == []
        assert [source for source in loaded if "//" in source] == []

    @every_page
    def test_names_every_element_once(self, read, address):
        names = [attributes["id"] for _tag, attributes in read(address).tags if "id" in attributes]

        assert len(names) == len(set(names))

    @every_page
    def test_gives_each_chart_a_label_its_drawing_and_a_table(self, read, address):
        page = read(address)

        charts = [attributes for _tag, attributes in page.tags if "data-chart" in attributes]
        tables = [tag for tag, _attributes in page.tags if tag == "table"]

        assert all(chart["aria-label"] and chart["role"] == "img" for chart in charts)
        assert {chart["data-source"] for chart in charts} == set(page.drawings)
        assert not charts or tables

    @every_page
    def test_labels_every_field(self, read, address):
        page = read(address)

        fields = {attributes["id"] for tag, attributes in page.tags if tag in {"select", "input"}}
        labelled = {attributes["for"] for tag, attributes in page.tags if tag == "label"}

        assert fields == labelled


class TestOverview:
    def test_shows_the_exact_energies(self, read):
        view = overview_view()
        totals = view.summary.totals

        texts = read(MARKET).texts

        for energy_wh in (
            view.summary.surplus_wh + view.summary.self_wh,
            totals.surplus_allocated_wh,
            totals.standard_offer_wh,
            totals.self_allocated_wh,
            totals.self_kept_wh,
        ):
            assert kwh(energy_wh) in texts

    def test_shows_whole_yen_rounded_down(self, read):
        totals = overview_view().summary.totals
        yen = totals.accrued_to_homes_e5yen // 100_000

        assert f"¥{yen:,}" in read(MARKET).texts
        assert f"{yen:,}円" in read(MARKET, "ja").texts

    def test_draws_every_watt_hour_of_the_days(self, read):
        totals = overview_view().summary.totals

        series = read(MARKET).drawings["days-drawing"]["series"]

        assert sum(sum(one["values"]) for one in series) == (
            totals.surplus_allocated_wh + totals.standard_offer_wh + totals.self_allocated_wh + totals.self_kept_wh
        )

    def test_draws_every_watt_hour_of_the_flows(self, read):
        totals = overview_view().summary.totals

        links = read(MARKET).drawings["flow-surplus-drawing"]["links"]

        assert sum(energy_wh for _source, _target, energy_wh in links) == (
            totals.surplus_allocated_wh + totals.standard_offer_wh
        )

    def test_fills_the_bar_of_destinations(self, read):
        bars = [attributes for tag, attributes in read(MARKET).tags if tag == "rect" and "x" in attributes]

        assert bars[0]["x"] == "0"
        assert sum(int(bar["width"]) for bar in bars) == 1_000

    def test_says_what_the_figures_rest_on(self, read):
        texts = read(MARKET).texts

        assert {"measured", "modelled", "re-dated", "repeated"} <= set(texts)
        assert {"実測", "モデル計算", "日付置換", "反復使用"} <= set(read(MARKET, "ja").texts)


class TestHome:
    def test_tells_why_a_choice_was_full(self, read):
        text = " ".join(read(PAGES["home that sells surplus"]).texts)

        assert "First choice" in text
        assert "half hours, at the earliest after" in text

    def test_draws_the_whole_day(self, read):
        view = home_view(7, DATES[86])
        offered_wh = sum(sharing.explanation.supply_wh for sharing in view.detail.sharing)

        series = read(PAGES["home that sells surplus"]).drawings["day-drawing"]["series"]

        assert sum(sum(one["values"]) for one in series if one["shape"] == "bar") == offered_wh

    def test_shows_statement_numbers_and_exact_accruals(self, read):
        month = home_view(7, DATES[86]).months[1]

        page = read(PAGES["home that sells surplus"])

        yen, e5yen = divmod(month.accrued_e5yen, 100_000)
        assert f"¥{yen:,}.{e5yen:05d}" in page.texts
        assert f"¥{month.statement.amount_yen:,}" in page.texts

    @pytest.mark.parametrize("day", ["yesterday", "2021-02-30", "2021"])
    def test_day_that_is_no_date_leads_nowhere(self, client, day):
        assert client.get(f"{MARKET}homes/H008/", {"day": day}).status_code == 404


class TestClosingTimes:
    def test_are_given_as_a_file_without_any_home(self, client):
        response = client.get(f"{MARKET}closing-times/2021-02-14.csv")

        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        header, *rows = response.content.decode().splitlines()
        assert header == "kind,delivery_date,slot_no,buyer_id,capacity_wh,closing_time,rounding"
        assert len(rows) == 2 * 48 * len(BUYERS)
        assert rows[0].startswith("surplus,2021-02-14,1,B01,1000,")
        assert not re.search(r"H\d{3}", response.content.decode())

    @pytest.mark.parametrize("day", ["yesterday", "2022-01-01", "2021-02-30"])
    def test_of_a_day_that_is_not_closed_lead_nowhere(self, client, day):
        assert client.get(f"{MARKET}closing-times/{day}.csv").status_code == 404

    def test_are_linked_from_the_day_of_a_home(self, read):
        links = [
            attributes.get("href") for tag, attributes in read(PAGES["home that sells surplus"]).tags if tag == "a"
        ]

        assert f"{MARKET}closing-times/2021-02-14.csv" in links


class TestBuyer:
    def test_shows_what_it_received(self, read):
        total = buyer_total(0)

        texts = read(PAGES["buyer"]).texts

        assert kwh(total.surplus_wh + total.self_wh) in texts
        assert kwh(total.surplus_wh) in texts

    def test_keeps_its_colour_on_every_page(self, read):
        days = read(MARKET).drawings["days-drawing"]["series"]
        flows = read(MARKET).drawings["flow-surplus-drawing"]["nodes"]
        own = read(PAGES["buyer"]).drawings["days-drawing"]["series"]

        assert {one["colour"] for one in days if one["name"] == "Chain A, shop 1"} == {"hue-1"}
        assert {one["colour"] for one in flows if one["label"] == "Chain A, shop 1"} == {"hue-1"}
        assert own[0]["colour"] == "hue-1"

    def test_without_a_meter_says_so(self, read):
        page = read(PAGES["buyer of value"])

        assert "This buyer takes environmental value only: no use is metered." in page.texts
        assert "matched-drawing" not in page.drawings


class TestOwnerAndTenant:
    def test_owner_shows_what_it_passed_on_to_whom(self, read):
        (total,) = buyer_view(7).tenants

        texts = read(PAGES["owner of a building"]).texts

        assert "Passed on to tenants" in texts
        assert "Passed on by owners" not in texts
        assert "Office building D" in texts
        assert kwh(total.surplus_wh) in texts

    def test_tenant_shows_through_whom_and_from_which_roofs(self, read):
        source = buyer_view(8).owner_homes[0]

        texts = read(PAGES["tenant"]).texts

        assert "Passed on by owners" in texts
        assert "Passed on to tenants" not in texts
        assert "Office building C" in texts
        assert source.home.name in texts
        assert kwh(source.surplus_wh) in texts

    def test_other_buyers_say_nothing_of_it(self, read):
        assert not {"Passed on to tenants", "Passed on by owners"} & set(read(PAGES["buyer"]).texts)


class TestDrawings:
    @every_page
    def test_hold_no_fractions(self, read, address):
        def numbers(value):
            if isinstance(value, dict):
                return [number for part in value.values() for number in numbers(part)]
            if isinstance(value, list):
                return [number for part in value for number in numbers(part)]
            return [value] if isinstance(value, float) else []

        drawings = read(address).drawings

        assert [numbers(drawing) for drawing in drawings.values() if numbers(drawing)] == []
        assert all(strings_of(drawing) for drawing in drawings.values())
