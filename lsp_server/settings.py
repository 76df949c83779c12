"""Every setting, once: name, type, default, range, scope and description.

The client's configuration block and the documents are made from `DECLARATIONS`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, cast

import attrs

Scope = Literal["machine", "window", "resource"]
"""`machine`: a workspace's own configuration must not decide it."""

SECTION = "inglenook"
DEFAULT_RECIPE = "qwen2.5-coder-0.5b"
_METADATA = "inglenook"


@attrs.frozen
class Declaration:
    """What a setting is, apart from its value."""

    key: str
    """Name on the wire, below `inglenook.`."""
    description: str
    scope: Scope = "window"
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    field: str = ""
    """The attribute of Settings that holds it."""
    default: Any = None


def _setting(  # noqa: PLR0913 - the columns of the declaration
    key: str,
    default: Any,
    description: str,
    *,
    scope: Scope = "window",
    choices: tuple[str, ...] = (),
    minimum: float | None = None,
    maximum: float | None = None,
) -> Any:
    declared = Declaration(key, description, scope, choices, minimum, maximum)
    return attrs.field(default=default, metadata={_METADATA: declared})


@attrs.frozen
class Settings:
    """The values in force."""

    recipe: str = _setting(
        "model.recipe",
        DEFAULT_RECIPE,
        "The recipe whose model is served (`inglenook model list`); the default leaves the choice to "
        "`inglenook model use`.",
        scope="machine",
    )
    model_path: str = _setting(
        "model.path", "", "A model folder to serve instead of the recipe's; empty for none.", scope="machine"
    )
    endpoint: str = _setting(
        "model.endpoint",
        "",
        "Base URL of an OpenAI-compatible server to use instead of the resident model, such as "
        "`http://127.0.0.1:8080/v1`. The code that the tools read is sent there.",
        scope="machine",
    )
    endpoint_model: str = _setting(
        "model.endpointModel", "", "The model's name at the endpoint; empty takes the first it lists.", scope="machine"
    )
    endpoint_key_variable: str = _setting(
        "model.endpointKeyVariable",
        "INGLENOOK_ENDPOINT_KEY",
        "The environment variable that holds the endpoint's key.",
        scope="machine",
    )
    idle_minutes: float = _setting(
        "model.idleMinutes",
        10.0,
        "The resident model leaves memory this long after its last editor has gone. Applies from its next loading on.",
        scope="machine",
        minimum=0.0,
        maximum=1440.0,
    )
    cache_megabytes: int = _setting(
        "model.cacheMegabytes",
        0,
        "Memory for the keys and values of recent conversations; 0 derives it from the free memory. Applies from the "
        "model's next loading on.",
        scope="machine",
        minimum=0,
        maximum=1_000_000,
    )
    max_tokens: int = _setting(
        "model.maxTokens", 400, "The most tokens that one turn may have.", minimum=1, maximum=8192
    )
    temperature: float = _setting(
        "model.temperature", 0.0, "0 is greedy; higher is more varied.", minimum=0.0, maximum=2.0
    )
    top_p: float = _setting(
        "model.topP", 1.0, "Sample among the likeliest tokens that make up this share.", minimum=0.01, maximum=1.0
    )
    seed: int | None = _setting("model.seed", None, "Seed of the sampler; null for a new one each time.", minimum=0)
    stop_sequences: tuple[str, ...] = _setting(
        "model.stopSequences", (), "A turn ends before the first of these strings."
    )
    max_tool_calls: int = _setting(
        "ask.maxToolCalls", 6, "The most tool calls for one question.", minimum=0, maximum=50
    )
    token_budget: int = _setting(
        "ask.tokenBudget", 4000, "The most tokens that may be generated for one question.", minimum=16, maximum=100_000
    )
    allow_ignored: tuple[str, ...] = _setting(
        "files.allowIgnored",
        (),
        "Glob patterns of ignored files that may be read all the same. Secrets never are.",
        scope="machine",
    )
    max_file_bytes: int = _setting(
        "files.maxBytes", 2_000_000, "Larger files are not read or searched.", minimum=1000, maximum=100_000_000
    )
    exclude: tuple[str, ...] = _setting(
        "files.exclude",
        (),
        "Glob patterns of files and folders to leave out, beside the ignore files and the editor's own "
        "`files.exclude`.",
        scope="resource",
    )
    hover_explain: Literal["off", "onRequest", "automatic"] = _setting(
        "hover.explain",
        "automatic",
        "Whether a hover brings the model's explanation: never, when asked for by its link, or by itself where the "
        "device is fast enough.",
        choices=("off", "onRequest", "automatic"),
    )
    hover_wait: int = _setting(
        "hover.wait",
        0,
        "Milliseconds that a hover may wait for the model's explanation where it comes by itself; 0 shows what is "
        "known at once.",
        minimum=0,
        maximum=10_000,
    )
    hover_prefetch: bool = _setting(
        "hover.prefetch",
        False,
        "Explain the symbols of the visible file in advance while nothing else runs, where explanations come by "
        "themselves.",
    )
    code_lens: bool = _setting("codeLens.references", False, "Show above each definition how often it is used.")
    trace_diagnostics: Literal["off", "citations", "all"] = _setting(
        "trace.diagnostics",
        "citations",
        "Which places of the last answer carry a diagnostic.",
        choices=("off", "citations", "all"),
    )

    @classmethod
    def from_client(cls, values: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
        """Read what a client sent under `inglenook`, nested or with dotted keys.

        Returns the settings and one sentence for each value that was refused; a refused value keeps its default.
        """
        flat = _flatten(values)
        accepted: dict[str, Any] = {}
        problems: list[str] = []
        for declared in DECLARATIONS:
            if declared.key not in flat:
                continue
            try:
                accepted[declared.field] = _checked(declared, flat[declared.key])
            except ValueError as error:
                problems.append(f"{SECTION}.{declared.key}: {error}; using {declared.default!r}.")
        return cls(**accepted), tuple(problems)


def _flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flatten(cast("Mapping[str, Any]", value), f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _checked(declared: Declaration, value: Any) -> Any:
    """Return `value` as the type of the setting's default.

    Raises:
        ValueError: with what was expected.
    """
    default = declared.default
    if declared.choices and value not in declared.choices:
        raise ValueError(f"expected one of {', '.join(declared.choices)}")
    if value is None and default is None:
        return None
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ValueError("expected true or false")
        return value
    if isinstance(default, str):
        if not isinstance(value, str):
            raise ValueError("expected a string")
        return value
    if isinstance(default, tuple):
        items = cast("list[object]", value) if isinstance(value, list) else []
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in items):
            raise ValueError("expected a list of strings")
        return tuple(items)
    return _checked_number(declared, value)


def _checked_number(declared: Declaration, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("expected a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("expected a finite number")
    whole = not isinstance(declared.default, float)
    if whole and int(value) != value:
        raise ValueError("expected a whole number")
    if declared.minimum is not None and value < declared.minimum:
        raise ValueError(f"expected at least {declared.minimum:g}")
    if declared.maximum is not None and value > declared.maximum:
        raise ValueError(f"expected at most {declared.maximum:g}")
    return int(value) if whole else float(value)


@attrs.frozen
class ClientSettings:
    """What only the VS Code extension acts on: the server is not there yet when they count, and passes them over."""

    server_command: tuple[str, ...] = _setting(
        "server.command",
        (),
        "The program that starts the language server, and its arguments, such as "
        '`["/path/to/inglenook", "serve"]`; empty for the one that the extension has installed. '
        "A change restarts the server.",
        scope="machine",
    )
    server_python: str = _setting(
        "server.python",
        "",
        "The Python, 3.11 or newer, that the extension makes the server's environment with; empty to look for one.",
        scope="machine",
    )


def _declared_in(cls: type[Settings | ClientSettings]) -> tuple[Declaration, ...]:
    return tuple(
        attrs.evolve(field.metadata[_METADATA], field=field.name, default=field.default) for field in attrs.fields(cls)
    )


DECLARATIONS = _declared_in(Settings)
CLIENT_DECLARATIONS = _declared_in(ClientSettings)
