"""Allocations become certificates with slices and states; how they are stored is not known here."""
