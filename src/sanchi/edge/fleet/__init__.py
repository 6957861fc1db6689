"""Market-days of whole metropolises: fleet folders, and their matching on threads, processes or a cluster."""
