"""A battery with pencil and paper: each watt-hour that goes in is a cell, and cells are opened one after the other.

Enter: what a battery took and gave, slot by slot. Leave: what came out, and an account. Not here: certificates.
"""

from dataclasses import dataclass, field

# An opened cell holds as many parts as the efficiency says [permille]; a watt-hour at the output needs this many.
PARTS_OF_WH = 1_000


@dataclass
class Battery:
    """One period of one battery; capacity_wh : at the output. closed : cells that were not opened yet."""

    efficiency_permille: int
    capacity_wh: int
    carry_in_wh: int
    closed: int = field(init=False)
    charged_wh: int = 0
    opened: int = 0
    parts: int = 0
    discharged_wh: int = 0

    def __post_init__(self) -> None:
        """Begin with what the period before left."""
        self.closed = self.carry_in_wh

    def slot(self, charge_wh: int, home_wh: int, grid_wh: int) -> int:
        """Let a slot take for the home, then for the grid, then charge; returns what the home got."""
        got_wh = sum(self._gives_one() for _ in range(home_wh))
        self.discharged_wh += got_wh
        for _ in range(grid_wh):
            self._gives_one()
        self.closed += charge_wh
        self.charged_wh += charge_wh
        while self._inside_wh() > self.capacity_wh:
            self._gives_one()
        return got_wh

    def account(self) -> tuple[int, int, int, int, int]:
        """Give what was carried in, charged, came out for the home, was lost and is carried on."""
        return self.carry_in_wh, self.charged_wh, self.discharged_wh, self.opened - self.discharged_wh, self.closed

    def _inside_wh(self) -> int:
        """Tell how many whole watt-hours could still come out."""
        return (self.closed * self.efficiency_permille + self.parts) // PARTS_OF_WH

    def _gives_one(self) -> bool:
        """Give a watt-hour, and tell whether there was one."""
        if not self._inside_wh():
            return False
        while self.parts < PARTS_OF_WH:
            self.closed -= 1
            self.opened += 1
            self.parts += self.efficiency_permille
        self.parts -= PARTS_OF_WH
        return True
