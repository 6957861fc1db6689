"""The work list of findings."""

import pytest

from sanchi.app.views.problems import ProblemFilter
from sanchi.core.base.ids import PartyId
from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.edge.store.views import StoredMarketViews, pages
from tests.edge.store.audit.closed_market import ClosedMarket, Forger
from tests.markets.small_market import MARKET_ID

ALL = ProblemFilter()


@pytest.fixture
def forged(market: ClosedMarket):
    """Add findings: of revisions in force and of one that is not."""
    with market.falsified() as forger:
        add(forger, 101, "2020-12-01", 1, 1, "GAP_ESTIMATED", "watch")
        add(forger, 102, "2020-12-02", 1, 2, "METER_SILENT", "act")
        add(forger, 103, "2020-12-01", 1, 2, "METER_SILENT", "act")
        add(forger, 104, "2020-12-01", 1, 2, "GAP_MISSING", "act")
        add(forger, 105, "2020-11-29", 1, 3, "METER_SILENT", "act")
        add(forger, 106, "2020-12-02", 1, None, "GAP_RECOVERED", "note")
        yield


def add(forger: Forger, problem_no: int, day: str, revision: int, party_no: int | None, code: str, severity: str):
    forger.sql(
        "INSERT INTO problem (market, problem_no, step, delivery_date, revision, party_no, code, severity, where_text, "
        "detail, hint, row_count) VALUES (%s, %s, 'close-day', %s, %s, %s, %s, %s, 'where', 'detail', 'hint', 0)",
        MARKET_ID, problem_no, day, revision, party_no, code, severity,
    )  # fmt: skip


class TestProblems:
    def test_stand_by_urgency_then_date_then_number(self, views: StoredMarketViews, forged: None):
        page = views.problems(MARKET_ID, wanted=ALL)

        assert [row.problem_no for row in page.rows if row.problem_no > 100] == [102, 103, 104, 101, 106]
        assert page.matching_count == len(page.rows) == 8

    def test_of_a_revision_that_is_not_in_force_are_gone(self, views: StoredMarketViews, forged: None):
        page = views.problems(MARKET_ID, wanted=ALL)

        assert 105 not in {row.problem_no for row in page.rows}
        assert [party.party_id for party in page.parties] == ["H1", "H2"]

    def test_of_a_delivery_name_its_file(self, views: StoredMarketViews):
        found = views.problems(MARKET_ID, wanted=ALL).rows
        rows = [row for row in found if row.file_name is not None]

        assert [row.code for row in found if row.file_name is None] == [ProblemCode.OPERATOR_DECIDED]
        assert {row.file_name for row in rows} == {"registers-faulty.csv"}
        assert {row.code for row in rows} == {ProblemCode.UNKNOWN_METER, ProblemCode.STAMP_OFF_BOUNDARY}
        assert [row.row_count for row in rows] == [1, 1]
        assert all(row.where and row.detail and row.hint for row in rows)

    def test_are_counted_without_the_filter(self, views: StoredMarketViews, forged: None):
        page = views.problems(MARKET_ID, wanted=ProblemFilter(severity=Severity.ACT, code=ProblemCode.GAP_MISSING))

        assert [row.problem_no for row in page.rows] == [104]
        assert page.matching_count == 1
        counts = {(each.severity, each.code): each.problem_count for each in page.counts}
        assert counts[Severity.ACT, ProblemCode.METER_SILENT] == 2
        assert sum(counts.values()) == 8
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

    def test_stand_on_pages(self, views: StoredMarketViews, forged: None, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(pages, "ROWS_PER_PAGE", 3)

        shown = [views.problems(MARKET_ID, wanted=ALL, page_no=page_no) for page_no in (1, 2, 9)]

        assert [(page.page_no, page.page_count, page.matching_count) for page in shown] == [
            (1, 3, 8),
            (2, 3, 8),
            (3, 3, 8),
        ]
        assert [len(page.rows) for page in shown] == [3, 3, 2]
        assert len({row.problem_no for page in shown for row in page.rows}) == 8
