"""What other mechanisms share: whole Wh by weights and public phases, rounds of asking, keys, cut-offs.

Not here: any mechanism itself.
"""
