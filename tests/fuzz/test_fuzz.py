"""Decoders hold on bytes that nobody foresaw: what the corpus keeps, and what Hypothesis finds in the time it gets.

Enters: SANCHI_FUZZ_S, the seconds that each target gets (10 unless told: a minute for all). More: scripts/fuzz.
"""

import os
import time
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.corpus_files import corpus_of
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS

FUZZ_S = float(os.environ.get("SANCHI_FUZZ_S", "10"))
EXAMPLES_PER_ROUND = 50
UNCHECKED = list(HealthCheck)
CORPUS = Path(__file__).parent / "corpus"


class TestFuzz:
    @pytest.mark.parametrize("name", TARGETS)
    def test_corpus_is_borne(self, name: str):
        contents = corpus_of(name)

        assert contents
        for content in contents:
            TARGETS[name](content)

    @pytest.mark.parametrize("name", TARGETS)
    def test_whatever_comes_is_borne(self, name: str):
        ends_at = time.monotonic() + FUZZ_S
        contents = st.one_of(
            st.binary(max_size=300),
            st.builds(mutated, st.sampled_from(corpus_of(name)), st.randoms(use_true_random=False)),
        )

        # The time decides how many rounds there are; each run begins with the same ones, and no round is cut short.
        for round_no in count(1):

            @seed(round_no)
            @settings(
                max_examples=EXAMPLES_PER_ROUND, database=None, deadline=None, suppress_health_check=list(HealthCheck)
            )
            @given(contents)
            def bears(content: bytes) -> None:
                TARGETS[name](content)

            bears()
            if time.monotonic() > ends_at:
                break
