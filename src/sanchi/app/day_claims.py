"""Tell what of a day's energy is not offered because its value is somebody else's.

Enter: a Roster and the day's slot energy. Leave: findings. Not here: the claims themselves (outside_data).
"""

from collections.abc import Iterator

import numpy as np

from sanchi.app.days import DayProblem, SlotEnergyTable
from sanchi.app.roster import Roster
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.problems import Problem, ProblemCode, Severity

HINT = "Nothing to do while the claim stands; once it ended, deliver outside_claims.csv with its until_date."


def claim_problems(roster: Roster, slot_energy: SlotEnergyTable) -> Iterator[DayProblem]:
    """Name each home and kind with energy that an outside claim alone keeps from being offered."""
    energy_wh = {
        CertificateKind.SURPLUS: slot_energy.export_pv_wh.sum(axis=1),
        CertificateKind.SELF_CONSUMPTION: slot_energy.self_wh.sum(axis=1),
    }
    for kind in CertificateKind:
        is_kept_back = roster.would_offer(kind) & roster.is_claimed(kind) & (energy_wh[kind] > 0)
        for row in np.flatnonzero(is_kept_back):
            home = roster.homes[row]
            claim = roster.claimed[kind][home.party_no]
            problem = Problem(
                code=ProblemCode.INSIDE_OUTSIDE_CLAIM,
                severity=Severity.NOTE,
                where=f"home {home.party_id}, {kind.text}, {roster.delivery_date}",
                detail=f"{energy_wh[kind][row]} Wh belong to {claim.scheme} (claim {claim.claim_id}): not offered",
                hint=HINT,
            )
            yield DayProblem(party_no=home.party_no, problem=problem, row_count=0)
