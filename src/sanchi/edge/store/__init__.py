"""Keeps and finds what the use cases ask for, in the relational database and in the lake."""
