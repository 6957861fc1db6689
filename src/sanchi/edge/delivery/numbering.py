"""Number the records of a file's blocks on from one to the next.

Enter: a decoded block. Leaves: the same with other numbers. Not here: decoding.
"""

from dataclasses import replace

import numpy as np

from sanchi.core.metering.formats.decoded import DecodedFile


def numbered_on(decoded: DecodedFile, base: int) -> DecodedFile:
    """Let the records of a block begin after the first `base` records of the file."""
    if not base:
        return decoded
    return replace(
        decoded,
        rows=replace(decoded.rows, record_no=decoded.rows.record_no + np.int32(base)),
        problems=tuple(replace(problem, record_no=problem.record_no + base) for problem in decoded.problems),
    )
