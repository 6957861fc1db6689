"""Takes in meter files as they are delivered, byte for byte; what they mean is read in core."""
