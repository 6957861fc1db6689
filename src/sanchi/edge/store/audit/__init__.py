"""The independent audit: laws as SQL over what is stored, by none of the code that wrote it."""
