"""Double entry over accounts and integers; electricity is not known here."""
