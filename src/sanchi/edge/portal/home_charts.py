"""The charts of a home's page.

Enters: HomeView. Leaves: Charts. Not here: words about a day (home_day).
"""

from django.utils.translation import gettext as _

from sanchi.app.views.homes import HomeDayDetail, HomeView, SlotSharing
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.edge.portal import charts
from sanchi.edge.portal.formats import slot_text
from sanchi.edge.portal.home_day import buyers_of
from sanchi.edge.portal.names import named
from sanchi.edge.portal.palette import colour_name

SLOT_TICKS = tuple(slot_text(slot_no) for slot_no in range(1, SLOTS_PER_DAY + 1))
_NOBODY = 0


def mean_day_chart(view: HomeView) -> charts.Chart:
    """Draw the home's mean day."""
    mean = view.mean_day
    return charts.bars(
        "mean-day",
        _("Curves over the day: mean generation, use and export of each half hour, in kWh"),
        axis="slot",
        ticks=SLOT_TICKS,
        series=[
            charts.Series(name=_("Generated"), colour="sun", values_wh=mean.pv_wh, shape="area"),
            charts.Series(name=_("Used at home"), colour="use", values_wh=mean.use_wh, shape="line"),
            charts.Series(name=_("Exported"), colour="export", values_wh=mean.export_wh, shape="line"),
        ],
    )


def days_chart(view: HomeView) -> charts.Chart:
    """Draw where the power of each day went."""
    days = view.days
    destinations = (
        (_("Surplus to chosen buyers"), "allocated", [day.surplus_sold_wh for day in days]),
        (_("Standard offer"), "offer", [day.standard_offer_wh for day in days]),
        (_("Self-consumption, value sold"), "sold", [day.self_sold_wh for day in days]),
        (_("Self-consumption, value kept"), "kept", [day.self_kept_wh for day in days]),
    )
    return charts.bars(
        "days",
        _("Stacked bars: where this roof's power went on each day, in kWh"),
        axis="date",
        ticks=[day.delivery_date.isoformat() for day in days],
        series=[
            charts.Series(name=name, colour=colour, values_wh=values_wh)
            for name, colour, values_wh in destinations
            if any(values_wh)
        ],
    )


def day_chart(view: HomeView) -> charts.Chart:
    """Draw where each half hour of the shown day went, under the curve of generation."""
    detail = view.detail
    assert detail is not None, "a day that is not closed has no chart"
    return charts.bars(
        "day",
        _("Stacked bars: who got each half hour of this day, in kWh, with the curve of generation"),
        axis="slot",
        ticks=SLOT_TICKS,
        series=[
            *_takers(view, detail),
            charts.Series(name=_("Generated"), colour="sun", values_wh=detail.pv_wh, shape="line"),
        ],
        height_px=360,
    )


def _takers(view: HomeView, detail: HomeDayDetail) -> list[charts.Series]:
    """Give one series for each kind and taker, the rest of the kind last."""
    parts_wh: dict[tuple[CertificateKind, int], list[int]] = {}
    for sharing in detail.sharing:
        for taker, part_wh in _parts(sharing):
            row = parts_wh.setdefault((sharing.kind, taker), [0] * SLOTS_PER_DAY)
            row[sharing.slot_no - 1] += part_wh
    in_order = sorted(parts_wh, key=lambda key: (key[0], key[1] == _NOBODY, key[1]))
    return [_series(view, *key, parts_wh[key]) for key in in_order if any(parts_wh[key])]


def _parts(sharing: SlotSharing) -> list[tuple[int, int]]:
    """List who took how much of a slot; _NOBODY took the rest."""
    explained = sharing.explanation
    chosen = [(choice.buyer_no, choice.part_wh) for choice in explained.choices]
    return [*chosen, (_NOBODY, explained.rest_wh)]


def _series(view: HomeView, kind: CertificateKind, taker: int, values_wh: list[int]) -> charts.Series:
    """Name and colour what a taker got."""
    is_surplus = kind is CertificateKind.SURPLUS
    if taker == _NOBODY:
        name = _("Standard offer") if is_surplus else _("Self-consumption, value kept")
        return charts.Series(name=name, colour="offer" if is_surplus else "kept", values_wh=values_wh)
    buyer = buyers_of(view)[taker]
    name = named(buyer) if is_surplus else _("%(buyer)s (value of self-consumption)") % {"buyer": named(buyer)}
    return charts.Series(name=name, colour=colour_name(buyer), values_wh=values_wh)
