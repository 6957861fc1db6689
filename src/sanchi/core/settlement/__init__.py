"""Allocations and prices become journals, exact to 1e-5 yen; who pays is not decided here."""
