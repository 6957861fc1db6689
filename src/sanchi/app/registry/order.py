"""Who asks for an operation, under which id and why; and the slices that its items name.

Enter: an OperationOrder, items. Leave: an OperationHead, HeldSlices. Not here: what is done (one file a verb).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sanchi.app.stores import Stores
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import CertificateId, MarketId
from sanchi.core.certificates.operations import OperationHead, body_digest_of
from sanchi.core.certificates.requests import HeldSlice, Named, Selection, Serials
from sanchi.core.certificates.state import CertificateState, Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationOrder:
    """The id under which an operation happens once, who asks for it and why.

    Ids that begin with the name of a step (close-day/, revise-day/, close-month/) are the platform's own.
    """

    operation_id: str
    actor: str
    reason: str

    def __post_init__(self) -> None:
        """Refuse an order that names nobody, or takes an id of the platform: WrongInput."""
        if not self.operation_id or not self.actor:
            raise WrongInput("An operation needs an id and an actor.", hint="Give both.")
        if self.operation_id.partition("/")[0] in {"close-day", "revise-day", "close-month"}:
            raise WrongInput(
                f"{self.operation_id} is an id that the platform gives to its own steps.", hint="Choose another."
            )

    def head(self, operation: Operation, body: Mapping[str, Any]) -> OperationHead:
        """Make the head of the operation; body is all that was asked, without who and why."""
        return OperationHead(
            operation_id=self.operation_id,
            operation=operation,
            actor=self.actor,
            reason=self.reason,
            body_digest=body_digest_of(body),
        )


def load_named(
    stores: Stores,
    market_id: MarketId,
    items: Iterable[Named],
    state_of_selection: CertificateState = CertificateState.ACTIVE,
) -> tuple[HeldSlice, ...]:
    """Load every slice that an item may touch, each once, oldest first where a selection looks."""
    selections: list[Selection] = []
    certificate_ids: set[CertificateId] = set()
    for item in items:
        if isinstance(item, Serials):
            certificate_ids.add(item.certificate_id)
        else:
            selections.append(item)
    selected = stores.registry.slices_selected(market_id, selections, state_of_selection)
    named = stores.registry.slices_of_certificates(market_id, certificate_ids)
    return tuple({(each.piece.certificate_id, each.piece.lo_wh): each for each in (*selected, *named)}.values())
