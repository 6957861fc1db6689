"""A stand-in for the outside world: real servers with seeded faults, and the truth kept aside."""
