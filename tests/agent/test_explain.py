from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import anyio
import attrs
import pytest

from lsp_server.engine.base import Chunk, DoneChunk, Job, Priority
from lsp_server.errors import EndpointFailed, EngineUnavailable, NoExplanation
from lsp_server.settings import Settings
from lsp_server.wire import ResetPart, TextPart
from support.explaining import WORDS, explain, explaining, target
from support.listening import Heard
from support.recording_server import recording_server
from support.scripted_engine import Hang, ScriptedEngine, roles

PATIENCE = 10.0

pytestmark = pytest.mark.usefixtures("home")


class Cut(ScriptedEngine):
    """A scripted engine whose turns reach their limit."""

    async def generate(self, job: Job) -> AsyncGenerator[Chunk, None]:
        async with aclosing(super().generate(job)) as chunks:
            async for chunk in chunks:
                yield attrs.evolve(chunk, reason="length") if isinstance(chunk, DoneChunk) else chunk


async def test_a_person_asks(root: Path):
    """The words are streamed as they come, and the result is what was heard, with its trace."""
    engine, heard = ScriptedEngine(WORDS), Heard()
    async with explaining(root, engine) as it:
        result = await explain(it, target(), heard)
    assert result.markdown == heard.text == WORDS
    assert len([part for part in heard.parts if isinstance(part, TextPart)]) > 3
    assert (result.cached, result.citations) == (False, ())
    assert (result.trace.id, result.trace.model) == ("explain-1", "scripted")
    assert [span.name for span in result.trace.spans] == ["prefill", "decode"]
    assert result.trace.timing.output_tokens > 0
    assert ("Reading", 50) in heard.lines


async def test_the_job(root: Path):
    """One turn without calls, short, as urgent as an explanation is; the settings decide how tokens are chosen."""
    engine = ScriptedEngine(WORDS)
    async with explaining(root, engine, Settings(temperature=0.3, seed=4, stop_sequences=("END",))) as it:
        await explain(it, target())
    [job] = engine.jobs
    assert (roles(job), job.calls, job.priority) == (["system", "user"], "forbidden", Priority.EXPLANATION)
    assert "Basket.close" in job.messages[1].text
    assert (job.sampling.temperature, job.sampling.seed) == (0.3, 4)
    assert job.sampling.stop_sequences == ("END", "```")
    assert job.sampling.max_tokens <= 120


async def test_known_at_once(root: Path):
    """What was explained is known without the model, also to the next explainer of the same cache."""
    engine = ScriptedEngine(WORDS)
    async with explaining(root, engine) as it:
        assert it.known(target()) is None
        await explain(it, target())
        assert it.known(target()) == WORDS
    async with explaining(root, engine) as later:
        assert later.known(target()) == WORDS
        assert later.known(target("k2")) is None
        heard = Heard()
        result = await explain(later, target(), heard)
        assert (result.cached, result.markdown, heard.text) == (True, WORDS, WORDS)
    assert len(engine.jobs) == 1


async def test_of_that_model_alone(root: Path):
    """Another model's words are not this one's."""

    class Other(ScriptedEngine):
        @property
        def model_name(self) -> str:
            return "other"

    async with explaining(root, ScriptedEngine(WORDS)) as it:
        await explain(it, target())
    async with explaining(root, Other()) as other:
        assert other.known(target()) is None


async def test_refresh(root: Path):
    """A new explanation is sampled, since a greedy model would say the same, and takes the place of the old one."""
    engine = ScriptedEngine(WORDS, "It ends the basket's life.")
    async with explaining(root, engine, Settings(seed=1)) as it:
        await explain(it, target(), refresh=True)  # there is none yet
        result = await explain(it, target(), refresh=True)
        assert (result.cached, result.markdown) == (False, "It ends the basket's life.")
        assert it.known(target()) == "It ends the basket's life."
    assert [job.sampling.temperature for job in engine.jobs] == [0.0, 0.5]
    assert engine.jobs[1].sampling.seed is None


async def test_cancel(root: Path):
    """Cancelling stops the model once nobody else waits for the words; asking again begins anew."""
    hang = Hang("It closes")
    engine = ScriptedEngine(hang, WORDS)
    async with explaining(root, engine) as it:
        one, two = (asyncio.create_task(explain(it, target())) for _ in range(2))
        await hang.reached.wait()
        one.cancel()
        await asyncio.wait([one])
        await anyio.wait_all_tasks_blocked()
        assert engine.closed == 0
        two.cancel()
        await asyncio.wait([two])
        assert (await explain(it, target())).markdown == WORDS
    assert engine.closed == 2


async def test_closing_stops_everything(root: Path):
    """At the end nothing goes on, and who waits is told."""
    hang = Hang("It closes")
    engine = ScriptedEngine(hang)
    async with explaining(root, engine) as it:
        asked = asyncio.create_task(explain(it, target()))
        await hang.reached.wait()
    with pytest.raises(EngineUnavailable, match="stopped"):
        await asked
    assert engine.closed == 1
    it.begin(target("k2"))
    assert len(engine.jobs) == 1


@pytest.mark.parametrize("said", ["", "\n\n", "```python\nx = 1\n```", "Here it is:\n- a\n- b", "# Close"])
async def test_nothing_useful(root: Path, said: str):
    """No words, code alone or an announcement of a list is an error for a person, not kept, and not tried unasked."""
    engine = ScriptedEngine(said, WORDS)
    async with explaining(root, engine) as it:
        with pytest.raises(NoExplanation, match=r"no words for `Basket\.close`") as told:
            await explain(it, target())
        assert told.value.hint
        assert it.known(target()) is None
        it.begin(target())
        assert len(engine.jobs) == 1
        assert (await explain(it, target())).markdown == WORDS


async def test_plain_prose(root: Path):
    """Lists and code behind the sentences, and a fourth sentence, are not shown."""
    engine = ScriptedEngine("One is. Two is.\n\n- three", "A is. B is. C is. D is.")
    async with explaining(root, engine) as it:
        assert (await explain(it, target("k1"))).markdown == "One is. Two is."
        assert (await explain(it, target("k2"))).markdown == "A is. B is. C is."


async def test_no_model(root: Path):
    """Without engine and endpoint a person is told, as when asking; a hover is silent."""
    async with explaining(root, None) as it:
        with pytest.raises(EngineUnavailable, match="neither"):
            await explain(it, target())
        it.begin(target())
        assert await it.wait(target(), PATIENCE) is None


async def test_places_are_checked(root: Path):
    """A place that the words name is checked as an answer's is, when they are made and when they are repeated."""
    said = "`Till` of src/shop/till.py:4 closes it, not `Shop` of src/shop/none.py:4 indeed."
    async with explaining(root, ScriptedEngine(said)) as it:
        for cached in (False, True):
            heard = Heard()
            result = await explain(it, target(), heard)
            assert result.cached is cached
            assert [place.verified for place in result.citations] == [True, False]
            assert result.markdown == heard.text == said.replace(":4 indeed", ":4 (unverified) indeed")


async def test_device_speed(root: Path):
    """How fast the device is becomes known with the first explanation, and stays known in later windows."""
    async with explaining(root, ScriptedEngine(WORDS)) as it:
        assert it.fast is None
        await explain(it, target())
        assert it.fast is True
    async with explaining(root, ScriptedEngine()) as later:
        assert later.fast is True


async def test_corrupt_cache(root: Path, tmp_path: Path):
    """A cache file that is no database costs its words and nothing else."""
    (tmp_path / "explanations-1.db").write_bytes(b"junk" * 5000)
    async with explaining(root, ScriptedEngine(WORDS), folder=tmp_path) as it:
        assert (await explain(it, target())).markdown == WORDS
    async with explaining(root, ScriptedEngine(), folder=tmp_path) as later:
        assert later.known(target()) == WORDS


async def test_endpoint(root: Path):
    """A server explains as the resident model does: no tools are sent, and the key holds its URL and model."""
    with recording_server(WORDS, 500, 500) as recording:
        chosen = Settings(endpoint=recording.url)
        async with explaining(root, None, chosen) as it:
            heard = Heard()
            result = await explain(it, target(), heard)
            assert result.markdown == heard.text == it.known(target()) == WORDS
            assert result.trace.model == "first"
        async with explaining(root, None, chosen) as later:
            assert later.known(target()) is None  # which model the server lists first is not known yet
            assert (await explain(later, target())).cached
            assert later.known(target()) == WORDS
            with pytest.raises(EndpointFailed, match="500"):
                await explain(later, target("k2"))
    [request, *_] = recording.requests
    assert "tools" not in request
    assert "tool_choice" not in request
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert request["messages"][0]["content"].startswith("You explain code.")
    assert request["max_tokens"] <= 120


async def test_a_cut_sentence_is_withdrawn(root: Path):
    """Where the limit cut a sentence, the sentences before it stay."""
    heard = Heard()
    async with explaining(root, Cut("It closes the basket. Then it tells the")) as it:
        result = await explain(it, target(), heard)
    assert result.markdown == heard.text == "It closes the basket."
    assert sum(isinstance(part, ResetPart) for part in heard.parts) == 1


async def test_one_long_sentence_stays(root: Path):
    """Half a sentence is better than none."""
    async with explaining(root, Cut("It closes the basket and then")) as it:
        assert (await explain(it, target())).markdown == "It closes the basket and then"
