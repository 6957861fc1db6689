"""The tables of the relational database, one file a noun; every row carries its market."""
