"""What the charts are made of."""

from sanchi.edge.portal.charts import Flow, Node, sankey
from sanchi.edge.portal.overview import laid_out
from sanchi.edge.portal.quality import quality_chart, quality_rows
from tests.edge.portal.fake_meters import connections_view
from tests.edge.portal.fake_numbers import N_DAYS, N_HOMES


def node(key: str, *, is_rest: bool = False) -> Node:
    return Node(key=key, label=key, colour="roof", is_rest=is_rest)


class TestSankey:
    def test_orders_each_side_by_its_sums_with_the_rest_last(self):
        flows = [
            Flow(source=node("small"), target=node("rest", is_rest=True), energy_wh=90),
            Flow(source=node("large"), target=node("second"), energy_wh=40),
            Flow(source=node("large"), target=node("first"), energy_wh=60),
        ]

        chart = sankey("flow", "label", flows)

        assert [one["key"] for one in chart.drawing["nodes"]] == ["large", "small", "first", "second", "rest"]
        assert chart.drawing["links"] == [["small", "rest", 90], ["large", "second", 40], ["large", "first", 60]]


class TestBar:
    def test_parts_touch_and_fill_the_whole(self):
        parts = laid_out([("a", "x", 1), ("b", "y", 1), ("c", "z", 1)])

        assert [(part.left_permille, part.width_permille) for part in parts] == [(0, 333), (333, 333), (666, 334)]

    def test_of_nothing_is_empty(self):
        assert [part.width_permille for part in laid_out([("a", "x", 0)])] == [0]


class TestQualityMap:
    def test_parts_each_cell_by_its_half_hours(self):
        cells = quality_chart(connections_view()).drawing["cells"]
        by_place = {(column, row): counts for column, row, *counts in cells}

        assert len(cells) == N_DAYS * N_HOMES
        assert by_place[45, 16] == [0, 0, 48, 0]
        assert by_place[90, 43] == [0, 0, 0, 48]
        assert all(sum(counts) == 48 for counts in by_place.values())

    def test_table_has_the_most_gaps_first(self):
        gaps = [slots.slot_count - slots.measured_slot_count for _home, slots in quality_rows(connections_view())]

        assert gaps == sorted(gaps, reverse=True)
