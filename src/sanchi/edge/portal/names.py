"""What parties, markets and perks are called in the language of the page.

Enters: a party, market or perk. Leaves: its name, or a monogram. Not here: colours (palette).
"""

import re
from typing import Final

from django.utils.translation import get_language

from sanchi.app.market import Perk
from sanchi.app.views.market_head import MarketHead, PartyRef
from sanchi.edge.portal.formats import JAPANESE

_FIRST_LETTER: Final = re.compile(r"[^\W\d_]")
_LAST_NUMBER: Final = re.compile(r"(\d{1,2})\D*$")


def named(who: PartyRef | MarketHead | Perk) -> str:
    """Give a name in the language of the page; the other one where there is none."""
    first, second = (who.name_ja, who.name) if get_language() == JAPANESE else (who.name, who.name_ja)
    return first or second


def company(party: PartyRef) -> str:
    """Give the company behind a party, empty where its name says it already."""
    return "" if party.company in {party.name, party.name_ja} else party.company


def monogram(party: PartyRef) -> str:
    """Give one letter of a name and its last number, to stand in for a face."""
    name = named(party)
    letter, number = _FIRST_LETTER.search(name), _LAST_NUMBER.search(name)
    return (letter.group().upper() if letter else "") + (number.group(1) if number else "")
