"""Small markets, written to a folder as a stranger would deliver them."""
