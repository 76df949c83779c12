"""What names mean, in every language: the card of a marked place tells the file and the definition."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.looking import MARK, Looking

PYTHON = {
    "src/shop/__init__.py": "from .core import Registry as Registry\nfrom .loop import *\n__version__ = '1'\n",
    "src/shop/loop.py": "from . import *\nfrom .core import *\n",
    "src/shop/core.py": """import os.path
from typing import Protocol


class Base:
    def inherited(self): ...


class Registry(Base):
    LIMIT = 3

    def get(self, key):
        self.check(key)
        self.inherited()
        self.missing()
        self.pool.acquire()
        check()
        return os.path.join(key, "a")

    @classmethod
    def make(cls):
        return cls.LIMIT

    def check(self, key):
        def get():
            return key.get()
        return get()


class Other:
    def get(self):
        return super().get()


class Circle(Circle):
    def turn(self):
        self.round()


def check(): ...


def join(*parts): ...
""",
    "src/shop/pool.py": "class Pool:\n    def acquire(self): ...\n    def release(self): ...\n",
    "src/shop/use.py": """import json
import shop.core
import shop.core as alias
from shop import Registry, absent, pool
from shop.core import check as probe
from requests import get
from . import core


class Child(core.Registry):
    def run(self, check, registry):
        self.inherited()
        check()
        registry.release()
        probe()
        Registry.make()
        Registry.nothing()
        core.check()
        alias.check()
        shop.core.check()
        pool.Pool()
        json.get()
        get()
        local = absent
        local.get()
        str.join("a")
        print(join)
""",
    "tests/test_use.py": "from shop.use import Child\n\ndef test():\n    Child().inherited()\n    Child.run()\n",
    "plugins/deep/tree/app/models.py": "class User: ...\n",
    "plugins/main.py": "from app.models import User\n",
}


@pytest.fixture
def python(tmp_path: Path) -> Looking:
    return Looking(tmp_path / "w", PYTHON)


@pytest.mark.parametrize(
    ("path", "snippet", "meaning"),
    [
        ("src/shop/core.py", f"self.{MARK}check", "src/shop/core.py:Registry.check"),
        ("src/shop/core.py", f"self.{MARK}inherited", "src/shop/core.py:Base.inherited"),
        ("src/shop/core.py", f"self.{MARK}missing", ""),
        ("src/shop/core.py", f"self.pool.{MARK}acquire", "?src/shop/pool.py:Pool.acquire"),
        ("src/shop/core.py", f"        {MARK}check()", "src/shop/core.py:check"),
        ("src/shop/core.py", f"cls.{MARK}LIMIT", "src/shop/core.py:Registry.LIMIT"),
        ("src/shop/core.py", f"return {MARK}get()", "src/shop/core.py:Registry.check.get"),
        ("src/shop/core.py", f"os.path.{MARK}join", ""),
        ("src/shop/core.py", f"return key.{MARK}get()", "?src/shop/core.py:Registry.get"),
        ("src/shop/core.py", f"class Registry({MARK}Base)", "src/shop/core.py:Base"),
        ("src/shop/core.py", f"class {MARK}Registry(", "src/shop/core.py:Registry"),
        ("src/shop/core.py", f"self.{MARK}round()", ""),
        ("src/shop/use.py", f"self.{MARK}inherited", "src/shop/core.py:Base.inherited"),
        ("src/shop/use.py", f"        {MARK}check()", ""),
        ("src/shop/use.py", f"registry.{MARK}release", "?src/shop/pool.py:Pool.release"),
        ("src/shop/use.py", f"{MARK}probe()", "src/shop/core.py:check"),
        ("src/shop/use.py", f"Registry.{MARK}make", "src/shop/core.py:Registry.make"),
        ("src/shop/use.py", f"Registry.{MARK}nothing", ""),
        ("src/shop/use.py", f"{MARK}Registry.make", "src/shop/core.py:Registry"),
        ("src/shop/use.py", f" core.{MARK}check", "src/shop/core.py:check"),
        ("src/shop/use.py", f"alias.{MARK}check", "src/shop/core.py:check"),
        ("src/shop/use.py", f"shop.core.{MARK}check()", "src/shop/core.py:check"),
        ("src/shop/use.py", f"pool.{MARK}Pool", "src/shop/pool.py:Pool"),
        ("src/shop/use.py", f"json.{MARK}get", ""),
        ("src/shop/use.py", f"        {MARK}get()", ""),
        ("src/shop/use.py", f"= {MARK}absent", ""),
        ("src/shop/use.py", f"{MARK}local = absent", ""),
        ("src/shop/use.py", f"str.{MARK}join", ""),
        ("src/shop/use.py", f"print({MARK}join)", ""),
        ("src/shop/use.py", f"from shop import {MARK}Registry", "src/shop/core.py:Registry"),
        ("src/shop/use.py", f"import {MARK}check as", "src/shop/core.py:check"),
        ("src/shop/use.py", f"from requests import {MARK}get", ""),
        ("src/shop/use.py", f"core.{MARK}Registry)", "src/shop/core.py:Registry"),
        ("tests/test_use.py", f"import {MARK}Child", "src/shop/use.py:Child"),
        ("tests/test_use.py", f"Child.{MARK}run", "src/shop/use.py:Child.run"),
        ("plugins/main.py", f"import {MARK}User", "plugins/deep/tree/app/models.py:User"),
    ],
)
def test_python(python: Looking, path: str, snippet: str, meaning: str):
    """Scopes, classes and bases, imports through packages; what comes from outside means nothing here."""
    assert python.meaning(path, snippet) == meaning


@pytest.mark.parametrize(
    ("snippet", "place"),
    [
        (f"from . import {MARK}core", "src/shop/core.py"),
        (f"import shop.{MARK}core\n", "src/shop/core.py"),
        (f"from {MARK}shop.core import", "src/shop/__init__.py"),
        (f"from shop.{MARK}core import", "src/shop/core.py"),
        (f"       {MARK}pool.Pool", "src/shop/pool.py"),
    ],
)
def test_a_module_is_a_file(python: Looking, snippet: str, place: str):
    """The name of a module has a card of its own, in an import and elsewhere."""
    found = python.card("src/shop/use.py", snippet)
    assert found is not None
    assert (found.kind, found.place.path, found.definition) == ("module", place, None)


SCRIPT = {
    "web/src/index.ts": "export * from './store';\nexport { Cart as Basket } from './cart';\n",
    "web/src/store.ts": "export class Store {\n  save(): void {}\n}\nexport const LIMIT = 3;\n",
    "web/src/cart.js": "export default class Cart {\n  add() { this.total(); }\n  total() {}\n}\n",
    "web/src/lib/index.ts": "export function helper(): number { return 1; }\n",
    "web/app.tsx": """import React from 'react';
import Trolley from './src/cart.js';
import { Store, Basket } from './src';
import * as lib from './src/lib';
import { LIMIT as MOST } from './src/store.js';

export class Shop extends Store {
  open(trolley: Trolley) {
    this.save();
    lib.helper();
    trolley.add();
    new Basket();
    console.save();
    React.save();
    return MOST;
  }
}
""",
}


@pytest.mark.parametrize(
    ("path", "snippet", "meaning"),
    [
        ("web/app.tsx", f"this.{MARK}save", "web/src/store.ts:Store.save"),
        ("web/app.tsx", f"lib.{MARK}helper()", "web/src/lib/index.ts:helper"),
        ("web/app.tsx", f"trolley.{MARK}add", "web/src/cart.js:Cart.add"),
        ("web/app.tsx", f"new {MARK}Basket", "web/src/cart.js:Cart"),
        ("web/app.tsx", f"console.{MARK}save", ""),
        ("web/app.tsx", f"React.{MARK}save", ""),
        ("web/app.tsx", f"return {MARK}MOST", "web/src/store.ts:LIMIT"),
        ("web/app.tsx", f"import {MARK}Trolley", "web/src/cart.js:Cart"),
        ("web/app.tsx", f"extends {MARK}Store", "web/src/store.ts:Store"),
        ("web/src/cart.js", f"this.{MARK}total", "web/src/cart.js:Cart.total"),
    ],
)
def test_scripts(tmp_path: Path, path: str, snippet: str, meaning: str):
    """JavaScript and TypeScript: relative paths with and without endings, index files, names handed on, defaults."""
    assert Looking(tmp_path / "w", SCRIPT).meaning(path, snippet) == meaning


RUST = {
    "src/lib.rs": "pub mod store;\npub mod cart;\nuse crate::store::Store;\npub fn open() -> Store { Store::new() }\n",
    "src/store/mod.rs": """pub mod shelf;
use self::shelf::Shelf;
use super::open;
use std::collections::HashMap;

pub struct Store { shelf: Shelf }

impl Store {
    pub fn new() -> Self { Self::build() }
    fn build() -> Self { open(); HashMap::new(); std::mem::swap(); todo!() }
    pub fn keep(&self) { self.shelf.lift(); self.stay(); }
}

impl super::cart::Hold for Store {
    fn hold(&self) {}
}
""",
    "src/store/shelf.rs": "use super::*;\npub struct Shelf;\nimpl Shelf { pub fn lift(&self) { Store::new(); } }\n",
    "src/cart.rs": """use crate::store::{self, Store as Shop};
pub trait Hold { fn hold(&self); fn stay(&self) {} }
pub fn fill(x: u8) { Shop::new(); store::Store::new(); crate::open(); swap(); x.lift(); }
""",
}


@pytest.mark.parametrize(
    ("path", "snippet", "meaning"),
    [
        ("src/lib.rs", f"Store::{MARK}new", "src/store/mod.rs:Store.new"),
        ("src/lib.rs", f"-> {MARK}Store", "src/store/mod.rs:Store"),
        ("src/store/mod.rs", f"Self::{MARK}build", "src/store/mod.rs:Store.build"),
        ("src/store/mod.rs", f"{MARK}open();", "src/lib.rs:open"),
        ("src/store/mod.rs", f"HashMap::{MARK}new", ""),
        ("src/store/mod.rs", f"mem::{MARK}swap", ""),
        ("src/store/mod.rs", f"shelf.{MARK}lift", "src/store/shelf.rs:Shelf.lift"),
        ("src/store/mod.rs", f"self.{MARK}stay", "src/cart.rs:Hold.stay"),
        ("src/store/mod.rs", f"shelf: {MARK}Shelf", "src/store/shelf.rs:Shelf"),
        ("src/store/shelf.rs", f"{MARK}Store::new", "src/store/mod.rs:Store"),
        ("src/cart.rs", f"Shop::{MARK}new", "src/store/mod.rs:Store.new"),
        ("src/cart.rs", f"store::Store::{MARK}new", "src/store/mod.rs:Store.new"),
        ("src/cart.rs", f"crate::{MARK}open", "src/lib.rs:open"),
        ("src/cart.rs", f"{MARK}swap()", ""),
        ("src/cart.rs", f"x.{MARK}lift", "?src/store/shelf.rs:Shelf.lift"),
    ],
)
def test_rust(tmp_path: Path, path: str, snippet: str, meaning: str):
    """Rust: crate, super and self paths, use lists and globs, impl blocks and traits."""
    assert Looking(tmp_path / "w", RUST).meaning(path, snippet) == meaning


GO = {
    "go.mod": "// a comment\nmodule example.com/shop\n\ngo 1.22\n",
    "main.go": """package main

import (
	"fmt"
	st "example.com/shop/store"
	"example.com/shop/cart"
	"github.com/other/cart/v2"
)

func main() {
	s := st.New()
	s.Keep()
	cart.Fill()
	fmt.Keep()
	helper()
	New()
}
""",
    "helper.go": "package main\n\nfunc helper() {}\n",
    "store/store.go": "package store\n\ntype Store struct{ Base }\n\nfunc New() *Store { return &Store{} }\n",
    "store/keep.go": "package store\n\ntype Base struct{}\n\nfunc (s *Store) Keep() { New() }\n",
    "cart/cart.go": "package cart\n\nfunc Fill() {}\n",
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "snippet", "meaning"),
    [
        ("main.go", f"st.{MARK}New", "store/store.go:New"),
        ("main.go", f"s.{MARK}Keep", "?store/keep.go:Store.Keep"),
        ("main.go", f"cart.{MARK}Fill", "cart/cart.go:Fill"),
        ("main.go", f"fmt.{MARK}Keep", ""),
        ("main.go", f"{MARK}helper()", "helper.go:helper"),
        ("main.go", f"\t{MARK}New()", ""),
        ("store/keep.go", f"{MARK}New()", "store/store.go:New"),
        ("store/keep.go", f"*{MARK}Store)", "store/store.go:Store"),
    ],
)
def test_go(tmp_path: Path, path: str, snippet: str, meaning: str):
    """Go: packages are folders, their names known by go.mod; a name of another package needs its import."""
    assert Looking(tmp_path / "w", GO).meaning(path, snippet) == meaning


JAVA = {
    "src/main/java/shop/Store.java": """package shop;

import java.util.List;
import shop.base.*;
import shop.deep.Shelf;
import static shop.deep.Shelf.lift;

public class Store extends Base {
    static final int LIMIT = 3;

    void run(Item item, int total) {
        inherited();
        this.inherited();
        keep();
        lift();
        Shelf.lift();
        item.weigh();
        List.of();
        String.format();
        int x = LIMIT + total;
    }

    void keep() {}
    void total() {}
}
""",
    "src/main/java/shop/Item.java": "package shop;\n\nclass Item {\n    void weigh() {}\n}\n",
    "src/main/java/shop/base/Base.java": "package shop.base;\n\npublic class Base {\n    void inherited() {}\n}\n",
    "src/main/java/shop/deep/Shelf.java": "package shop.deep;\n\npublic class Shelf {\n    static void lift() {}\n}\n",
    "src/test/java/shop/StoreTest.java": "package shop;\n\nclass StoreTest {\n    Store store = new Store();\n}\n",
}


@pytest.mark.parametrize(
    ("path", "snippet", "meaning"),
    [
        ("Store", f"      {MARK}inherited", "src/main/java/shop/base/Base.java:Base.inherited"),
        ("Store", f"this.{MARK}inherited", "src/main/java/shop/base/Base.java:Base.inherited"),
        ("Store", f"      {MARK}keep", "src/main/java/shop/Store.java:Store.keep"),
        ("Store", f"      {MARK}lift", "src/main/java/shop/deep/Shelf.java:Shelf.lift"),
        ("Store", f"Shelf.{MARK}lift()", "src/main/java/shop/deep/Shelf.java:Shelf.lift"),
        ("Store", f"item.{MARK}weigh", "src/main/java/shop/Item.java:Item.weigh"),
        ("Store", f"run({MARK}Item", "src/main/java/shop/Item.java:Item"),
        ("Store", f"List.{MARK}of", ""),
        ("Store", f"String.{MARK}format", ""),
        ("Store", f"= {MARK}LIMIT", "src/main/java/shop/Store.java:Store.LIMIT"),
        ("Store", f"+ {MARK}total", ""),
        ("Store", f"extends {MARK}Base", "src/main/java/shop/base/Base.java:Base"),
        ("StoreTest", f"new {MARK}Store", "?src/main/java/shop/Store.java:Store"),
    ],
)
def test_java(tmp_path: Path, path: str, snippet: str, meaning: str):
    """Java: packages by their paths, static and wildcard imports, classes as scopes; other types by name."""
    side = "test" if path.endswith("Test") else "main"
    assert Looking(tmp_path / "w", JAVA).meaning(f"src/{side}/java/shop/{path}.java", snippet) == meaning


C = {
    "include/store.h": "#define STORE_LIMIT 3\nstruct store { int size; };\nint store_open(struct store *s);\n",
    "src/store.c": '#include "store.h"\nint store_open(struct store *s) { return STORE_LIMIT; }\n',
    "src/main.c": """#include <stdio.h>
#include "store.h"
static int local(int count) { return count; }
int main(void) {
    struct store s;
    int far = 0;
    store_open(&s);
    local(far);
    distant();
    return far + STORE_LIMIT;
}
""",
    "other/far.c": "int far(void) { return 1; }\nint distant(void) { return 2; }\n",
    "cpp/shape.hpp": """class Shape {
 public:
  virtual double area() const { return scale(); }
  double scale() const;
};
""",
    "cpp/shape.cpp": '#include "shape.hpp"\ndouble Shape::scale() const { return area() + std::move(1); }\n',
    "cpp/circle.cpp": """#include "shape.hpp"
class Circle : public Shape {
  double twice() { return this->area() * 2; }
};
double use(Circle* c) { return c->twice() + Shape::area(); }
""",
}


@pytest.mark.parametrize(
    ("path", "snippet", "meaning"),
    [
        ("src/main.c", f"{MARK}store_open(", "src/store.c:store_open"),
        ("src/main.c", f"struct {MARK}store", "include/store.h:store"),
        ("src/main.c", f"+ {MARK}STORE_LIMIT", "include/store.h:STORE_LIMIT"),
        ("src/main.c", f"{MARK}local(far)", "src/main.c:local"),
        ("src/main.c", f"local({MARK}far)", ""),
        ("src/main.c", f"{MARK}distant", "?other/far.c:distant"),
        ("cpp/circle.cpp", f"this->{MARK}area", "cpp/shape.hpp:Shape.area"),
        ("cpp/circle.cpp", f"c->{MARK}twice", "cpp/circle.cpp:Circle.twice"),
        ("cpp/circle.cpp", f"Shape::{MARK}area", "cpp/shape.hpp:Shape.area"),
        ("cpp/shape.cpp", f"return {MARK}area", "cpp/shape.hpp:Shape.area"),
        ("cpp/shape.cpp", f"std::{MARK}move", ""),
    ],
)
def test_c_and_cpp(tmp_path: Path, path: str, snippet: str, meaning: str):
    """C and C++: included headers and the sources beside them, classes and bases; called functions by name."""
    assert Looking(tmp_path / "w", C).meaning(path, snippet) == meaning


TYPED = {
    "a.py": """import logging
from b import Pool, make
from functools import lru_cache
from typing import Optional

logger = logging.getLogger()
POOL = Pool()
LAZY = make()
LOOP = LOOP.go()


class Base:
    def take(self): ...


class Owner(Base):
    pool: Optional["Pool"] = None

    def take(self):
        super().take()
        self.pool.take()
        logger.take()
        POOL.take()
        LAZY.take()
        LOOP.take()
        "".take()
        lru_cache()

    def typed(self, pool: Pool, text: str, other, *rest: "Owner"):
        pool.take()
        text.take()
        other.take()
        rest.take()
""",
    "b.py": "class Pool:\n    def take(self): ...\n\n\ndef make(): ...\n",
    "pkg/__init__.py": "",
    "pkg/functools.py": "def lru_cache(): ...\n",
    "go.mod": "module m\n",
    "g.go": "package m\n\ntype S struct{}\n\nfunc (s *S) Take() { s.Give() }\n\nfunc (s *S) Give() {}\n",
    "h.go": "package m\n\ntype T struct{}\n\nfunc (t T) Give() {}\n\nfunc use(t *T, s S) { t.Give() }\n",
    "src/lib.rs": "pub struct P;\nimpl P { fn go(&self) {} }\nstruct Q;\nimpl Q { fn go(&self) {} }\n"
    "fn use_it(p: &mut P, q: Box<Q>) { p.go(); q.go(); }\n",
}


@pytest.mark.parametrize(
    ("path", "snippet", "meaning"),
    [
        ("a.py", f"super().{MARK}take", "a.py:Base.take"),
        ("a.py", f"self.pool.{MARK}take", "b.py:Pool.take"),
        ("a.py", f"logger.{MARK}take", ""),
        ("a.py", f"POOL.{MARK}take", "b.py:Pool.take"),
        ("a.py", f"LAZY.{MARK}take", "?a.py:Base.take"),
        ("a.py", f"LOOP.{MARK}take", "?a.py:Base.take"),
        ("a.py", f'"".{MARK}take', ""),
        ("a.py", f"    {MARK}lru_cache", ""),
        ("a.py", f" pool.{MARK}take", "b.py:Pool.take"),
        ("a.py", f"text.{MARK}take", ""),
        ("a.py", f"other.{MARK}take", "?a.py:Base.take"),
        ("g.go", f"s.{MARK}Give", "g.go:S.Give"),
        ("h.go", f"t.{MARK}Give", "h.go:T.Give"),
        ("src/lib.rs", f"p.{MARK}go", "src/lib.rs:P.go"),
        ("src/lib.rs", f"q.{MARK}go", "src/lib.rs:Q.go"),
    ],
)
def test_declared_types_decide(tmp_path: Path, path: str, snippet: str, meaning: str):
    """The type of a parameter, a field, a receiver or a constant is followed where it is written down."""
    assert Looking(tmp_path / "w", TYPED).meaning(path, snippet) == meaning


def test_a_name_that_too_many_bear_is_counted(tmp_path: Path):
    """A member that many classes define is not guessed; how many there are is told."""
    many = {f"m{index}.py": f"class C{index}:\n    def fetch(self): ...\n" for index in range(9)}
    looking = Looking(tmp_path / "w", {"use.py": "def f(x):\n    x.fetch()\n    x.fetch()\n", **many})
    found = looking.card("use.py", f"x.{MARK}fetch")
    assert found is not None
    assert (found.kind, found.name, found.named, found.uses, found.definition) == ("name", "fetch", 9, 2, None)
    assert (found.place.path, found.place.start, found.by_name) == ("use.py", 2, True)


def test_a_guess_prefers_the_same_file_then_the_same_folder(tmp_path: Path):
    """Of a few members of one name the nearest comes first, and the others are named; other languages are not."""
    looking = Looking(
        tmp_path / "w",
        {
            "a/far.py": "class Far:\n    def go(self): ...\n",
            "b/near.py": "class Near:\n    def go(self): ...\n",
            "b/use.py": "def f(x):\n    x.go()\n\n\nclass Own:\n    def go(self): ...\n",
            "b/go.java": "class Go {\n    void go() {}\n}\n",
        },
    )
    found = looking.card("b/use.py", f"x.{MARK}go")
    assert found is not None
    assert (found.place.path, found.name, found.by_name) == ("b/use.py", "Own.go", True)
    assert [place.path for place in found.others] == ["b/near.py", "a/far.py"]


def test_files_that_import_each_other_end(tmp_path: Path):
    """Circles of imports and of bases mean nothing, and end."""
    looking = Looking(
        tmp_path / "w",
        {
            "a.py": "from b import *\nfrom b import x\nx()\ny()\n",
            "b.py": "from a import *\nfrom a import x\n",
            "c.py": "class A(B):\n    def f(self): self.g()\n\n\nclass B(A): ...\n",
        },
    )
    assert looking.meaning("a.py", f"{MARK}x()") == ""
    assert looking.meaning("a.py", f"{MARK}y()") == ""
    assert looking.meaning("c.py", f"self.{MARK}g") == ""


def test_ignored_and_secret_modules_are_not_looked_into(tmp_path: Path):
    """An import does not open what the scope does not show."""
    looking = Looking(
        tmp_path / "w",
        {".gitignore": "hidden.py\n", "hidden.py": "def f(): ...\n", "use.py": "from hidden import f\nf()\n"},
    )
    assert looking.meaning("use.py", f"\n{MARK}f()") == ""


APART = {
    "shop/Shop.java": """package shop;

import shop.select.Picker;

class Shop {
    private int size;

    class Request {
        Request() {}
    }

    class Response {
        Response() { Object made = new Request(); }
    }

    enum Mode { OPEN, CLOSED }

    int size() { return size; }

    Shop(Shop other) { this.size = other.size; run(Mode.OPEN); other.size(); }
}
""",
    "shop/select/Picker.java": "package shop.select;\n\npublic class Picker {\n    void select() {}\n}\n",
    "src/lib.rs": """mod token;
use token::Token::*;
use token::Token;

struct Job { size: u32 }

impl Job {
    fn size(&self) -> u32 { self.size }
    fn make(size: u32) -> Job { Job { size: size } }
    fn show(&self) { ext::Job::grow(); assert_eq!(self.size(), Token::Open); same(Closed) }
}
""",
    "src/grow.rs": "struct Grower;\nimpl Grower { fn grow() {} }\n",
    "src/use.go": """package a

const Open = "open"

type Till struct { Open bool }

func use() { till := Till{Open: true}; counts := map[string]int{Open: 1} }
""",
    "src/token.rs": "pub enum Token { Open, Closed }\n",
    "till.h": """namespace shop {
typedef struct till_s { int sum; } till;
class Till {
 public:
  class Iterator {};
  Till();
  int sum_;
};
class Iterator {};
}
""",
    "till.cc": """#include "till.h"
int Till::add(till other, int by) { return sum_ + other.sum; }
Iterator* make(Till& till);
""",
    "peer.py": """class Peer:
    def __init__(self):
        self.till = Till()
        self._open = False

    def run(self):
        self.till.ring()
        return self._open


class Till:
    def ring(self): ...


class Other:
    def ring(self): ...
""",
    "peer.js": "class Peer {\n  constructor() { super();\n    this.open = 1;\n  }\n  run() { return this.open; }\n}\n",
    "tests/test_peer.go": "package a\ntype Key struct{}\n",
}


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Looking:
    return Looking(tmp_path_factory.mktemp("apart") / "w", APART)


@pytest.mark.parametrize(
    ("path", "snippet", "line"),
    [
        ("shop/Shop.java", f"return {MARK}size", "Shop.size: int"),
        ("shop/Shop.java", f"other.{MARK}size;", "Shop.size: int"),
        ("shop/Shop.java", f"other.{MARK}size()", "Shop.size(): int"),
        ("shop/Shop.java", f"new {MARK}Request", "Shop.Request"),
        ("shop/Shop.java", f"Mode.{MARK}OPEN", "Shop.Mode.OPEN"),
        ("shop/Shop.java", f"({MARK}Shop other", "Shop"),
        ("shop/Shop.java", f"import shop.{MARK}select", ""),
        ("src/lib.rs", f"{{ self.{MARK}size }}", "Job.size: u32"),
        ("src/lib.rs", f"self.{MARK}size()", "Job.size(&self) -> u32"),
        ("src/lib.rs", f"Job {{ {MARK}size:", "Job.size: u32"),
        ("src/lib.rs", f"size: {MARK}size }}", ""),
        ("src/lib.rs", f"ext::Job::{MARK}grow", ""),
        ("src/lib.rs", f"Token::{MARK}Open", "Token.Open"),
        ("src/use.go", f"Till{{{MARK}Open:", "Till.Open bool"),
        ("src/use.go", f"int{{{MARK}Open:", 'Open = "open"'),
        ("src/lib.rs", f"same({MARK}Closed", "Token.Closed"),
        ("till.cc", f"return {MARK}sum_", "Till.sum_: int"),
        ("till.cc", f"other.{MARK}sum", "till_s.sum: int"),
        ("till.cc", f"{MARK}Iterator* make", "Iterator"),
        ("till.cc", f"int {MARK}Till::", "Till"),
        ("till.h", f"namespace {MARK}shop", ""),
        ("peer.py", f"self.till.{MARK}ring", "Till.ring(self)"),
        ("peer.py", f"return self.{MARK}_open", "Peer._open = False"),
        ("peer.js", f"return this.{MARK}open", "Peer.open = 1"),
    ],
)
def test_fields_functions_and_types_of_one_name_are_told_apart(apart: Looking, path: str, snippet: str, line: str):
    """What is called is a function, what is not a field; a type is no constructor; a namespace is nothing."""
    found = apart.card(path, snippet)
    assert ("" if found is None else found.signature) == line


def test_code_does_not_guess_at_what_tests_define(tmp_path: Path):
    """A type that only a test defines is not the one that code means."""
    files = {
        "till.h": "template <class Key> int find(const Key& key);\n",
        "tests/key.h": "class Key {};\n",
        "tests/use.cc": "Key key;\n",
    }
    looking = Looking(tmp_path / "w", files)
    assert looking.meaning("till.h", f"const {MARK}Key") == ""
    assert looking.meaning("tests/use.cc", f"{MARK}Key key") == "tests/key.h:Key"
