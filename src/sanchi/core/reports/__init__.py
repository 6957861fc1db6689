"""Finished values become tables for people; nothing is decided or changed here."""
