"""One small text in each language that can be parsed, with every thing that facts tell of."""

from __future__ import annotations

SOURCES: dict[str, str] = {
    "a.py": '''\
"""Module."""
from __future__ import annotations
import os.path, sys as system
from . import sibling
from ..up.side import one as uno, two
from star import *


@register("x")
@plain
class Größe(Base[int], pkg.Mixin, metaclass=Meta):
    """Says 日本.

    More.
    """

    LIMIT: Final = 3
    """How many."""

    async def ответ(self, wert: int = 1) -> str:
        """Answer."""
        if wert:
            raise errors.Kaputt(f"no {self.name} in {len(x)}") from None
        return self.other.call(1)(2).then()
''',
    "a.js": """\
import def, { a as b, default as c } from "./mod";
import * as all from 'x';
export { q } from "y";
const { d, e: f } = require("fs");
/**
 * Größe of it.
 */
export class Größe extends ns.Base {
  // gets
  get(a = 1) { throw new Oops(`x ${this.name}`); }
}
const f2 = (a) => this.g?.(a);
export const MAX = "日本";
""",
    "a.ts": """\
import type { A } from "./a";
import x = require("y");
export * from "z";
/** Doc. */
@Component({ a: 1 })
export abstract class Foo<T> extends Bar<T> implements A.B {
  /** Gets 日本. */
  @Input() get(k: string): T { return this.x.go<number>(k); }
}
interface I extends J<K> { m(a: string): void }
export const größe = async (n: number): Promise<void> => {};
type Alias = string;
""",
    "a.tsx": """\
/** View. */
function View(p: Props): JSX.Element { return <div title="日本">{render(p)}</div>; }
""",
    "a.rs": """\
use std::{self, fmt::Display as Show, io::*};
use crate::größe::Tr;
/// A pair.
#[derive(Debug, Clone)]
pub struct P<T> { a: T }
trait Tr: Clone { fn q(&self) -> i32; }
#[automatically_derived]
impl<T> Tr for P<T> {
    /// 日本
    fn q(&self) -> i32 { self.a.go::<u8>(); P::<u8>::new(); panic!("x") }
}
impl P<u8> { fn new() {} }
const MAX: usize = 3;
""",
    "a.go": """\
package x
import (
	"fmt"
	str "strings"
	. "größe"
)
// S is 日本.
type S struct {
	Base
	*pkg.Other
}
/* Get gets. */
func (s *S) Get(a, b int) (int, error) {
	panic(fmt.Sum(a))
}
func Größe() {}
// Max is.
const Max = 3
""",
    "A.java": """\
import java.util.List;
import static a.b.C.max;
import a.c.*;
/** Größe. */
@Service("日本") @Other
public class A<T> extends B<T> implements C, d.E {
  /** Most. */
  static final int MAX = 3;
  @Override
  List<T> größe(String a) throws IOException { foo.bar(a).baz(); throw new Oops("x"); }
}
interface I extends J {}
""",
    "a.c": """\
#include <stdio.h>
#include "größe.h"
#define MAX 3
/* A struct. */
struct s { int a; };
typedef struct { int b; } t;
/* f does 日本
 * things */
static int *f(int a, char *b) {
  return p->g(a);
}
""",
    "a.cpp": """\
#include <vector>
/// Größe.
template <typename T>
class A : public B, private c::D<T> {
  /** f. */
  [[nodiscard]] int f(int a = 1) { return g<int>(a) + ns::h<T>(a); }
  bool operator==(const A& o) { return true; }
};
int A::k(int z) { x->go(); throw std::runtime_error("日本"); }
""",
    "a.md": """\
# Größe

Text `x`.

Second 日本
===========

## Deep ##

```python
# no heading
```

# Last
""",
}
