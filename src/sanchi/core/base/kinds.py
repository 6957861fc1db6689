"""The two kinds of environmental value that a roof gives.

Enters and leaves: the enumeration. Not here: who may certify which (see certificates).
"""

from enum import IntEnum


class CertificateKind(IntEnum):
    """What a certificate's watt-hours were: sold into the grid or used under the roof."""

    SURPLUS = 1  # 余剰電力: exported after the FIT ended; energy and environmental value together
    SELF_CONSUMPTION = 2  # 自家消費: used by the home itself; environmental value alone

    @property
    def text(self) -> str:
        """Give the name used in files, ids and pages: `surplus` or `self_consumption`."""
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> "CertificateKind":
        """Read the name used in files.

        Raises
        ------
        KeyError
            When the text is neither `surplus` nor `self_consumption`.
        """
        return {kind.text: kind for kind in cls}[text]
