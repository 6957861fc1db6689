"""A log that can only grow: RFC 6962 hashes, proofs and checkpoints over entries; certificates are not known here."""
