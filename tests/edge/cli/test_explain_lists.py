"""`sanchi explain` where conditions, worth, budgets and corrections decide: told on stories that clerks can read."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker
from rich.cells import cell_len

from sanchi.app.home_lists import PassOverReason
from sanchi.edge.cli import explain_words
from sanchi.edge.cli.console import OUT
from tests.scenarios.story import steps_of, write_out
from tests.start.homes import Home

STORIES = Path(__file__).parents[2] / "scenarios"
RANKED = "given_a_home_ranked_by_worth"
CAPPED = "given_a_buyer_with_a_monthly_cap"
CORRECTED = "given_a_correction_after_finalising"


@pytest.fixture(scope="module")
def lived(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Callable[[str], Home]]:
    homes: dict[str, Home] = {}

    def live_through(name: str) -> Home:
        if name not in homes:
            folder = tmp_path_factory.mktemp(name)
            homes[name] = home = Home.made(folder / "home")
            for step in steps_of(STORIES / name):
                argument = step.argument
                if step.command == "ingest":
                    argument = str(folder / f"{step.step_no}")
                    write_out(STORIES / name / "when" / step.argument, Path(argument), step.step_no)
                ran = home.run(step.command, *argument.split())
                assert ran.exit_code == 0, ran.err
        return homes[name]

    with django_db_blocker.unblock():
        yield live_through
    for home in homes.values():
        home.drop()


def closed_days(home: Home) -> list[str]:
    with home.opened() as installation:
        market = installation.stores.market.book(installation.stores.market.market_ids()[0]).terms
        days = installation.stores.days.market_days(
            market.market_id, market.first_delivery_date, market.last_delivery_date
        )
    return [day.delivery_date.isoformat() for day in days]


class TestPassedOver:
    def test_has_a_sentence_for_every_reason(self):
        assert set(explain_words.PASSED_OVER) == set(PassOverReason)

    def test_is_told_with_its_reason(self, lived: Callable[[str], Home]):
        out = lived(RANKED).run("explain", "--home", "H1", "--day", "2020-12-01", "--kind", "surplus").out

        assert "This home lets its buyers be ranked by what their offers are worth to it." in out
        assert "Not on the list of this day: Office, whose offer is for homes of other districts." in out
        assert (
            "Not on the list of this day: Cafe, worth no more to this home than what it gets without a buyer."
            in " ".join(out.split())
        )

    def test_is_told_in_japanese(self, lived: Callable[[str], Home]):
        out = lived(RANKED).run(*("explain", "--home", "H2", "--day", "2020-12-01"), "--lang", "ja").out

        assert "この日の対象外：喫茶（評価額がより高い買い手で希望の数が埋まりました）。" in out

    def test_is_in_the_document(self, lived: Callable[[str], Home]):
        ran = lived(RANKED).run("explain", "--home", "H1", "--day", "2020-12-01", "--json")

        surplus, own_use = json.loads(ran.out)["kinds"]
        assert {each["buyer"]["party_id"]: each["reason"] for each in surplus["passed_over"]} == {
            "office": "district",
            "cafe": "worth",
        }
        assert (surplus["is_ranked_by_worth"], own_use["is_ranked_by_worth"]) == (True, False)
        assert own_use["passed_over"] == []


class TestStory:
    @pytest.mark.parametrize("name", [RANKED, CAPPED, CORRECTED])
    def test_is_explained_and_recomputed_on_every_day(self, lived: Callable[[str], Home], name: str):
        home = lived(name)

        days = closed_days(home)

        assert days
        for day in days:
            told = home.run("explain", "--home", "H1", "--day", day, "--json")
            again = home.run("explain", "--home", "H1", "--day", day, "--recompute")
            assert (told.exit_code, again.exit_code) == (0, 0), (day, told.err, again.err)
            for kind in json.loads(told.out)["kinds"]:
                assert kind["verdict"] != "NOT_REPEATABLE"
                assert kind["offered_wh"] - kind["withheld_wh"] == kind["rest_wh"] + sum(
                    choice["part_wh"] for choice in kind["choices"]
                )


class TestWidth:
    @pytest.mark.parametrize("language", ["en", "ja"])
    @pytest.mark.parametrize("more", [(), ("--slot", "25"), ("--recompute",)])
    def test_of_80_columns_holds_every_line_and_cuts_no_figure(
        self, lived: Callable[[str], Home], monkeypatch: pytest.MonkeyPatch, language: str, more: tuple[str, ...]
    ):
        home = lived(CORRECTED)
        monkeypatch.setattr(OUT, "width", 80)

        out = home.run("explain", "--home", "H1", "--day", closed_days(home)[0], "--lang", language, *more).out

        assert max(map(cell_len, out.splitlines())) <= 80
        assert "…" not in out
