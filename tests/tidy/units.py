"""The one list of endings that a public number of core and app may have, and how a number is recognised.

Enters: a name and its annotation; leaves: whether the name tells its unit. Not here: which names are checked.
"""

import ast

ENDINGS = (
    *("wh", "kwh", "mwh", "w", "wh_per_slot", "wh_per_day", "wh_per_month"),  # energy and power
    *("sen_per_kwh", "millisen_per_kwh", "sen", "yen", "e5yen", "permille"),  # prices, money, rates
    *("years", "months", "days", "slots", "minutes", "s"),  # lengths of time
    *("t32", "u60", "phi60", "salt", "word"),  # 2^-32 of a slot, 2^-60 Wh, 64 bits of chance
    *("bytes", "digits", "count"),  # amounts of things
    *("g_per_kwh", "mg"),  # emissions
    *("m", "dbm", "lqi"),  # distance, strength of radio, quality of a radio link
    *("index", "no", "ordinal", "boundary", "position"),  # places in an order
    *("rank", "order", "day", "revision"),  # the same, counted by people
    *("key", "code"),  # names written as numbers
    *("quality", "level", "points"),  # steps of a scale
)

# Names whose unit is their meaning.
WHOLE_NAMES = frozenset({"year", "fiscal_year", "month", "reading", "choices", "total", "weights", "figure"})

PREFIXES = ("n_", "is_", "has_")

# An extreme, or several of the same, stands after the unit.
AFTER_UNIT = ("_max", "_min", "_in_force", "s")

NUMBERS = frozenset({"int", "float", "integer", "ndarray", "NDArray", "int8", "int16", "int32", "int64", "uint64"})
NO_NUMBERS = frozenset({"bool_", "str_", "object_", "bytes_"})


def tells_unit(name: str) -> bool:
    """Tell whether a name says in which unit its number counts."""
    names = [name, *(name.removesuffix(end) for end in AFTER_UNIT if name.endswith(end))]
    return name.startswith(PREFIXES) or any(ends_in_unit(candidate) for candidate in names)


def ends_in_unit(name: str) -> bool:
    """Tell whether a name is, or ends in, one of the endings."""
    return name in WHOLE_NAMES or any(f"_{name}".endswith(f"_{ending}") for ending in ENDINGS)


def is_number(annotation: ast.expr | None) -> bool:
    """Tell whether an annotation is a number, an optional number or an array of numbers."""
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return is_number(left) or is_number(right)
        case ast.Subscript(value=value):
            return is_number(value) and not NO_NUMBERS & words_of(annotation)
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return word in NUMBERS or (word.endswith("Array") and word != "Array")
        case _:
            return False


def words_of(annotation: ast.expr) -> set[str]:
    """Collect the bare words of an annotation."""
    nodes = list(ast.walk(annotation))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}
