"""What the product's parsers know of code that is not Python, in the form of the truth."""

from __future__ import annotations

from collections.abc import Iterator

from lsp_server.workspace import facts as parsed
from lsp_server.workspace.symbols import holds_code
from lsp_server.workspace.workspace import Workspace
from models.data.structural.truth import Definition, Site, Spot, Truth


def parsed_truth(workspace: Workspace) -> Truth:
    """Return the definitions and sites of all code files of a workspace with one folder."""
    view = workspace.view(verified=True)
    files = [(located.relative, view.facts(located)) for located in view.listed(holds_code, lambda: False)]
    return Truth(
        tuple(definition for path, facts in files for definition in _definitions(path, facts)),
        tuple(site for path, facts in files for site in _sites(path, facts)),
    )


def _definitions(path: str, facts: parsed.Facts) -> Iterator[Definition]:
    for found in facts.definitions:
        if found.kind == "heading" or found.minor:
            continue
        _, equals, value = found.signature.partition(" = ")
        yield Definition(
            Spot(path, found.line, found.name),
            found.kind,
            bases=found.bases,
            decorators=found.decorators,
            value=value if equals and found.kind == "constant" else "",
            signature=found.signature,
        )


def _sites(path: str, facts: parsed.Facts) -> Iterator[Site]:
    for site in facts.sites:
        if site.relation in {"call", "raise"}:
            enclosing = facts.definitions[site.enclosing].name if site.enclosing >= 0 else ""
            relation = "call" if site.relation == "call" else "raise"
            yield Site(Spot(path, site.line, enclosing), relation, site.target)
