from __future__ import annotations

import pytest

from lsp_server.workspace.declared_types import constant_type, parameter_type, receiver_type
from lsp_server.workspace.facts import Definition


def function(signature: str) -> Definition:
    return Definition("function", signature.partition("(")[0], signature, 1, 1)


@pytest.mark.parametrize(
    ("family", "signature", "name", "expected"),
    [
        ("python", "f(self, a: Registry, b=1) -> Other", "a", "Registry"),
        ("python", "f(self, a: Registry, b=1) -> Other", "b", ""),
        ("python", "f(self, a: Registry, b=1) -> Other", "self", ""),
        ("python", "f(self, a: Registry, b=1) -> Other", "c", None),
        ("python", "f(self, a: Registry) -> other", "other", None),
        ("python", 'f(a: "core.Registry | None" = None)', "a", "core.Registry"),
        ("python", "f(*args: int, **kwargs: Unpack[K])", "args", "int"),
        ("python", "f(*args: int, **kwargs: Unpack[K])", "kwargs", "Unpack"),
        ("python", "f(a: Annotated[Optional[Registry], 1])", "a", "Registry"),
        ("python", "f(a: Callable[[int], Registry])", "a", "Callable"),
        ("python", "f(a: (int))", "a", "int"),
        ("python", "f(a=other)", "other", None),
        ("python", "f", "a", None),
        ("script", "f(a?: Registry, { b, c }: Options): Other", "a", "Registry"),
        ("script", "f(a?: Registry, { b, c }: Options): Other", "c", ""),
        ("script", "f(a, b)", "b", ""),
        ("rust", "f(&self, a: &'a mut crate::Registry, mut b: Box<dyn Hold>) -> u8", "a", "crate.Registry"),
        ("rust", "f(&self, a: &'a mut crate::Registry, mut b: Box<dyn Hold>) -> u8", "b", "Hold"),
        ("go", "f(a, b *store.Store, c int) error", "b", "store.Store"),
        ("go", "f(a, b *store.Store, c int) error", "a", "store.Store"),
        ("go", "f(a, b *store.Store, c int) error", "c", "int"),
        ("go", "f(a []int) error", "a", ""),
        ("java", "f(final Registry a, List<Item> b, int... c): void", "a", "Registry"),
        ("java", "f(final Registry a, List<Item> b, int... c): void", "b", "List"),
        ("java", "f(final Registry a): void", "Registry", None),
        ("c", "f(const ns::Shape& a, struct store *b, int c[]) int", "a", "ns.Shape"),
        ("c", "f(const ns::Shape& a, struct store *b, int c[]) int", "b", "store"),
        ("c", "f(const ns::Shape& a, struct store *b, int c[]) int", "c", "int"),
    ],
)
def test_parameters(family: str, signature: str, name: str, expected: str | None):
    """The type is the plain name that stands with the parameter; None says that it is no parameter."""
    assert parameter_type(function(signature), name, family) == expected


@pytest.mark.parametrize(
    ("name", "signature", "expected"),
    [
        ("A", "A: Final[Registry] = make()", "Registry"),
        ("A", "A = core.Registry(1)", "core.Registry"),
        ("A", "A = new Registry()", "Registry"),
        ("A", "A = 3", ""),
        ("A", "A = x.y", ""),
        ("K.a", "K.a: list[int]", "list"),
        ("A", "A", ""),
    ],
)
def test_constants(name: str, signature: str, expected: str):
    """The declared type comes first, else what is called to make the value."""
    assert constant_type(Definition("constant", name, signature, 1, 1)) == expected


def test_receivers():
    """A Go method's receiver has the type behind its name."""
    assert receiver_type("func (s *Store[T]) Keep() {", "s") == "Store"
    assert receiver_type("func (s Store) Keep() {", "s") == "Store"
    assert receiver_type("func (s Store) Keep() {", "t") == ""
    assert receiver_type("func Keep(s Store) {", "s") == ""
