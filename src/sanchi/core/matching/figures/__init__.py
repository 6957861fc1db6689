"""What can be said of any allocation afterwards: welfare, envy, blocking pairs, sums to compare by, reasons.

Not here: any mechanism, any words.
"""
