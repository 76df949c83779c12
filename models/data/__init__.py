"""The training data: what is asked of real code, answered by the product's own tools."""
