"""Intervals shorter than a slot: added up to half hours, and held against the register. Not here: whole slots."""
