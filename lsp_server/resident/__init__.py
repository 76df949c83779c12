"""The resident process: one model in memory for every editor window of a user."""
