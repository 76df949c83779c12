"""Where turns come from: the resident engine, or the server that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio.to_thread
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from lsp_server import modelstore
from lsp_server.agent.model import ResidentModel
from lsp_server.agent.turns import Turns
from lsp_server.engine.base import Engine, Priority
from lsp_server.errors import EngineUnavailable, InglenookError
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from lsp_server.agent.endpoint import Endpoint


class ModelSource:
    """Makes the framework's models for questions and explanations."""

    def __init__(self, settings: Settings, engine: Engine | None) -> None:
        """Prepare; `engine` is None exactly when the settings name an endpoint."""
        self._settings = settings
        self._engine = engine
        self._endpoint = _endpoint(settings) if settings.endpoint else None

    async def model(self, turns: Turns, system: str, priority: Priority = Priority.QUESTION) -> Model:
        """Return the model for one question; a server knows no priorities.

        Raises:
            EngineUnavailable: there is neither engine nor endpoint.
            EndpointFailed: the server cannot be reached or lists no model.
        """
        if self._endpoint is not None:
            return await self._endpoint.model(turns)
        if self._engine is None:
            raise EngineUnavailable("There is neither a model on this machine nor an endpoint to ask.")
        return ResidentModel(self._engine, turns, system, priority)

    @property
    def name(self) -> str:
        """The model's name, for people; of a server that was not asked yet, what the settings say."""
        if self._engine is not None:
            return self._engine.model_name
        return self._settings.endpoint_model if self._endpoint is None else self._endpoint.known_name

    async def identity(self) -> str:
        """Return what tells this model from every other: its files' hash, or the server's URL and the model's name.

        Raises:
            EndpointFailed: the server cannot be reached or lists no model.
        """
        if self._endpoint is not None:
            return f"{self._endpoint.url}\n{await self._endpoint.name()}"
        return await anyio.to_thread.run_sync(self._resident_identity)

    def identity_now(self) -> str | None:
        """Return the identity without asking a server; None where only the server knows. Reads the disk."""
        if not self._settings.endpoint:
            return self._resident_identity()
        name = self._settings.endpoint_model
        return f"{self._settings.endpoint}\n{name}" if name else None

    def _resident_identity(self) -> str:
        try:
            return modelstore.chosen(self._settings).manifest.model_hash
        except InglenookError:  # the engine will say what is missing
            return "" if self._engine is None else self._engine.model_name

    async def aclose(self) -> None:
        """Close the endpoint's connection, if there is one."""
        if self._endpoint is not None:
            await self._endpoint.aclose()


def model_settings(settings: Settings) -> ModelSettings:
    """Return how tokens are chosen, as the framework says it."""
    chosen = ModelSettings(
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
        top_p=settings.top_p,
        # Otherwise the first result that resembles an instruction would change the system message in mid-run.
        framing_announcement="never",
    )
    if settings.seed is not None:
        chosen["seed"] = settings.seed
    if settings.stop_sequences:
        chosen["stop_sequences"] = list(settings.stop_sequences)
    return chosen


def _endpoint(settings: Settings) -> Endpoint:
    # The OpenAI client costs half a second and 35 MB, which the resident model's users need not pay.
    from lsp_server.agent.endpoint import Endpoint  # noqa: PLC0415

    return Endpoint(settings)
