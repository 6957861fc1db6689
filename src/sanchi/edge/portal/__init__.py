"""The pages of the browser, grouped by noun; translates requests into use cases and results into HTML."""
