"""The mechanisms: each a rule that makes an Allocation of a MatchMarket, with its definition and source.

The table of all of them is `sanchi.core.matching.mechanisms.table`. Not here: pages, files, a market's choice of one.
"""
