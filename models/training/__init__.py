"""Training an adapter: assistant turns alone in the loss, in legs, exact however often it is interrupted."""
