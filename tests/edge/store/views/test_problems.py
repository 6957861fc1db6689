"""The work list of findings."""

from datetime import date

import pytest

from sanchi.app.views.problems import ProblemFilter
from sanchi.core.base.ids import PartyId
from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.edge.store.views import StoredMarketViews, pages
from tests.edge.store.audit.closed_market import ClosedMarket, Forger
from tests.markets.small_market import MARKET_ID

ALL = ProblemFilter()


@pytest.fixture
def own_count(views: StoredMarketViews) -> int:
    """Count what the closed market found by itself."""
    return views.problems(MARKET_ID, wanted=ALL).matching_count


@pytest.fixture
def forged(market: ClosedMarket, own_count: int):
    """Add findings: of revisions in force and of one that is not."""
    with market.falsified() as forger:
        add(forger, 101, "2020-12-01", 1, 1, "GAP_ESTIMATED", "watch")
        add(forger, 102, "2020-12-02", 1, 2, "METER_SILENT", "act")
        add(forger, 103, "2020-12-01", 1, 2, "METER_SILENT", "act")
        add(forger, 104, "2020-12-01", 1, 2, "GAP_MISSING", "act")
        add(forger, 105, "2020-11-29", 1, 3, "METER_SILENT", "act")
        add(forger, 106, "2020-12-02", 1, None, "GAP_RECOVERED", "note")
        yield


def add(
    forger: Forger,
    problem_no: int,
    day: str,
    revision: int,
    party_no: int | None,
    code: str,
    severity: str,
    where: str = "where",
):
    forger.sql(
        "INSERT INTO problem (market, problem_no, step, delivery_date, revision, party_no, code, severity, where_text, "
        "detail, hint, row_count) VALUES (%s, %s, 'close-day', %s, %s, %s, %s, %s, %s, 'detail', 'hint', 0)",
        MARKET_ID, problem_no, day, revision, party_no, code, severity, where,
    )  # fmt: skip


def in_force(market: ClosedMarket, day: str) -> int:
    """Find the revision of a day that counts."""
    (run,) = (run for run in StoredMarketViews(market.lake.root).runs(MARKET_ID).days if str(run.delivery_date) == day)
    return run.revision_in_force


class TestProblems:
    def test_stand_by_urgency_then_date_then_number(self, views: StoredMarketViews, own_count: int, forged: None):
        page = views.problems(MARKET_ID, wanted=ALL)

        assert [row.problem_no for row in page.rows if row.problem_no > 100] == [102, 103, 104, 101, 106]
        assert page.matching_count == len(page.rows) == own_count + 5

    def test_of_a_revision_that_is_not_in_force_are_gone(self, views: StoredMarketViews, forged: None):
        page = views.problems(MARKET_ID, wanted=ALL)

        assert 105 not in {row.problem_no for row in page.rows}
        assert [party.party_id for party in page.parties] == ["H1", "H2"]

    def test_of_a_delivery_name_its_file(self, views: StoredMarketViews):
        every = views.problems(MARKET_ID, wanted=ALL).rows

        rows = [row for row in every if row.file_name == "registers-faulty.csv"]
        assert {row.code for row in rows} == {ProblemCode.UNKNOWN_METER, ProblemCode.STAMP_OFF_BOUNDARY}
        assert [row.row_count for row in rows] == [1, 1]
        assert all(row.where and row.detail and row.hint for row in rows)

    def test_are_counted_without_the_filter(self, views: StoredMarketViews, own_count: int, forged: None):
        page = views.problems(MARKET_ID, wanted=ProblemFilter(severity=Severity.ACT, code=ProblemCode.GAP_MISSING))

        assert [row.problem_no for row in page.rows] == [104]
        assert page.matching_count == 1
        counts = {(each.severity, each.code): each.problem_count for each in page.counts}
        assert counts[Severity.ACT, ProblemCode.METER_SILENT] == 2
        assert sum(counts.values()) == own_count + 5
        assert [each.severity for each in page.counts] == sorted(
            (each.severity for each in page.counts), key=[Severity.ACT, Severity.WATCH, Severity.NOTE].index
        )

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            (ProblemFilter(party_id=PartyId("H2")), [102, 103, 104]),
            (ProblemFilter(party_id=PartyId("H2"), code=ProblemCode.METER_SILENT), [102, 103]),
            (ProblemFilter(party_id=PartyId("nobody")), []),
            (ProblemFilter(severity=Severity.NOTE, code=ProblemCode.GAP_RECOVERED), [106]),
        ],
    )
    def test_pass_the_filter(self, views: StoredMarketViews, forged: None, wanted: ProblemFilter, expected: list[int]):
        page = views.problems(MARKET_ID, wanted=wanted)

        assert [row.problem_no for row in page.rows] == expected
        assert (page.matching_count, page.page_no, page.page_count) == (len(expected), 1, 1)

    def test_stand_on_pages(
        self, views: StoredMarketViews, own_count: int, forged: None, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(pages, "ROWS_PER_PAGE", 3)
        count = own_count + 5
        page_count = -(-count // 3)

        shown = [views.problems(MARKET_ID, wanted=ALL, page_no=page_no) for page_no in range(1, page_count + 2)]

        places = [(page.page_no, page.page_count, page.matching_count) for page in shown]
        assert places == [(min(page_no, page_count), page_count, count) for page_no in range(1, page_count + 2)]
        assert sum(len(page.rows) for page in shown[:-1]) == count
        assert len({row.problem_no for page in shown for row in page.rows}) == count


class TestCases:
    @pytest.fixture
    def silent(self, market: ClosedMarket):
        """Let two meters of a home be silent: one on two days, twice on the first of them; the other on one day."""
        last = in_force(market, "2020-12-02")
        with market.falsified() as forger:
            add(forger, 101, "2020-12-01", 1, 2, "METER_SILENT", "act", "meter H2-grid, 2020-12-01")
            add(forger, 102, "2020-12-01", 1, 2, "METER_SILENT", "act", "meter H2-grid export, 2020-12-01 slots 1-4")
            add(forger, 103, "2020-12-02", last, 2, "METER_SILENT", "act", "meter H2-grid, 2020-12-02")
            add(forger, 104, "2020-12-02", last, 2, "METER_SILENT", "act", "meter H2-pv, 2020-12-02")
            add(forger, 105, "2020-12-02", last, 2, "METER_SILENT", "watch", "meter H2-grid, 2020-12-02")
            yield

    def test_join_the_days_in_a_row_of_one_meter(self, views: StoredMarketViews, silent: None):
        page = views.problems(MARKET_ID, wanted=ProblemFilter(code=ProblemCode.METER_SILENT))

        told = [(row.problem_no, row.finding_count, row.first_date, row.delivery_date) for row in page.rows]
        assert told == [
            (103, 3, date(2020, 12, 1), date(2020, 12, 2)),
            (104, 1, None, date(2020, 12, 2)),
            (105, 1, None, date(2020, 12, 2)),
        ]
        assert (page.matching_count, page.case_count) == (5, 3)

    def test_are_what_the_head_counts(self, views: StoredMarketViews, silent: None):
        page = views.problems(MARKET_ID, wanted=ALL)

        acts = [count for count in page.counts if count.severity is Severity.ACT]
        assert page.market.act_problem_count == sum(count.case_count for count in acts)
        assert sum(count.problem_count for count in acts) - page.market.act_problem_count == 2

    def test_end_where_a_day_is_without(self, views: StoredMarketViews, market: ClosedMarket):
        first = in_force(market, "2020-11-30")
        with market.falsified() as forger:
            add(forger, 101, "2020-11-30", first, 2, "METER_SILENT", "act", "meter H2-grid, 2020-11-30")
            add(forger, 102, "2020-12-02", 1, 2, "METER_SILENT", "act", "meter H2-grid, 2020-12-02")

            page = views.problems(MARKET_ID, wanted=ProblemFilter(code=ProblemCode.METER_SILENT))

        assert [(row.problem_no, row.finding_count) for row in page.rows] == [(102, 1), (101, 1)]
