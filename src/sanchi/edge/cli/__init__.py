"""The commands of the terminal, grouped by noun; translates words into use cases and results into text."""
