"""Every failure that a person can see: one class, one stable code, one sentence, one hint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

_FAMILY: dict[str, type[InglenookError]] = {}


class InglenookError(Exception):
    """A failure told to a person: what happened (`sentence`) and what to do about it (`hint`).

    `code` is the JSON-RPC error code, `kind` the stable name that clients switch on.
    """

    code: ClassVar[int] = 1000
    kind: ClassVar[str] = "internal"
    default_hint: ClassVar[str] = "Please report this with the output of `inglenook doctor`."

    def __init__(self, sentence: str, hint: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = self.default_hint if hint is None else hint

    def __init_subclass__(cls) -> None:
        """Register the class under its kind, so that an error survives a socket."""
        _FAMILY[cls.kind] = cls

    def to_wire(self) -> dict[str, str]:
        """Return the error as plain data."""
        return {"kind": self.kind, "sentence": self.sentence, "hint": self.hint}

    @staticmethod
    def from_wire(data: Mapping[str, str]) -> InglenookError:
        """Rebuild the error that `to_wire` described; an unknown kind becomes the base class."""
        family = _FAMILY.get(data.get("kind", ""), InglenookError)
        return family(data.get("sentence", "Something failed without saying why."), data.get("hint"))


class BadRequest(InglenookError):
    """The request's parameters are missing or of the wrong type."""

    code = 1001
    kind = "badRequest"
    default_hint = "Correct the parameters and send the request again."


class WorkspaceUnusable(InglenookError):
    """The workspace does not exist, is not a folder, or cannot be read."""

    code = 1002
    kind = "workspace"
    default_hint = "Open a folder that exists and that you may read."


class OutOfScope(InglenookError):
    """A path lies outside the workspace, is ignored, secret, binary or too large."""

    code = 1003
    kind = "outOfScope"
    default_hint = "Name a file inside the workspace."


class ModelMissing(InglenookError):
    """No model has been built yet."""

    code = 1010
    kind = "modelMissing"
    default_hint = "Run `inglenook model build`."


class ModelRefused(InglenookError):
    """A model folder is there and is not fit to serve."""

    code = 1011
    kind = "modelRefused"
    default_hint = "Run `inglenook model build` to make it again."


class ModelBuildFailed(InglenookError):
    """A download, conversion or disk write failed while a model was being made."""

    code = 1012
    kind = "modelBuild"
    default_hint = "Run `inglenook model build` again: it goes on from where it stopped."


class MachineTooSmall(InglenookError):
    """This machine cannot hold the model, or what it computes."""

    code = 1013
    kind = "machineTooSmall"
    default_hint = "Choose a smaller recipe: `inglenook model plan --recipe qwen2.5-coder-0.5b`."


class EngineUnavailable(InglenookError):
    """The resident model process could not be started or reached."""

    code = 1020
    kind = "engineUnavailable"
    default_hint = "Run `inglenook doctor`; it names what is missing."


class EngineDied(InglenookError):
    """The resident model process ended while it was answering."""

    code = 1021
    kind = "engineDied"
    default_hint = "Ask again: a new process is started by itself."


class EndpointFailed(InglenookError):
    """The configured OpenAI-compatible server refused or could not be reached."""

    code = 1022
    kind = "endpoint"
    default_hint = "Check `inglenook.model.endpoint` and that the server there is running."


class QuestionTooLong(InglenookError):
    """The question, or a conversation that cannot be shortened, exceeds the model's window."""

    code = 1030
    kind = "questionTooLong"
    default_hint = "Ask a shorter question, or select less code."


class NoExplanation(InglenookError):
    """The model said nothing that explains."""

    code = 1031
    kind = "noExplanation"
    default_hint = "Try again, or select a few lines that matter and explain those."
