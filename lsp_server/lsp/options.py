"""What the server takes from `initializationOptions`."""

from __future__ import annotations

from typing import Any, cast

import attrs


@attrs.frozen
class Options:
    """The client's options."""

    commands: bool = True
    """Whether to advertise commands; a client that registers its own says no."""
    trusted: bool = True
    """Whether the person trusts the folders that are open."""
    trusted_commands: bool = False
    """Whether the client follows links to our commands in what it shows of ours."""
    model: bool = True
    """Whether to make agent and model ready in advance; a client that only searches says no."""
    settings: dict[str, Any] = attrs.field(factory=dict[str, Any])

    @classmethod
    def read(cls, given: Any) -> Options:
        """Take what is of the right type, ignore the rest."""
        options = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        settings: object = options.get("settings")
        return cls(
            commands=options.get("commands") is not False,
            trusted=options.get("trusted") is not False,
            trusted_commands=options.get("trustedCommands") is True,
            model=options.get("model") is not False,
            settings=cast("dict[str, Any]", settings) if isinstance(settings, dict) else {},
        )
