"""What a function binds for itself is nobody else's definition, and may tell the type of what stands behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.looking import MARK, Looking

FILES = {
    "shop.py": """\
class Till:
    def ring(self): ...

class Drawer:
    def ring(self): ...

def item(): ...

def sell(items):
    for item in items:
        print(item)
    till = Till()
    till.ring()
    with open(items) as drawer:
        drawer.ring()

def count():
    global item
    item = 3

def outer():
    item = 1
    def inner():
        return item
    return inner()
""",
    "shop.js": """\
class Till { ring() {} }
class Drawer { ring() {} }
function item() {}
function sell(items) {
  const till = new Till();
  till.ring();
  for (const item of items) { item.go(); }
  const helper = () => 1;
  return items.map(item => helper(item));
}
""",
    "shop.ts": """\
class Till { ring(): void {} }
class Drawer { ring(): void {} }
function item() {}
function sell({ item }: any, till: Till) {
  till.ring();
  const other: Drawer = make(item);
  other.ring();
}
""",
    "shop/Shop.java": """\
package shop;
class Shop {
    int item;
    static class Till { void ring() {} }
    static class Drawer { void ring() {} }
    void sell(java.util.List<String> items) {
        Till till = new Till();
        till.ring();
        for (Drawer drawer : drawers()) { drawer.ring(); }
        String item = "a";
        System.out.println(item);
    }
    int left() { return item; }
}
""",
    "shop.go": """\
package shop
type Till struct{ open bool }
func (t *Till) Ring() {}
type Drawer struct{}
func (d Drawer) Ring() {}
func item() {}
func sell(items []string) {
	till := &Till{}
	till.Ring()
	for _, item := range items { use(item) }
	each(func(d *Drawer) { d.Ring() })
	var item = 3
	use(item)
}
""",
    "src/lib.rs": """\
mod size;
struct Till { open: bool }
impl Till { fn ring(&self) {} }
struct Drawer;
impl Drawer { fn ring(&self) {} }
fn item() {}
fn sell(size: Option<u32>) {
    let till = Till::new();
    till.ring();
    let item = 3;
    match size { Some(size) => show(item, size), None => {} }
    let other: Drawer = make();
    other.ring();
}
""",
    "src/size.rs": "pub fn of() {}\n",
    "shop.cc": """\
struct Till { void ring() {} int open; };
struct Drawer { void ring() {} };
int item() { return 0; }
void sell(Till& till) {
  till.ring();
  Drawer drawer(1);
  drawer.ring();
  int item = 3;
  show(item);
}
void prototype(char *open);
""",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Looking:
    return Looking(tmp_path_factory.mktemp("locals") / "w", FILES)


@pytest.mark.parametrize(
    ("path", "snippet"),
    [
        ("shop.py", f"for {MARK}item in"),
        ("shop.py", f"print({MARK}item)"),
        ("shop.py", f"return {MARK}item"),
        ("shop.js", f"{MARK}item.go()"),
        ("shop.js", f"helper({MARK}item)"),
        ("shop.ts", f"make({MARK}item)"),
        ("shop/Shop.java", f"println({MARK}item)"),
        ("shop.go", f"{{ use({MARK}item) }}"),
        ("shop.go", f"3\n\tuse({MARK}item)"),
        ("src/lib.rs", f"show({MARK}item"),
        ("src/lib.rs", f", {MARK}size)"),
        ("src/lib.rs", f"match {MARK}size"),
        ("shop.cc", f"show({MARK}item)"),
        ("shop.cc", f"char *{MARK}open"),
    ],
)
def test_what_a_function_binds_is_no_definition_of_that_name(shop: Looking, path: str, snippet: str):
    """Variables, loops, patterns and parameters hide functions, fields and modules of the same name."""
    assert shop.meaning(path, snippet) == ""


@pytest.mark.parametrize(
    ("path", "snippet", "meaning"),
    [
        ("shop.py", f"till.{MARK}ring", "shop.py:Till.ring"),
        ("shop.py", f"global {MARK}item", "shop.py:item"),
        ("shop.js", f"till.{MARK}ring", "shop.js:Till.ring"),
        ("shop.js", f"=> {MARK}helper(", "shop.js:sell.helper"),
        ("shop.ts", f"till.{MARK}ring", "shop.ts:Till.ring"),
        ("shop.ts", f"other.{MARK}ring", "shop.ts:Drawer.ring"),
        ("shop/Shop.java", f"till.{MARK}ring", "shop/Shop.java:Shop.Till.ring"),
        ("shop/Shop.java", f"drawer.{MARK}ring", "shop/Shop.java:Shop.Drawer.ring"),
        ("shop/Shop.java", f"return {MARK}item", "shop/Shop.java:Shop.item"),
        ("shop.go", f"till.{MARK}Ring", "shop.go:Till.Ring"),
        ("shop.go", f"d.{MARK}Ring", "shop.go:Drawer.Ring"),
        ("src/lib.rs", f"till.{MARK}ring", "src/lib.rs:Till.ring"),
        ("src/lib.rs", f"other.{MARK}ring", "src/lib.rs:Drawer.ring"),
        ("shop.cc", f"till.{MARK}ring", "shop.cc:Till.ring"),
        ("shop.cc", f"drawer.{MARK}ring", "shop.cc:Drawer.ring"),
    ],
)
def test_a_declaration_tells_what_its_members_are(shop: Looking, path: str, snippet: str, meaning: str):
    """The type that a variable is declared with, or that it is made of, decides between members of one name."""
    assert shop.meaning(path, snippet) == meaning


def test_a_name_that_stands_everywhere_costs_little(tmp_path: Path):
    """Of very many mentions in one function, the first are looked at."""
    body = "    use(item)\n" * 5000
    looking = Looking(tmp_path / "w", {"big.py": f"def item(): ...\n\ndef sell():\n{body}    return item\n"})
    assert looking.meaning("big.py", f"return {MARK}item") == "big.py:item"
