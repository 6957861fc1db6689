"""Wires the matching of fleets, which has neither home nor database.

Enters: a FleetOrder. Leaves: a FleetReport. Not here: the work (edge.fleet).
"""

import os
from pathlib import Path

from sanchi.app.match_fleet import FleetOrder, FleetReport
from sanchi.start.wiring import numba_cache_folder


def match(order: FleetOrder) -> FleetReport:
    """Give compiled kernels a place of their own before the first is called, then match."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(numba_cache_folder(_cache_folder())))
    from sanchi.edge.fleet.run import run_fleet

    return run_fleet(order)


def _cache_folder() -> Path:
    """Give the home's cache where there is a home, else the user's."""
    if home := os.environ.get("SANCHI_HOME"):
        return Path(home).resolve() / "cache"
    user_cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(user_cache) if user_cache else Path.home() / ".cache") / "sanchi"
