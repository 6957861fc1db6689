"""The use cases, one file a verb: load, pure call, save; no arithmetic and no input or output of its own."""
