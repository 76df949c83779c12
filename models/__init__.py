"""The workshop: where a model folder comes from."""
