"""Inglenook: a warm, local model beside your code."""

__version__ = "0.1.0"
