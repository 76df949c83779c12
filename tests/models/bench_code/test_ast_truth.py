from __future__ import annotations

from models.bench.code.ast_truth import Defined, Used, truth

SOURCE = b"""\
import errors
from typing import Generic

@errors.watched(1)
class Shop(Generic[T], errors.Base, metaclass=Meta):
    class Till:
        async def close(self):
            def count(): pass
            return self.drawer.lock()

    if True:
        def sell(self): raise errors.SoldOut("none")

def visit():
    raise ValueError(1).with_traceback(None) from None

try: visit()
except Exception as error: raise
table["a"](1)
"""


def test_definitions():
    """Definitions have their qualified names, lines of the keyword, and are methods directly in a class alone."""
    assert truth(SOURCE).defined == {
        Defined("class", "Shop", 5),
        Defined("class", "Shop.Till", 6),
        Defined("method", "Shop.Till.close", 7),
        Defined("function", "Shop.Till.close.count", 8),
        Defined("method", "Shop.sell", 12),
        Defined("function", "visit", 14),
    }


def test_uses():
    """Bases lose their subscripts, calls of what has no name are left out, an exception is what makes it."""
    assert truth(SOURCE).used == {
        Used("subclass", "Generic", 5, "typing"),
        Used("subclass", "Base", 5, "errors"),
        Used("caller", "watched", 4, "errors"),
        Used("caller", "lock", 9),
        Used("caller", "SoldOut", 12, "errors"),
        Used("caller", "ValueError", 15),
        Used("caller", "with_traceback", 15),
        Used("caller", "visit", 17),
        Used("raise", "SoldOut", 12, "errors"),
        Used("raise", "ValueError", 15),
    }


def test_imported_names():
    """A name is told as the module calls it that it is taken from, relative modules with their dots."""
    source = b"from .till import Open as Till\nimport os.path as p, a.b\nTill()\np.join()\na.b.c()\n"
    assert truth(source).used == {
        Used("caller", "Open", 3, ".till"),
        Used("caller", "join", 4, "os.path"),
        Used("caller", "c", 5, "a.b"),
    }
