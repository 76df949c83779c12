"""Questions about the structure of code: who inherits, who calls, what is defined, with which values."""

from models.data.structural.making import examples

__all__ = ["examples"]
