"""How far a connector got: one small file each, written after the data that it speaks of.

Enter: a state as a JSON object. Leaves: the same after a restart. Not here: what the keys mean.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sanchi.core.base.errors import SetupFault
from sanchi.edge.connectors.lasting import write_lasting


@dataclass(frozen=True, slots=True)
class StateFile:
    """The state of one connector."""

    folder: Path
    connector: str

    @property
    def name(self) -> str:
        """Name the file."""
        return f"state-{self.connector}.json"

    def read(self) -> dict[str, Any]:
        """Give the state, empty before the first round. Raises: SetupFault: a guess could leave readings out."""
        file = self.folder / self.name
        try:
            state = json.loads(file.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._unreadable(str(error)) from error
        if not isinstance(state, dict):
            raise self._unreadable("it is no JSON object")
        return state

    def write(self, state: dict[str, Any]) -> None:
        """Let a state last. Raises: OSError."""
        write_lasting(self.folder, self.name, json.dumps(state, sort_keys=True).encode())

    def _unreadable(self, reason: str) -> SetupFault:
        """Word a state that cannot be understood."""
        return SetupFault(
            f"{self.folder / self.name} cannot be read: {reason}.",
            hint="Remove it: the connector begins anew, everything comes again and counts once.",
        )
