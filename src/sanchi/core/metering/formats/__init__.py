"""Formats of the outside world: bytes become rows that are readings, and problems. Not here: whose meter it is."""
