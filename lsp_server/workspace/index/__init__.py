"""What was read and parsed before, kept in the user's cache folder: one process writes it, every window reads it."""
