"""A slow and obvious look at a frame: is every byte of it spoken for?

Enters: bytes. Leaves: whether they are one whole frame of format 1, and how its properties are cut. Not here: values.
"""

KNOWN_ESV = {0x50, 0x51, 0x52, 0x53, 0x5E, 0x60, 0x61, 0x62, 0x63, 0x6E, 0x71, 0x72, 0x73, 0x74, 0x7A, 0x7E}
ESV_OF_TWO_LISTS = {0x6E, 0x7E, 0x5E}


def lists_of(frame: bytes) -> list[list[tuple[int, bytes]]] | None:
    """Cut a frame into its lists of properties; None where it is no whole frame."""
    rest = list(frame)
    if rest[:2] != [0x10, 0x81] or len(rest) < 12 or rest[10] not in KNOWN_ESV:
        return None
    n_lists = 2 if rest[10] in ESV_OF_TWO_LISTS else 1
    rest = rest[11:]
    lists = []
    try:
        for _ in range(n_lists):
            n_properties = rest.pop(0)
            properties = []
            for _ in range(n_properties):
                epc, pdc = rest.pop(0), rest.pop(0)
                properties.append((epc, bytes(rest.pop(0) for _ in range(pdc))))
            if not properties:
                return None
            lists.append(properties)
    except (IndexError, RuntimeError):  # a generator turns the first into the second
        return None
    return lists if not rest else None
