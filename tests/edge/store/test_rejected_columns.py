"""Rejected rows come back by their time of receipt, and each delivery names the connector that wrote it."""

from hypothesis import given
from hypothesis import strategies as st

from sanchi.app.deliveries import DeliveredFile, FileKind, RejectedRows, connector_of_name
from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.observations import RejectedRows as RejectedColumns
from sanchi.edge.store.rejected import rejected_in, rejected_tables
from tests.edge.store.stored_market import MARKET, StoredMarket
from tests.fakes.rejected import rejected_columns

Row = tuple[ProblemCode, str, int, int]
CODES = st.sampled_from([ProblemCode.NEGATIVE_ENERGY, ProblemCode.UNKNOWN_ADDRESS])
ROWS = st.lists(
    st.tuples(CODES, st.sampled_from(["", "ct-021", "br-021"]), st.integers(-(10**9), 10**9), st.integers(0, 1 << 40)),
    max_size=20,
)


def content(columns: RejectedColumns) -> list[Row]:
    devices = (*columns.device_texts, "")
    return sorted(
        (columns.codes[code], devices[device], reading, received_s)
        for code, device, reading, received_s in zip(
            columns.code_index.tolist(),
            columns.device_code.tolist(),
            columns.reading.tolist(),
            columns.received_s.tolist(),
            strict=True,
        )
    )


@given(rows=ROWS, edges=st.tuples(st.integers(0, 1 << 40), st.integers(0, 1 << 40)))
def test_tables_give_back_what_was_received_in_a_span(rows: list[Row], edges: tuple[int, int]):
    first_s, end_s = min(edges), max(edges)
    tables = [table for _, table in rejected_tables(rejected_columns(rows))]

    found = rejected_in(tables, first_s, end_s)

    assert content(found) == sorted(row for row in rows if first_s <= row[3] < end_s)


def test_delivery_keeps_them_and_names_its_connector(market: StoredMarket):
    store = market.home.stores.readings
    rows: list[Row] = [(ProblemCode.NEGATIVE_ENERGY, "ct-021", -5, 1_606_780_800)]
    name = "ctcloud-ct-east-20201201T000000Z-000000001.jsonl"
    with market.step():
        draft = store.draft_delivery(MARKET)
        columns = rejected_columns(rows)
        draft.add_rejected(
            RejectedRows(row_no=(1,), code=("NEGATIVE_ENERGY",), row_text=("x",), problems=(), columns=columns)
        )
        file = DeliveredFile(file_name=name, file_digest="d", file_kind=FileKind.CT_CLOUD, row_count=1)
        draft.save(file, None, ())

    assert content(store.rejected_between(MARKET, 1_606_780_800, 1_606_780_801)) == rows
    assert content(store.rejected_between(MARKET, 1_606_780_801, 1_606_790_000)) == []
    assert [each.connector for each in store.connectors(MARKET)] == ["ct-east"]


def test_names_that_no_connector_gives_name_none():
    assert connector_of_name("ctcloud-by-hand.jsonl") == ""
    assert connector_of_name("frames-gateways-20201201T000000Z-000000001.jsonl") == "gateways"
