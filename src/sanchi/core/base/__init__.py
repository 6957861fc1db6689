"""Units, slots, identifiers, exact shares and problems; imports nothing else of sanchi."""
