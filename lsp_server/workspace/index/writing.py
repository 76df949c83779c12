"""The one thread of the indexer's process that writes: what it is asked, in order, and what it does when that fails."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Sequence

import attrs

from lsp_server.workspace.index.base import CacheUnusable, IndexState, RootGone, State, StoreCorrupt
from lsp_server.workspace.index.cache_folder import CacheFolder
from lsp_server.workspace.index.indexer import Indexer
from lsp_server.workspace.index.messages import Told
from lsp_server.workspace.index.storage import Storage
from lsp_server.workspace.index.workers import Workers
from lsp_server.workspace.scope import Scope

_MOST_REBUILDS = 2
"""An index that is damaged again and again is given up."""
_CANCELLED = "Indexing was cancelled; it goes on with the next change of a file."

Done = Callable[[], None]


class _Stopped(Exception):
    """The process leaves."""


class _Cancelled(Exception):
    """A person stopped the work."""


@attrs.define
class _Asked:
    """What other threads want; under the condition."""

    paths: list[str] = attrs.field(factory=list[str])
    done: list[Done] = attrs.field(factory=list[Done])
    cancelled: bool = False
    stopping: bool = False
    damaged: str = ""
    """A generation that a window cannot read."""


class Writing:
    """Brings the index up to date until it is stopped; every public method may be called from any thread."""

    def __init__(self, folder: CacheFolder, scope: Scope, workers: Workers, hear: Callable[[Told], None]) -> None:
        self._folder = folder
        self._scope = scope
        self._workers = workers
        self._hear = hear
        self._asked = _Asked()
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="indexing", daemon=True)
        self._published = ""
        """The generation that windows read."""
        self._said: State = "starting"
        self._message: str | None = None

    def start(self) -> None:
        """Begin with a comparison of every file."""
        self._thread.start()

    def changed(self, paths: Sequence[str], done: Done = lambda: None) -> None:
        """Look again at these paths; `done` is called once they are indexed as they stand."""
        with self._wake:
            self._asked.cancelled = False
            self._asked.paths += paths
            self._asked.done.append(done)
            self._wake.notify()

    def cancel(self) -> None:
        """Stop what is under way; the next change goes on."""
        with self._wake:
            self._asked.cancelled = True

    def corrupt(self, generation: str) -> None:
        """Hear that a window cannot read a generation."""
        with self._wake:
            self._asked.damaged = generation
            self._wake.notify()

    def stop(self) -> None:
        """End the thread."""
        with self._wake:
            self._asked.stopping = True
            self._wake.notify()
        self._thread.join()

    # -- the thread

    def _run(self) -> None:
        rebuilds = 0
        while rebuilds <= _MOST_REBUILDS:
            try:
                self._work(anew=rebuilds > 0)
            except _Stopped:
                return
            except StoreCorrupt as error:
                sys.stderr.write(f"The index is damaged and is made again: {error}\n")
                sys.stderr.flush()
                rebuilds += 1
            except CacheUnusable as error:
                self._give_up(str(error))
                return
            except Exception:  # noqa: BLE001 - windows must hear of whatever ends the thread
                traceback.print_exc()
                self._give_up(f"The indexer failed; its log lies in {self._folder.path}.")
                return
        self._give_up("The index was damaged again and again.")

    def _work(self, *, anew: bool) -> None:
        """Open the current generation, or the next one beside it, and keep it up to date."""
        current = "" if anew else self._folder.current()
        if not current:
            self._workers.prepare()
        generation = current or self._folder.fresh()
        storage: Storage | None = None
        try:
            storage = Storage(self._folder, generation, new=not current)
            self._published = current
            if not self._folder.current():
                self._publish(generation)
            self._follow(storage)
        except CacheUnusable:
            if generation != self._published:
                self._folder.discard(generation)
            raise
        finally:
            self._published = "" if generation != self._published else self._published
            if storage is not None:
                storage.close()

    def _follow(self, storage: Storage) -> None:
        indexer = Indexer(self._scope, storage, self._workers, lambda: self._between(indexer, storage))
        whole = False
        paths: list[str] = []
        done: list[Done] = []
        while True:
            try:
                self._said, self._message = "indexing", None
                if whole:
                    indexer.refresh(paths)
                else:
                    indexer.scan()
                    whole = True
                    if storage.generation != self._published:
                        self._publish(storage.generation)
                    self._folder.remove_outdated()
                self._said = "ready"
            except (RootGone, _Cancelled) as error:
                whole = False  # the next change begins with a comparison of every file
                self._said, self._message = "direct", str(error)
                storage.commit()
            self._tell(indexer, storage)
            for call in done:
                call()
            paths, done = self._wait(indexer, storage)

    def _publish(self, generation: str) -> None:
        self._folder.swap(generation)
        self._published = generation

    def _wait(self, indexer: Indexer, storage: Storage) -> tuple[list[str], list[Done]]:
        """Return what is to be done next; ranked words are brought up to date while there is nothing."""
        ranked = self._said != "ready"  # a person who cancelled wants quiet
        while True:
            with self._wake:
                while ranked and not self._asked.done:
                    self._check(storage)
                    self._wake.wait()
                self._check(storage)
                if self._asked.done:
                    paths, done = self._asked.paths, self._asked.done
                    self._asked.paths, self._asked.done = [], []
                    return paths, done
            if not ranked:
                ranked = indexer.rank()
                self._tell(indexer, storage)

    def _check(self, storage: Storage) -> None:
        if self._asked.stopping:
            raise _Stopped
        if self._asked.damaged == storage.generation:
            raise StoreCorrupt("A window cannot read it.")

    def _between(self, indexer: Indexer, storage: Storage) -> None:
        with self._wake:
            self._check(storage)
            if self._asked.cancelled:
                self._asked.cancelled = False
                raise _Cancelled(_CANCELLED)
        self._tell(indexer, storage)

    def _tell(self, indexer: Indexer, storage: Storage) -> None:
        progress = indexer.progress
        stale = progress.stale + len(self._asked.paths)
        said = "indexing" if stale and self._said == "ready" else self._said
        message = self._message or progress.note
        state = IndexState(said, progress.files, stale, progress.percent, message, progress.unranked)
        self._hear(Told(state, self._published, storage.revision, progress.parsed))

    def _give_up(self, message: str) -> None:
        """Tell every window to read the files itself."""
        self._hear(Told(IndexState("direct", message=message)))
        with self._wake:
            while not self._asked.stopping:
                for call in self._asked.done:
                    call()
                self._asked.done.clear()
                self._asked.paths.clear()
                self._wake.wait()
