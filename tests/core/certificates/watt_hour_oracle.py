"""Certificates one watt-hour at a time: the slow, obvious model that slices are compared to.

Enter: the same events. Leave: the state of each serial, and debts. Not here: slices, segments, arrays.
"""

from dataclasses import dataclass, field


@dataclass
class WattHour:
    """One certified watt-hour."""

    certificate_id: str
    serial: int
    revision: int
    day: object
    slot_no: int
    holder_no: int
    state: str


@dataclass
class WattHours:
    """All watt-hours of one home and kind, and what it owes."""

    certified: list[WattHour] = field(default_factory=list)

    def issue(self, certificate_id, revision, day, energy_wh):
        """Certify {(slot, holder): Wh}: serials by holder, then slot."""
        serial = 0
        for holder_no, slot_no in sorted((holder, slot) for slot, holder in energy_wh):
            for _ in range(energy_wh[slot_no, holder_no]):
                self.certified.append(WattHour(certificate_id, serial, revision, day, slot_no, holder_no, "active"))
                serial += 1

    def withdraw_day(self, day):
        """Take every watt-hour of a day back."""
        for each in self._of(day):
            each.state = "withdrawn"

    def retire_day(self, day, buyers):
        """Use up what buyers hold."""
        for each in self._of(day):
            if each.holder_no in buyers and each.state == "active":
                each.state = "retired"

    def remove(self, day, slot_no, holder_no):
        """Take one watt-hour back: the newest, highest active one; False where all are final."""
        active = [
            each
            for each in self._of(day)
            if (each.slot_no, each.holder_no, each.state) == (slot_no, holder_no, "active")
        ]
        if not active:
            return False
        max(active, key=lambda each: (each.revision, each.serial)).state = "withdrawn"
        return True

    def live_wh(self, day=None, holder_no=None):
        """Count what is not withdrawn."""
        return sum(
            each.state != "withdrawn"
            for each in self.certified
            if day in (None, each.day) and holder_no in (None, each.holder_no)
        )

    def states(self):
        """Give the state of each serial of each certificate."""
        return {(each.certificate_id, each.serial): each.state for each in self.certified}

    def _of(self, day):
        """Give a day's watt-hours."""
        return [each for each in self.certified if each.day == day]
