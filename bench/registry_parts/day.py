"""A made-up market-day of many homes: what matching leaves, of a realistic size, the same for the same seed.

Enters: how many homes. Leaves: AllocatedEnergy, and the plants. Not here: any rule of matching.
"""

from datetime import date

import numpy as np

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.certificates.certificate import CertifiedPlant

DAY = date(2020, 12, 5)
N_BUYERS = 50
FIRST_SLOT, LAST_SLOT = 12, 37  # 26 half hours between half past five and half past six
HOLDERS_SHARES = (0.5, 0.3, 0.2)  # how many certificates have one, two and three holders
SPLIT_SHARE = 0.25  # how many half hours of a certificate of several holders are cut between two of them
ENERGY_WH_MAX = 1_200


def drawn_allocation(n_homes: int, seed: int = 1) -> AllocatedEnergy:
    """Draw a day: both kinds of every home in 26 slots, a holder a slot, now and then two.

    Homes have the numbers 1..n_homes, buyers the N_BUYERS numbers behind them.
    """
    rng = np.random.default_rng(seed)
    n_certificates, n_slots = 2 * n_homes, LAST_SLOT - FIRST_SLOT + 1
    n_holders = rng.choice(np.arange(1, len(HOLDERS_SHARES) + 1), n_certificates, p=HOLDERS_SHARES)
    first_buyer = rng.integers(0, N_BUYERS, n_certificates)
    certificate = np.repeat(np.arange(n_certificates), n_slots)
    slot_no = np.tile(np.arange(FIRST_SLOT, LAST_SLOT + 1), n_certificates)
    place = rng.integers(0, n_holders[certificate])
    is_split = (rng.random(certificate.size) < SPLIT_SHARE) & (n_holders[certificate] > 1)
    rows = np.concatenate([np.arange(certificate.size), np.flatnonzero(is_split)])
    is_second = np.arange(rows.size) >= certificate.size
    certificate, slot_no = certificate[rows], slot_no[rows]
    place = (place[rows] + is_second) % n_holders[certificate]
    is_self = certificate % 2 == 1
    return AllocatedEnergy(
        kind_no=np.where(is_self, CertificateKind.SELF_CONSUMPTION, CertificateKind.SURPLUS).astype(np.int8),
        home_no=(certificate // 2 + 1).astype(np.int32),
        slot_no=slot_no.astype(np.int8),
        choice_no=(place + 1).astype(np.int8),
        holder_no=(n_homes + 1 + (first_buyer[certificate] + place) % N_BUYERS).astype(np.int32),
        energy_wh=rng.integers(1, ENERGY_WH_MAX, rows.size),
        home_price_sen_per_kwh=np.full(rows.size, 1_000, dtype=np.int64),
        buyer_price_sen_per_kwh=np.full(rows.size, 1_100, dtype=np.int64),
    )


def plants_of(n_homes: int) -> list[CertifiedPlant]:
    """Give what certificates say of each roof."""
    return [
        CertifiedPlant(
            home_no=home_no,
            device_id=f"PV-{home_no:06}",
            commissioning_date=date(2010, 6, 1),
            fit_end=date(2020, 6, 1),
            measurement_grade="ct",
            ct_class_permille=30,
        )
        for home_no in range(1, n_homes + 1)
    ]
