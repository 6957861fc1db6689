"""Compare the columns that a file has with those that its kind demands.

Enter: names. Leaves: nothing, or UnreadableDelivery. Not here: what the columns hold.
"""

from collections import Counter
from collections.abc import Sequence

from sanchi.core.base.errors import UnreadableDelivery


def check_column_names(
    file_name: str, found: Sequence[str], expected: Sequence[str], optional: Sequence[str] = ()
) -> None:
    """Refuse a file whose columns are not exactly the expected ones; their order is free.

    optional : those of the expected columns that a file may leave out.
    """
    faults = [
        ("misses", [name for name in expected if name not in found and name not in optional]),
        ("has besides", [name or "(no name)" for name in found if name not in expected]),
        ("repeats", [name for name, times in Counter(found).items() if times > 1 and name in expected]),
    ]
    told = [f"{verb} {', '.join(names)}" for verb, names in faults if names]
    if told:
        raise UnreadableDelivery(
            f"{file_name} {'; it '.join(told)}.",
            hint=f"Expected columns, separated by commas: {', '.join(expected)}.",
        )
