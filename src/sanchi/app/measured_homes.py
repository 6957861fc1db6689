"""What the homes of a market measured of a channel on a closed day: the shape of homes that are read once a month.

Enters: a SlotValueTable. Leaves: MeasuredHomes. Not here: which days and revisions.
"""

import numpy as np

from sanchi.app.days import SlotValueTable
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.methods import Method
from sanchi.core.metering.monthly.spreading import MeasuredHomes
from sanchi.core.metering.readings import Channel, Quality


def measured_homes(slot_values: SlotValueTable, channel: Channel) -> MeasuredHomes:
    """Add up what is measured or recovered; what was itself spread from a month shapes no other home.

    A home counts in a half hour once, whatever the number of its meters.
    """
    is_taken = (
        (slot_values.channel_no == channel)
        & (slot_values.quality >= Quality.RECOVERED)
        & (slot_values.method_no != Method.MONTHLY_LIKE_DAYS)
    )
    slot_index = slot_values.slot_no[is_taken].astype(np.int64) - 1
    energy_wh = np.zeros(SLOTS_PER_DAY, dtype=np.int64)
    np.add.at(energy_wh, slot_index, slot_values.energy_wh[is_taken])
    home_slot = np.unique(slot_values.party_no[is_taken].astype(np.int64) * SLOTS_PER_DAY + slot_index)
    return MeasuredHomes(
        energy_wh=energy_wh, home_count=np.bincount(home_slot % SLOTS_PER_DAY, minlength=SLOTS_PER_DAY)
    )
