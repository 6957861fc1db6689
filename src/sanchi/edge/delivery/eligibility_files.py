"""Give rules and facts of files to who asks for them.

Enter: paths. Leave: RuleBook, PairFacts. Not here: what stands in a file of rules (eligibility_rules).
"""

import tomllib
from pathlib import Path
from typing import Any, Final

from sanchi.app.eligibility_facts import LIST_MARK, pair_of_fields
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.eligibility import PairFacts, RuleBook
from sanchi.edge.delivery.eligibility_rules import FILE_BYTES_MAX, read_rules, shipped_rules
from sanchi.edge.delivery.unicode_text import decode_text

PAIR: Final = "pair"


class TomlEligibilityFiles:
    """Fulfils `sanchi.app.plant_eligibility.EligibilityFiles`."""

    def rules(self, path: Path | None) -> RuleBook:
        """Read a file of rules, None = those that the package ships."""
        return shipped_rules() if path is None else read_rules(path)

    def pair(self, path: Path) -> PairFacts:
        """Read the table [pair] of a file."""
        try:
            if path.stat().st_size > FILE_BYTES_MAX:
                raise UnreadableDelivery(f"{path} is larger than {FILE_BYTES_MAX >> 20} MiB.", hint="Name one pair.")
            document = tomllib.loads(decode_text(path.name, path.read_bytes()))
        except OSError as error:
            raise UnreadableDelivery(f"{path} cannot be read ({error.strerror}).", hint="Check its path.") from error
        except tomllib.TOMLDecodeError as error:
            raise UnreadableDelivery(f"{path} is not TOML: {error}.", hint="Correct that place.") from error
        table = document.get(PAIR)
        if set(document) != {PAIR} or not isinstance(table, dict):
            raise UnreadableDelivery(
                f"{path}: expected one table [{PAIR}].", hint="docs/reference/eligibility.md shows one."
            )
        return pair_of_fields(path.name, {name: _text(value) for name, value in table.items()})


def _text(value: Any) -> str:
    """Write a value of TOML as a command line would have it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return LIST_MARK.join(str(each) for each in value)
    return str(value)
