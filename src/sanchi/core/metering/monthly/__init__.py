"""Meters that are read once a month: their values, how one is spread over half hours, when one is overdue.

The ways in are `intake.take_in_months` and `spreading.spread_month`. Not here: measuring days (metering.day).
"""
