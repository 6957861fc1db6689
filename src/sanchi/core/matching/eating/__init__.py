"""Simultaneous eating in exact integers: choice tree, closing times, rounding numbers, parts, and why they are so.

The way in is `matched_day.match_day`, or tree, slot tables and rows of blocks where a day is too large for one array.
"""
