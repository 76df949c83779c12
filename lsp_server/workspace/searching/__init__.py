"""The search engine: what a query means, what matches it, and in which order it is shown."""
