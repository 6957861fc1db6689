"""Bytes of meter files become validated slot energy [Wh]; who buys it is not known here."""
