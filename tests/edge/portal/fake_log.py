"""The made log: a checkpoint a day and month, and an operation, some of them countersigned."""

from functools import cache

from sanchi.app.views.log import CheckpointRow, LogView
from tests.edge.portal.fake_numbers import DATES
from tests.edge.portal.fake_parties import HEAD

KEY_TEXT = "sanchi/tokyo+0a1b2c3d+AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAh"


@cache
def log_view() -> LogView:
    """Make the checkpoints, latest first."""
    subjects = [*(f"day/{day}/{1 + number % 2}" for number, day in enumerate(DATES)), "month/2020-12", "operation/t-1"]
    return LogView(
        market=HEAD,
        key_text=KEY_TEXT,
        checkpoints=tuple(
            CheckpointRow(
                checkpoint_no=number,
                subject=subject,
                leaf_count=117 * number,
                root=f"{number:064x}",
                note=f"sanchi/tokyo\n{117 * number}\nroot\n\n\u2014 sanchi/tokyo signature\n",
                witnesses=("auditor.example",) if number % 7 == 0 else (),
            )
            for number, subject in reversed(list(enumerate(subjects, start=1)))
        ),
    )
