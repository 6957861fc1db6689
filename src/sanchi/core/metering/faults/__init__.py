"""Faults between a meter and sanchi: what they are called, where they sit. Not here: energies."""
