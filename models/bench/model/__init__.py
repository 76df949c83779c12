"""Measures whole answers: the right decisions, places and values, and what they cost."""
