"""Small documents of the network operator for tests, in its own tags.

Enter: points, slots, kWh. Leave: XML texts. Not here: archives.
"""

from collections.abc import Sequence

POINT = "0300012345678901234567"
OTHER_POINT = "0300012345678901234568"


def element(tag: str, *content: str) -> str:
    return f"<{tag}>{''.join(content)}</{tag}>"


def detail(
    kwh: str, point: str = POINT, control_no: str = "A1", availability: str = "0", row: str = "JPMR00011"
) -> str:
    return element(
        row,
        element("JP06400", point),
        element("JP06120", "需要家"),
        element("JP06121", control_no),
        element("JP06122", availability),
        *([element("JP06125", kwh)] if kwh else []),
    )


def daily(slots: dict[str, Sequence[str]], day: str = "20201201", encoding: str = "UTF-8") -> str:
    """Write a day: details by slot."""
    rows = (
        element("JPMR00010", element("JP06219", slot), element("JPM00011", *details)) for slot, details in slots.items()
    )
    body = element("JPTRM", element("JP06116", day), element("JPM00010", *rows))
    return f'<?xml version="1.0" encoding="{encoding}"?>' + element("SBD-MSG", element("JPMGRP", body))


def same_day(slot: str, details: Sequence[str], day: str = "20201201") -> str:
    """Write one half hour; details have to be rows JPMR00010."""
    body = element("JPTRM", element("JP06116", day), element("JP06219", slot), element("JPM00010", *details))
    return '<?xml version="1.0" encoding="UTF-8"?>' + element("SBD-MSG", element("JPMGRP", body))


def confirmed(days: dict[str, dict[str, str]], point: str = POINT, availability: str = "0", month_kwh: str = "") -> str:
    """Write the confirmed use of a point: kWh by day and slot."""
    of_days = [
        element(
            "JPMR00013",
            element("JP06423", day),
            element(
                "JPM00014",
                *(
                    element("JPMR00014", element("JP06219", slot), element("JP06424", kwh))
                    for slot, kwh in slots.items()
                ),
            ),
        )
        for day, slots in days.items()
    ]
    of_point = element(
        "JPMR00010",
        element("JP06400", point),
        element("JP06405", availability),
        *([element("JP06426", month_kwh)] if month_kwh else []),
        *([element("JPM00013", *of_days)] if of_days else []),
    )
    body = element("JPTRM", element("JP06401", "202012"), element("JPM00010", of_point))
    return '<?xml version="1.0" encoding="UTF-8"?>' + element("SBD-MSG", element("JPMGRP", body))
