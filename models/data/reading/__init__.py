"""Examples whose answers come from reading: bodies, files, folders, history, and what to do when a call fails."""
