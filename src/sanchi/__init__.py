"""sanchi (産地, "place of origin"): each half hour of rooftop solar power, from its roof to its buyer."""

__version__ = "0.1.0"
