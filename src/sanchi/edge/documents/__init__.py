"""Documents that leave the platform: origin statements as PDF, CSV and JSON; nothing is computed here."""
