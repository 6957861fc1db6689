"""The work list: its filter and its pages."""

import pytest
from django.test import RequestFactory

from sanchi.app.views.problems import ProblemFilter
from sanchi.core.base.ids import PartyId
from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.edge.portal.paging import asked_page_no, page_queries
from sanchi.edge.portal.problems import asked_filter
from tests.edge.portal.conftest import MARKET


def request(query: str):
    return RequestFactory().get(f"/?{query}")


class TestFilter:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ProblemFilter()),
            ("severity=&code=&party=", ProblemFilter()),
            ("severity=act", ProblemFilter(severity=Severity.ACT)),
            ("code=METER_SILENT&party=H001", ProblemFilter(code=ProblemCode.METER_SILENT, party_id=PartyId("H001"))),
            ("severity=urgent&code=NO_SUCH", ProblemFilter()),
        ],
    )
    def test_is_read_from_the_address(self, query, expected):
        assert asked_filter(request(query)) == expected

    def test_shows_what_was_chosen(self, read):
        page = read(f"{MARKET}problems/?severity=act&code=METER_SILENT&party=H013")

        chosen = [attributes["value"] for tag, attributes in page.tags if "selected" in attributes]

        assert chosen == ["act", "METER_SILENT", "H013"]

    def test_groups_by_severity_in_order(self, read):
        groups = [
            attributes["id"]
            for _tag, attributes in read(f"{MARKET}problems/?page=2").tags
            if (attributes.get("id") or "").startswith("group-")
        ]

        assert groups == ["group-watch", "group-note"]

    def test_keeps_the_record_as_it_was_written(self, client):
        page = client.get(f"{MARKET}problems/?code=METER_SILENT", headers={"accept-language": "ja"}).content.decode()

        assert '<p lang="en"><b>H013, slots 17 to 29</b>' in page


class TestPaging:
    @pytest.mark.parametrize(
        ("text", "expected"), [("", 1), ("2", 2), ("0", 1), ("-3", 1), ("two", 1), ("９", 1), ("9" * 40, 1)]
    )
    def test_page_number_is_read(self, text, expected):
        assert asked_page_no(request(f"page={text}")) == expected

    def test_neighbours_keep_the_filter(self):
        queries = page_queries(request("severity=note&page=2"), 2, 3)

        assert queries == {"earlier_query": "?severity=note&page=1", "later_query": "?severity=note&page=3"}

    def test_ends_have_no_neighbour(self):
        assert page_queries(request(""), 1, 1) == {"earlier_query": "", "later_query": ""}
