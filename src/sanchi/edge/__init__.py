"""All input and output; translates between the world and the use cases, and decides nothing."""
