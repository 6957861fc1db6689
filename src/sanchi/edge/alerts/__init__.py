"""Tells alerts to people and programs: mail, webhook, and the file that names them."""
