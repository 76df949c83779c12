from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.workspace.module_files import find_module, submodule
from support.looking import Looking

FILES = (
    "src/shop/__init__.py", "src/shop/core.py", "src/shop/deep/mod.py", "src/shop/both.py", "src/shop/both/__init__.py",
    "src/shop/json.py", "src/types/readme.txt", "lib/tools.pyi", "tests/unit/test_it.py", "tests/unit/helpers.py",
    "web/src/a.ts", "web/src/b/index.js", "web/src/c.js", "web/src/c.ts", "web/src/d.tsx", "web/main.js",
    "crates/my-lib/src/lib.rs", "crates/my-lib/src/a/mod.rs", "crates/my-lib/src/a/b.rs", "crates/my-lib/tests/it.rs",
    "crates/app/src/main.rs", "go/pkg/sub/x.go", "go/pkg/y.go", "other/sub/z.go", "other/main.go",
)  # fmt: skip


@pytest.fixture
def looking(tmp_path: Path) -> Looking:
    texts = {**dict.fromkeys(FILES, ""), "go/go.mod": 'module "example.org/go"\n'}
    return Looking(tmp_path / "w", texts)


def files(looking: Looking, path: str, module: str) -> list[str] | None:
    """The files that a module's path leads to; None where it leads outside."""
    found = find_module(looking.view, looking.located(path), module)
    return None if found is None else [located.relative for located in found.files]


@pytest.mark.parametrize(
    ("path", "module", "expected"),
    [
        ("src/shop/core.py", "shop", ["src/shop/__init__.py"]),
        ("src/shop/core.py", "shop.core", ["src/shop/core.py"]),
        ("src/shop/core.py", ".", ["src/shop/__init__.py"]),
        ("src/shop/deep/mod.py", "..core", ["src/shop/core.py"]),
        ("src/shop/deep/mod.py", "....core", None),
        ("src/shop/deep/mod.py", "......core", None),
        ("src/shop/core.py", ".deep", []),
        ("src/shop/core.py", ".both", ["src/shop/both/__init__.py"]),
        ("src/shop/core.py", "json", None),
        ("src/shop/core.py", "core", None),
        ("src/shop/core.py", "types.absent", None),
        ("tests/unit/test_it.py", "shop.core", ["src/shop/core.py"]),
        ("tests/unit/test_it.py", "helpers", ["tests/unit/helpers.py"]),
        ("tests/unit/test_it.py", "tools", ["lib/tools.pyi"]),
        ("web/main.js", "./src/a", ["web/src/a.ts"]),
        ("web/main.js", "./src/a.js", ["web/src/a.ts"]),
        ("web/main.js", "./src/c.js", ["web/src/c.js"]),
        ("web/main.js", "./src/b", ["web/src/b/index.js"]),
        ("web/main.js", "@/d", ["web/src/d.tsx"]),
        ("web/src/b/index.js", "..", None),
        ("web/src/b/index.js", "../a", ["web/src/a.ts"]),
        ("web/src/b/index.js", "../../../../a", None),
        ("web/main.js", "react", None),
        ("crates/my-lib/src/a/b.rs", "crate.a", ["crates/my-lib/src/a/mod.rs"]),
        ("crates/my-lib/src/a/b.rs", "super", ["crates/my-lib/src/a/mod.rs"]),
        ("crates/my-lib/src/a/b.rs", "self.super.super", ["crates/my-lib/src/lib.rs"]),
        ("crates/my-lib/src/a/mod.rs", "self.b", ["crates/my-lib/src/a/b.rs"]),
        ("crates/my-lib/src/lib.rs", "super", None),
        ("crates/my-lib/tests/it.rs", "my_lib.a.b", ["crates/my-lib/src/a/b.rs"]),
        ("crates/app/src/main.rs", "my_lib", ["crates/my-lib/src/lib.rs"]),
        ("crates/app/src/main.rs", "crate", ["crates/app/src/main.rs"]),
        ("crates/app/src/main.rs", "serde.de", None),
        ("src/shop/core.py", "", None),
    ],
)
def test_paths_lead_to_files(looking: Looking, path: str, module: str, expected: list[str] | None):
    """Each language's own rule decides; what no rule finds lies outside."""
    assert files(looking, path, module) == expected


@pytest.mark.parametrize(
    ("path", "module", "inside"),
    [
        ("go/pkg/y.go", "example.org/go/pkg/sub", ["go/pkg/sub/x.go"]),
        ("go/pkg/y.go", "example.org/go", []),
        ("go/pkg/y.go", "example.org/gone", None),
        ("go/pkg/y.go", "sub", None),
        ("other/main.go", "example.org/elsewhere/other/sub", ["other/sub/z.go"]),
        ("other/main.go", "other/sub", None),
        ("other/main.go", "fmt", None),
    ],
)
def test_go_packages_are_folders(looking: Looking, path: str, module: str, inside: list[str] | None):
    """The nearest go.mod tells where a path begins; without one, its end may name a folder."""
    found = find_module(looking.view, looking.located(path), module)
    if found is None:
        assert inside is None
    else:
        assert found.holds is not None
        assert [name for name in FILES if found.holds(looking.located(name)) and name.endswith(".go")] == inside


def test_submodules_are_files_in_the_package_folder(looking: Looking):
    """A package knows its modules by their files; a module that is a file has none."""
    here = looking.located("src/shop/core.py")
    package = find_module(looking.view, here, "shop")
    plain = find_module(looking.view, here, "shop.core")
    assert package is not None
    assert plain is not None
    inner = submodule(looking.view, here, package, "core")
    assert inner is not None
    assert [located.relative for located in inner.files] == ["src/shop/core.py"]
    assert submodule(looking.view, here, package, "absent") is None
    assert submodule(looking.view, here, plain, "core") is None


def test_a_module_that_is_only_a_buffer_is_found(looking: Looking):
    """A new file that is not saved yet can be imported beside it."""
    located = looking.located("src/shop/core.py")
    looking.workspace.files.open_buffer(located.absolute.with_name("fresh.py").as_uri(), "x = 1\n")
    assert files(looking, "src/shop/core.py", ".fresh") == ["src/shop/fresh.py"]
