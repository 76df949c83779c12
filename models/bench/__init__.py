"""Measurements of the product on the machine at hand, all in one run."""
