"""Read of a body only what paging needs; everything else is left to the decoders.

Enter: bytes. Leave: objects, lists, texts, or AskFailed. Not here: readings.
"""

import json
from datetime import datetime
from typing import Any, Final

from sanchi.edge.connectors.asking import AskFailed

OK: Final = 200


def json_of(body: bytes, path: str) -> Any:
    """Read a body as JSON. Raises: AskFailed."""
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise AskFailed(f"{path} answers what is not JSON", OK) from error


def object_of(body: bytes, path: str) -> dict[str, Any]:
    """Read a body as a JSON object. Raises: AskFailed."""
    answer = json_of(body, path)
    if not isinstance(answer, dict):
        raise AskFailed(f"{path} answers no JSON object", OK)
    return answer


def list_in(answer: dict[str, Any], key: str, path: str) -> list[Any]:
    """Take a list out of an answer. Raises: AskFailed."""
    found = answer.get(key)
    if not isinstance(found, list):
        raise AskFailed(f"{path} answers without the list {key}", OK)
    return found


def instant_of(value: Any) -> datetime | None:
    """Read a stamp with an offset; None where there is none."""
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return instant if instant.tzinfo is not None else None
