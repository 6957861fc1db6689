"""The table of states: one line a state and operation, and what becomes of it."""

import pytest

from sanchi.core.base.errors import Refused
from sanchi.core.certificates.state import (
    FINAL_STATES,
    TRANSITIONS,
    CertificateState,
    Operation,
    is_possible,
    next_state,
)

FINAL, UNKNOWN = "ALREADY_FINAL", "TRANSITION_UNKNOWN"
COLUMNS = ("transfer", "reserve", "release", "retire", "expire", "export", "charge", "withdraw", "split")
TABLE = {
    "active": ("active", "reserved", UNKNOWN, "retired", "expired", "in_export_lot", "charged", "withdrawn", "active"),
    "reserved": (UNKNOWN, UNKNOWN, "active", "retired", UNKNOWN, UNKNOWN, UNKNOWN, "withdrawn", "reserved"),
    "retired": (FINAL,) * 9,
    "expired": (FINAL,) * 9,
    "in_export_lot": (FINAL,) * 9,
    "charged": (FINAL,) * 9,
    "withdrawn": (FINAL,) * 9,
}
CASES = [(state, *case) for state, row in TABLE.items() for case in zip(COLUMNS, row, strict=True)]
REFUSED = [case for case in CASES if case[2] in (FINAL, UNKNOWN)]
POSSIBLE = [case for case in CASES if case not in REFUSED]


class TestNextState:
    @pytest.mark.parametrize(("state", "operation", "expected"), POSSIBLE)
    def test_possible_operation_leads_on(self, state, operation, expected):
        before = CertificateState[state.upper()]

        assert next_state(before, Operation(operation)) is CertificateState[expected.upper()]
        assert is_possible(before, Operation(operation))

    @pytest.mark.parametrize(("state", "operation", "rule"), REFUSED)
    def test_other_operation_is_refused_by_rule(self, state, operation, rule):
        before = CertificateState[state.upper()]

        with pytest.raises(Refused) as refusal:
            next_state(before, Operation(operation))

        assert refusal.value.rule == rule
        assert not is_possible(before, Operation(operation))

    def test_refusal_says_what_is_possible_instead(self):
        with pytest.raises(Refused, match="It can split, release, retire, withdraw"):
            next_state(CertificateState.RESERVED, Operation.EXPIRE)


class TestTransitions:
    def test_table_of_the_test_is_complete(self):
        assert {state.text for state in CertificateState} == set(TABLE)
        assert {operation.value for operation in Operation} == set(COLUMNS)

    def test_no_final_state_is_left(self):
        assert not FINAL_STATES & {state for state, _ in TRANSITIONS}

    def test_numbers_are_those_of_the_database(self):
        assert [state.value for state in CertificateState] == [1, 2, 3, 4, 5, 6, 7]
