"""The door to a model: light values and a client; no mlx and no tokenizer in here."""
