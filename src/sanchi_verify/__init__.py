"""Checks what an operator of sanchi says, without its programs: the standard library and `cryptography` alone."""
