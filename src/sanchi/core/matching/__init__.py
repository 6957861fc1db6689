"""Slot energy and offers become allocations: who from whom, in which slot, how many Wh."""
