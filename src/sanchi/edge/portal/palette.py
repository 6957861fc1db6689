"""One colour a party, the same on every page: a hue, and a pattern where the hues begin again.

Enters: a party. Leaves: names of CSS classes and of colours for charts. The colours stand in portal.css.
"""

from typing import Final

from sanchi.app.market import PartyRole
from sanchi.app.views.market_head import PartyRef

# Eight hues that stay apart for colour-blind readers (least OKLab distance 0.115 under simulated protan-,
# deuter- and tritanopia), each with 3:1 contrast to the page; more would not.
N_HUES: Final = 8
N_TIERS: Final = 3  # plain, hatched, dotted


def hue_no(party: PartyRef) -> int:
    """Give the party's hue, 1..N_HUES."""
    return (party.order_no - 1) % N_HUES + 1


def tier_no(party: PartyRef) -> int:
    """Give the party's pattern, 0 = plain."""
    return (party.order_no - 1) // N_HUES % N_TIERS


def colour_name(party: PartyRef) -> str:
    """Name the party's colour for the charts: `hue-3`, or `hue-3/1` with a pattern; retailers share one."""
    if party.role is PartyRole.RETAILER:
        return "offer"
    tier = tier_no(party)
    return f"hue-{hue_no(party)}/{tier}" if tier else f"hue-{hue_no(party)}"


def colour_classes(party: PartyRef) -> str:
    """Name the CSS classes of the party's colour."""
    if party.role is PartyRole.RETAILER:
        return "hue-offer"
    return f"hue-{hue_no(party)} tier-{tier_no(party)}"
