"""The connections of a market's homes: their state, how well they hold, what recurs, whom to tell."""
