"""The client's configuration -> Settings: pulled where the client can, else what it sends by itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import anyio
import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.errors import InglenookError
from lsp_server.settings import SECTION, Settings

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer

_log = logging.getLogger(__name__)

EDITOR_EXCLUDE = "files.exclude"
"""The editor's own setting: glob -> whether to leave out what matches."""
ANSWER_SECONDS = 3.0
"""A client that does not answer within this is taken to have no configuration."""


class Configuration:
    """What the client said of its settings."""

    def __init__(self, ls: InglenookServer) -> None:
        self._ls = ls
        self._initial: Mapping[str, Any] = {}
        self._pushed: Mapping[str, Any] = {}
        self._pulled: Mapping[str, Any] | None = None
        self._changes = 0
        """How often the client said that something changed."""
        self._excluded: tuple[str, ...] = ()
        """What the editor's own setting leaves out."""
        self._shown: set[str] = set()

    def start(self, settings: Mapping[str, Any]) -> None:
        """Take `initializationOptions.settings`; later configuration wins over it, key by key."""
        self._initial = _section(settings)

    def changed(self, settings: object) -> None:
        """Take the parameters of `workspace/didChangeConfiguration`; what was pulled is out of date."""
        self._pushed = _section(settings)
        self._pulled = None
        self._changes += 1

    async def read(self) -> Settings:
        """Return the settings in force, and show once what was refused."""
        while self._pulled is None and self._can_pull:
            before = self._changes
            pulled = await self._pull()
            if self._changes == before:  # else it may be what was so before the change
                self._pulled, self._excluded = pulled
        values = _flat(self._initial) | _flat(self._pushed) | _flat(self._pulled or {})
        settings, problems = Settings.from_client(values)
        for problem in problems:
            if problem not in self._shown:
                self._shown.add(problem)
                self._ls.show(problem, types.MessageType.Warning)
        return attrs.evolve(settings, exclude=tuple(dict.fromkeys((*settings.exclude, *self._excluded))))

    async def subscribe(self) -> None:
        """Ask a client that wants to be asked to tell of changes."""
        client = self._ls.client_capabilities.workspace
        wants = client and client.did_change_configuration and client.did_change_configuration.dynamic_registration
        if not wants:
            return
        method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
        options = types.DidChangeConfigurationRegistrationOptions(section=[SECTION, EDITOR_EXCLUDE])
        registration = types.Registration(id=method, method=method, register_options=options)
        try:
            await self._ls.client_register_capability_async(types.RegistrationParams([registration]))
        except (JsonRpcException, InglenookError) as error:
            _log.info("The client will not tell of changed configuration: %s", error)

    @property
    def _can_pull(self) -> bool:
        client = self._ls.client_capabilities.workspace
        return bool(client and client.configuration)

    async def _pull(self) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        sections = (SECTION, EDITOR_EXCLUDE)
        params = types.ConfigurationParams([types.ConfigurationItem(section=section) for section in sections])
        try:
            with anyio.fail_after(ANSWER_SECONDS):
                values = await self._ls.workspace_configuration_async(params)
        except (JsonRpcException, InglenookError, TimeoutError) as error:
            _log.warning("The client did not tell its configuration: %s", error or "no answer")
            return {}, ()
        ours, excluded = (*values, None, None)[: len(sections)]
        return _section(ours), _globs(excluded)


def _globs(values: object) -> tuple[str, ...]:
    """Return the globs that are switched on; one with a condition (`{"when": ...}`) hides files that have a source."""
    named: Mapping[object, object] = cast("Mapping[object, object]", values) if isinstance(values, Mapping) else {}
    return tuple(glob for glob, on in named.items() if isinstance(glob, str) and glob and on is True)


def _section(values: object) -> Mapping[str, Any]:
    """Return what lies under `inglenook`; clients send it with the section's name and without."""
    if not isinstance(values, Mapping):
        return {}
    named = cast("Mapping[str, Any]", values)
    inner = named.get(SECTION)
    return cast("Mapping[str, Any]", inner) if isinstance(inner, Mapping) else named


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return dotted keys without the unset ones: many clients send null for what has no value."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        key = f"{prefix}{name}".removeprefix(f"{SECTION}.")
        if isinstance(value, Mapping):
            flat |= _flat(cast("Mapping[str, Any]", value), f"{key}.")
        elif value is not None:
            flat[key] = value
    return flat
