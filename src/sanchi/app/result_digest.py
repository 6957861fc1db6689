"""One digest over what a day's revision decided: equal digests mean that closing again changed nothing.

Enter: the result tables. Leaves: sha256 hex. Not here: findings and row counts, which may change without energy.
"""

from dataclasses import fields
from hashlib import sha256

import numpy as np

from sanchi.app.days import BuyerUseTable, ClosingTable, PassedOnTable, SlotEnergyTable
from sanchi.core.certificates.allocated import AllocatedEnergy


def result_digest(
    slot_energy: SlotEnergyTable,
    buyer_use: BuyerUseTable,
    allocated: AllocatedEnergy,
    closing: ClosingTable,
    passed_on: PassedOnTable,
) -> str:
    """Digest the arrays in the order of their fields, each preceded by its name, type and shape.

    A day on which nothing was passed on has the digest that it had before anything could be.
    """
    digest = sha256()
    second_level = (passed_on,) if passed_on.row_count else ()
    for table in (slot_energy, buyer_use, allocated, closing, *second_level):
        for field in fields(table):
            array = np.ascontiguousarray(getattr(table, field.name))
            digest.update(f"{type(table).__name__}.{field.name}:{array.dtype.str}:{array.shape}\n".encode())
            digest.update(array.tobytes())
    return digest.hexdigest()
