"""Reads the outside world as it is: brokers, clouds, dropped files become files of the inbox. Not here: readings."""
