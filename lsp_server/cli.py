"""The command `inglenook`: serve · ask · search · explain · model · doctor.

Each subcommand imports what it needs when it runs.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from lsp_server import __version__, cli_model
from lsp_server.errors import InglenookError
from lsp_server.kinds import SEARCH_KINDS
from lsp_server.own_programs import LANGUAGE_SERVER

if TYPE_CHECKING:
    from lsp_server.engine.base import Engine
    from lsp_server.lsp.bench import Agent
    from lsp_server.settings import Settings
    from lsp_server.workspace.workspace import Workspace


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # pyright: ignore[reportPrivateUsage] # noqa: SLF001
PIPE_CLOSED = 141
"""128 + SIGPIPE, as a shell reports it."""


def main(arguments: Sequence[str] | None = None, *, server: Sequence[str] = LANGUAGE_SERVER) -> int:
    """Run the command and return its exit code: 0, 1 for a failure that was told, 130 after Ctrl-C.

    Args:
        arguments: The command line, without the program's name; the process's own by default.
        server: The command that starts a language server, for the commands that are its clients.
    """
    _prepare_streams()
    parsed = _parsed(arguments)
    parsed.server = server
    try:
        code = int(parsed.run(parsed) or 0)
        sys.stdout.flush()
    except InglenookError as error:
        tell(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _finish_output()
        return PIPE_CLOSED
    except OSError as error:
        _finish_output()
        tell(InglenookError(f"The operating system refused: {error}.", "Check permissions, and space on the disk."))
    else:
        return code
    return 1


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    try:
        return _parser().parse_args(arguments)
    except SystemExit:
        _finish_output()  # the help text, which its reader may have left
        raise


def _prepare_streams() -> None:
    """Let no output fail for its letters, nor for a stream that the caller has closed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for the process's life
    if isinstance(out := cast("object", sys.stdout), io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace")


def _finish_output() -> None:
    """Write what is left, or nowhere: it would fail again when the interpreter ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(error: InglenookError) -> None:
    """Write a failure for a person: what happened, and what to do."""
    from lsp_server.terminal import visible  # noqa: PLC0415 - few runs fail

    sys.stderr.write(visible("\n".join(filter(None, (error.sentence, error.hint)))) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="inglenook", description="A warm, local model beside your code.")
    parser.add_argument("--version", action="version", version=f"inglenook {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="be the language server that editors start")
    serve.add_argument(
        "--stdio", action="store_true", help="speak over stdin and stdout (the only way, and the default)"
    )
    serve.set_defaults(run=_serve)
    _add_ask(commands)
    _add_search(commands)
    _add_explain(commands)
    cli_model.add_parser(commands)
    doctor = commands.add_parser("doctor", help="say what is installed, what is missing, and what to do about it")
    doctor.add_argument("--json", action="store_true", help="write JSON alone to stdout")
    doctor.set_defaults(run=_doctor)
    return parser


def _add_ask(commands: Commands) -> None:
    ask = commands.add_parser("ask", help="ask a question about the code in a folder")
    ask.add_argument("question", nargs="?", help="the question")
    ask.add_argument("--batch", metavar="FILE.jsonl", help="answer each line {id, question}; - reads stdin")
    _add_client(ask)
    ask.set_defaults(run=_ask)


def _add_search(commands: Commands) -> None:
    search = commands.add_parser("search", help="search the code in a folder: names, text, or words")
    search.add_argument("query", help="what to look for; calls:NAME, inherits:NAME and the like are understood")
    search.add_argument("--kind", choices=SEARCH_KINDS, default="auto", help="how to take the query (default: auto)")
    search.add_argument("--limit", type=int, metavar="N", help="the most hits to show")
    _add_client(search)
    search.set_defaults(run=_search)


def _add_explain(commands: Commands) -> None:
    explain = commands.add_parser("explain", help="have the model explain what stands at a place")
    explain.add_argument("place", metavar="PATH:LINE[:COL]", help="from 1; without COL the first name of the line")
    explain.add_argument("--refresh", action="store_true", help="make a new explanation although there is one")
    _add_client(explain)
    explain.set_defaults(run=_explain)


def _add_client(command: argparse.ArgumentParser) -> None:
    """Add what every command takes that is a client of the language server."""
    command.add_argument(
        "--workspace", "-w", type=Path, default=Path(), metavar="DIR", help="the folder (default: this one)"
    )
    command.add_argument("--json", action="store_true", help="write one JSON object to stdout, and nothing else")
    command.add_argument(
        "--set", action="append", default=[], dest="settings", metavar="KEY=VALUE", help="a setting for this run"
    )


def _serve(_arguments: argparse.Namespace) -> int:
    from lsp_server.lsp.streams import take_standard_pipes  # noqa: PLC0415 - each subcommand loads what it needs

    pipes = take_standard_pipes()
    from lsp_server.lsp.logs import log_to_stderr  # noqa: PLC0415
    from lsp_server.lsp.server import create_server  # noqa: PLC0415

    log_to_stderr()
    return create_server(engine_factory=make_engine, agent_factory=make_agent).run(pipes)


def make_engine(settings: Settings) -> Engine:
    """Return the door to the resident model; nothing is started yet."""
    from lsp_server.agent.prompts import PROBE_TOOL, PROMPT_VERSION  # noqa: PLC0415
    from lsp_server.engine.base import WIRE_VERSION  # noqa: PLC0415
    from lsp_server.engine.client import ResidentEngine  # noqa: PLC0415
    from lsp_server.engine.frames import Hello  # noqa: PLC0415

    return ResidentEngine(settings, hello=Hello(WIRE_VERSION, PROMPT_VERSION, PROBE_TOOL))


def make_agent(settings: Settings, workspace: Workspace, engine: Engine | None) -> Agent:
    """Return whatever speaks with the model."""
    from lsp_server.agent.ask import create_agent  # noqa: PLC0415 - the framework takes a second to import
    from lsp_server.agent.explain import create_explainer  # noqa: PLC0415
    from lsp_server.lsp.bench import Agent  # noqa: PLC0415

    return Agent(create_agent(settings, workspace, engine), create_explainer(settings, workspace, engine))


def _ask(arguments: argparse.Namespace) -> int:
    from lsp_server.cli_ask import run_ask  # noqa: PLC0415

    return run_ask(arguments)


def _search(arguments: argparse.Namespace) -> int:
    from lsp_server.cli_search import run_search  # noqa: PLC0415

    return run_search(arguments)


def _explain(arguments: argparse.Namespace) -> int:
    from lsp_server.cli_explain import run_explain  # noqa: PLC0415

    return run_explain(arguments)


def _doctor(arguments: argparse.Namespace) -> int:
    from lsp_server.cli_doctor import run_doctor  # noqa: PLC0415

    return run_doctor(as_json=arguments.json)
