"""Makes the data: examples gathered, chosen, played through the product, checked, and written."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from lsp_server.agent.explain_prompt import EXPLAIN_VERSION
from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.resident.chat import Chat
from models.data import leak, structural
from models.data.choosing import ROWS, direct_split, hash_of, question_key, rows_wanted, spread
from models.data.codebases import Codebase, Split, open_codebase, sources
from models.data.example import Example, Explanation, Kind
from models.data.reading import generator
from models.data.record import Recorder, Refused
from models.data.rows import Row, encode, write_rows
from models.data.written import Written, written
from models.progress import Note, Watch

MOST_OF_A_WORDING = 20
"""Rows of a set that are asked in the same words: less than 2 % of the training rows."""
_LONG_TOKENS = 480
_MOST_LONG = 8
"""Generated rows of a kind that are longer than that: tokens are what training takes."""

_SPLITS: tuple[Split, ...] = ("train", "valid")


@attrs.frozen
class Drop:
    """An example that became no row."""

    reason: str
    kind: str
    codebase: str
    question: str
    by_hand: bool


@attrs.frozen
class Data:
    """What was made."""

    rows: Mapping[Split, tuple[Row, ...]]
    drops: tuple[Drop, ...]


class Assembly:
    """The rows of one set while they are gathered."""

    def __init__(self, chat: Chat, asked_elsewhere: frozenset[str]) -> None:
        self._chat = chat
        self._asked_elsewhere = asked_elsewhere
        self._wordings: Counter[str] = Counter()
        self._seen: set[str] = set()
        self._long: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.rows: list[Row] = []

    def take(self, row: Row, *, by_hand: bool) -> None:
        """Add a row.

        Raises:
            Refused: it is one too many, or must not be in the data.
        """
        if leak.named(row) is not None:
            raise Refused("names a package that is measured on")
        if any(leak.normal(question) in self._asked_elsewhere for question in row.questions):
            raise Refused("is asked in a measuring set")
        key = _identity(row)
        if key in self._seen:
            raise Refused("is there already")
        wording = way_of_asking(row)
        if wording and self._wordings[wording] >= MOST_OF_A_WORDING:
            raise Refused("a way of asking that is used up")
        long = not by_hand and len(encode(row, self._chat).ids) > _LONG_TOKENS
        if long and self._long[row.kind] >= _MOST_LONG:
            raise Refused("one long row too many")
        self._seen.add(key)
        self._wordings[wording] += 1
        self._long[row.kind] += long
        self.kinds[row.kind] += 1
        self.rows.append(row)


class Maker:
    """Makes both sets."""

    def __init__(self, chat: Chat, codebases: Mapping[str, Codebase], asked_elsewhere: frozenset[str]) -> None:
        self._codebases = codebases
        self._recorders = {name: Recorder(codebase, chat) for name, codebase in codebases.items()}
        self._sets = {split: Assembly(chat, asked_elsewhere) for split in _SPLITS}
        self._drops: list[Drop] = []

    async def make(self, hand: Written, generated: Sequence[Example], tell: Callable[[str], None]) -> Data:
        """Return the data, telling how far it is: of each kind first what was written by hand."""
        by_hand = list(self._placed(hand.examples))
        for kind in ROWS:
            await self._fill(kind, (example for example in by_hand if example.kind == kind), by_hand=True)
            await self._fill(kind, (example for example in generated if example.kind == kind), by_hand=False)
            tell(f"{kind}: {', '.join(f'{self._sets[split].kinds[kind]} {split}' for split in _SPLITS)}")
        for explanation in hand.explanations:
            await self._try(explanation, by_hand=True)
        rows: dict[Split, tuple[Row, ...]] = {
            split: tuple(sorted(self._sets[split].rows, key=lambda row: hash_of(row.id))) for split in _SPLITS
        }
        return Data(rows, tuple(self._drops))

    async def _fill(self, kind: Kind, examples: Iterable[Example], *, by_hand: bool) -> None:
        for example in spread(examples):
            split = self._codebases[example.codebase].split
            if self._sets[split].kinds[kind] < rows_wanted(kind, split):
                await self._try(example, by_hand=by_hand)

    def _placed(self, examples: Sequence[Example]) -> Iterator[Example]:
        """Yield examples with their codebases: those that name none are dealt over the codebases of their set."""
        free = sorted((e for e in examples if not e.codebase), key=lambda example: hash_of(question_key(example)))
        yield from (example for example in examples if example.codebase)
        dealt: Counter[Split] = Counter()
        for example in free:
            split = direct_split(question_key(example))
            names = [name for name, codebase in self._codebases.items() if codebase.split == split]
            yield attrs.evolve(example, codebase=names[dealt[split] % len(names)])
            dealt[split] += 1

    async def _try(self, example: Example | Explanation, *, by_hand: bool) -> None:
        kind, question = _what(example)
        try:
            recorder = self._recorders[example.codebase]
            row = await (recorder.explain(example) if isinstance(example, Explanation) else recorder.record(example))
            self._sets[self._codebases[example.codebase].split].take(row, by_hand=by_hand)
        except Refused as refused:
            self._drops.append(Drop(str(refused), kind, example.codebase, question, by_hand))


async def make(chat: Chat, watch: Watch) -> Data:
    """Return the data, made from everything that is pinned and written.

    Raises:
        ModelBuildFailed: code cannot be had, or what is written is broken.
    """
    hand = written()
    codebases = {each.pinned.name: open_codebase(each.pinned.name, watch) for each in sources()}
    generated: list[Example] = []
    for codebase in codebases.values():
        found = [*structural.examples(codebase), *generator.examples(codebase)]
        watch.tell(Note(f"{codebase.name}: {len(found)} examples"))
        generated += found
    maker = Maker(chat, codebases, leak.measured_questions())
    return await maker.make(hand, generated, lambda text: watch.tell(Note(text)))


def write(data: Data, folder: Path) -> None:
    """Write both sets and what is known of them into a folder."""
    for split in _SPLITS:
        write_rows(folder / f"{split}.jsonl", data.rows[split])
    fresh = folder / ".data.json"
    fresh.write_text(json.dumps(_known(data, folder), indent=2, ensure_ascii=False) + "\n", "utf-8")
    fresh.replace(folder / "data.json")


def _known(data: Data, folder: Path) -> dict[str, Any]:
    return {
        "prompt_version": PROMPT_VERSION,
        "explain_version": EXPLAIN_VERSION,
        "sha256": data_hash(folder),
        "rows": {split: len(data.rows[split]) for split in _SPLITS},
        "kinds": {split: dict(sorted(Counter(row.kind for row in data.rows[split]).items())) for split in _SPLITS},
        "codebases": {each.pinned.name: [release.version for release in each.pinned.releases] for each in sources()},
    }


def way_of_asking(row: Row) -> str:
    """Return what rows that ask in the same words have in common; nothing for an explanation, which nobody words."""
    return "" if row.kind == "explanation" else row.wording or leak.normal(row.question)


def data_hash(folder: Path) -> str:
    """Return the hash of both sets: what an adapter was trained on."""
    digest = hashlib.sha256()
    for split in _SPLITS:
        digest.update((folder / f"{split}.jsonl").read_bytes())
    return digest.hexdigest()


def _identity(row: Row) -> str:
    """Return what no two rows may have in common: questions about code are the same only in one codebase."""
    about_code = bool(row.calls) or row.messages[1].text.startswith(f"{row.question}\n\nSelected, ")
    return f"{row.codebase}\0{row.messages[1].text.lower()}" if about_code else row.question.lower()


def _what(example: Example | Explanation) -> tuple[str, str]:
    if isinstance(example, Explanation):
        return "explanation", f"{example.symbol.path}:{example.symbol.start}"
    return example.kind, example.asks[0].question
