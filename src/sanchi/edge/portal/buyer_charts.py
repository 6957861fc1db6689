"""The charts of a buyer's page.

Enters: BuyerView. Leaves: Charts. Not here: sums for tables (buyers).
"""

from django.utils.translation import gettext as _

from sanchi.app.views.buyers import BuyerView
from sanchi.core.base.units import PERMILLE
from sanchi.edge.portal import charts
from sanchi.edge.portal.formats import kwh_text, share_text
from sanchi.edge.portal.palette import colour_name

_HOURS_PER_DAY = 24


def days_chart(view: BuyerView) -> charts.Chart:
    """Draw what was received each day, against the metered use."""
    days = view.days
    series = [
        charts.Series(
            name=_("Surplus received"),
            colour=colour_name(view.buyer),
            values_wh=[day.surplus_wh for day in days],
        ),
        charts.Series(
            name=_("Value of self-consumption received"),
            colour="sold",
            values_wh=[day.self_wh for day in days],
        ),
        charts.Series(name=_("Metered use"), colour="use", values_wh=[day.use_wh for day in days], shape="line"),
    ]
    return charts.bars(
        "days",
        _("Bars and a line over the days: energy received from roofs and metered use, in kWh"),
        axis="date",
        ticks=[day.delivery_date.isoformat() for day in days],
        series=[one for one in series if any(one.values_wh)],
    )


def matched_chart(view: BuyerView) -> charts.Chart:
    """Draw each hour of each day in the strength of its matched share."""
    dates = sorted({hour.delivery_date for hour in view.hours})
    column_of = {day: column for column, day in enumerate(dates)}
    drawn = charts.Grid(
        columns=[day.isoformat() for day in dates],
        rows=[f"{hour_no - 1:02d}:00" for hour_no in range(1, _HOURS_PER_DAY + 1)],
        states=[(_("Share of use covered in the same half hour"), "matched")],
        details=[_("Metered use, kWh"), _("Covered, kWh"), _("Share")],
        cells=[
            [
                column_of[hour.delivery_date],
                hour.hour_no - 1,
                0,
                hour.matched_wh * PERMILLE // hour.use_wh,
                kwh_text(hour.use_wh, 2),
                kwh_text(hour.matched_wh, 2),
                share_text(hour.matched_wh, hour.use_wh),
            ]
            for hour in view.hours
            if hour.use_wh > 0
        ],
    )
    return charts.grid(
        "matched",
        _("Map of days and hours: share of the metered use that roofs covered in time"),
        drawn,
        row_px=15,
    )
