"""Small damage as it happens on a way: bits, bytes, pieces that are lost, doubled or moved.

Enter: bytes and chance. Leave: other bytes. Not here: what becomes of them.
"""

from random import Random

INTERESTING = (
    b"\x00",
    b"\x01",
    b"\x7f",
    b"\x80",
    b"\xfe",
    b"\xff",
    b"\xff\xff\xff\xfe",
    b"\x7f\xff\xff\xfe",
    b"\n",
    b" ",
)
DAMAGE_MAX = 4


def mutated(content: bytes, random: Random) -> bytes:
    """Damage bytes at one to DAMAGE_MAX places."""
    changed = bytearray(content)
    for _ in range(random.randint(1, DAMAGE_MAX)):
        start = random.randint(0, len(changed))
        end = min(len(changed), start + random.choice((0, 1, 1, 2, 4, 16)))
        piece = bytes(changed[start:end])
        match random.randint(0, 5):
            case 0:
                changed[start:end] = b""
            case 1:
                changed[start:end] = piece * 2
            case 2:
                changed[start:end] = random.choice(INTERESTING)
            case 3:
                changed[start:end] = random.randbytes(len(piece))
            case 4 if start < len(changed):
                changed[start] ^= 1 << random.randint(0, 7)
            case _:
                changed[start:start] = random.choice(INTERESTING)
    return bytes(changed)
