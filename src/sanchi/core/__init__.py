"""The pure part: values in, values out; no file, clock, database, log or chance is found here."""
