"""What the web pages read, one file a page: frozen values and the Protocol that gives them (market_views).

Energies in [Wh], money in 1e-5 yen or whole yen, dates and slot numbers. Not here: SQL, words, layout.
Unless a field says otherwise it counts revisions in force only, over all closed days of the market.
"""
