"""The indexer's parse workers: started when there is work, ended when there is none, replaced when they fail."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from multiprocessing.connection import Connection, wait

import attrs

from lsp_server.own_programs import module_command
from lsp_server.workspace.index.base import CacheUnusable
from lsp_server.workspace.index.parse_worker import Batch
from lsp_server.workspace.index.parsed import Parsed

MAX_WORKERS = 2
"""Each takes some 40 MB."""
_SECONDS = 20.0
"""A batch that takes longer holds a file that cannot be parsed."""
_IDLE_SECONDS = 5.0
"""Workers end after this long without work, but for the last."""
_LAST_IDLE_SECONDS = 300.0
"""The last stays longer: who edits one file soon edits another, and a start takes longer than to parse it."""
COMMAND = module_command("lsp_server.workspace.index.parse_worker")

Results = list[Parsed | None]


@attrs.define(eq=False)
class _Job:
    batch: Batch
    future: Future[Results]
    one_by_one: bool = False
    results: Results = attrs.field(factory=list[Parsed | None])

    def next_batch(self) -> Batch:
        """Return what is to be parsed next; file by file once a whole batch has failed."""
        at = len(self.results)
        return self.batch[at : at + 1] if self.one_by_one else self.batch


class _Worker:
    """One process and the job that it has."""

    def __init__(self, command: Sequence[str]) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            handle = theirs.fileno()
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [*command, str(handle)], pass_fds=[handle], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
            self.connection = Connection(ours.detach())
        self.job: _Job | None = None
        self.since = time.monotonic()
        """When it got its job, or became idle."""

    def give(self, job: _Job) -> bool:
        """Hand over a job; False when the process is dead."""
        self.job, self.since = job, time.monotonic()
        try:
            self.connection.send(job.next_batch())
        except OSError:
            return False
        return True

    def end(self) -> None:
        """End the process."""
        self.connection.close()
        self._process.kill()
        self._process.wait()


class Workers:
    """Parses batches in other processes; safe to use from several threads."""

    def __init__(self, *, most: int = MAX_WORKERS, seconds: float = _SECONDS, command: Sequence[str] = COMMAND) -> None:
        self._most = max(1, min(most, os.cpu_count() or 1))
        self._seconds = seconds
        self._command = command
        self._urgent: deque[_Job] = deque()
        self._waiting: deque[_Job] = deque()
        self._workers: list[_Worker] = []
        self._lock = threading.Lock()
        self._closing = False
        self._wanted = 0
        """Workers to be started before there is work."""
        self._wake_out, self._wake_in = os.pipe()
        self._wake = Connection(self._wake_out, writable=False)
        self._thread = threading.Thread(target=self._run, name="parse workers", daemon=True)
        self._thread.start()

    @property
    def at_once(self) -> int:
        """How many batches are worth having under way: one for each worker and one waiting."""
        return self._most + 1

    @property
    def running(self) -> int:
        """How many processes there are now."""
        return len(self._workers)

    def submit(self, batch: Batch, *, urgent: bool = False) -> Future[Results]:
        """Parse a batch; a file that cannot be parsed gives None. Urgent ones come before the others.

        The future has CacheUnusable where the system has no process to spare, and is cancelled by `close`.
        """
        job = _Job(batch, Future())
        with self._lock:
            if self._closing:
                job.future.cancel()
                return job.future
            (self._urgent if urgent else self._waiting).append(job)
        self._notify()
        return job.future

    def prepare(self) -> None:
        """Start the workers, as there will be work soon."""
        with self._lock:
            self._wanted = self._most
        self._notify()

    def close(self) -> None:
        """End every worker; what is not done is cancelled."""
        if self._wake.closed:
            return
        with self._lock:
            self._closing = True
        self._notify()
        self._thread.join()
        self._wake.close()
        os.close(self._wake_in)

    def _notify(self) -> None:
        os.write(self._wake_in, b".")

    def _run(self) -> None:
        try:
            while not self._closing:
                self._hand_out()
                ready = wait([self._wake, *(worker.connection for worker in self._workers)], self._patience())
                if self._wake in ready:
                    os.read(self._wake_out, 4096)
                for worker in tuple(self._workers):
                    if worker.connection in ready:
                        self._receive(worker)
                self._end_late()
        finally:
            with self._lock:
                self._closing = True  # nobody may wait for what a thread that failed does not do
            for worker in self._workers:
                worker.end()
            for job in (*self._urgent, *self._waiting, *(worker.job for worker in self._workers)):
                if job is not None:
                    job.future.cancel()
            self._workers.clear()

    def _hand_out(self) -> None:
        with contextlib.suppress(OSError):  # who submits a batch hears of it
            while len(self._workers) < self._wanted:
                self._begin()
        self._wanted = 0
        while True:
            with self._lock:
                queue = self._urgent or self._waiting
                if not queue:
                    return
                worker = next((worker for worker in self._workers if worker.job is None), None)
                if worker is None and len(self._workers) >= self._most:
                    return
                job = queue.popleft()
            try:
                worker = worker or self._begin()
            except OSError as error:
                job.future.set_exception(CacheUnusable(f"No process can be started to parse: {error}."))
                continue
            if not worker.give(job):
                self._failed(worker)

    def _begin(self) -> _Worker:
        worker = _Worker(self._command)
        self._workers.append(worker)
        return worker

    def _receive(self, worker: _Worker) -> None:
        job = worker.job
        try:
            results: Results = worker.connection.recv()
        except (EOFError, OSError):
            self._failed(worker)
            return
        worker.job, worker.since = None, time.monotonic()
        if job is not None:
            job.results += results
            self._go_on(job)

    def _failed(self, worker: _Worker, *, late: bool = False) -> None:
        """Replace a worker that died or hangs; the file that did it is given up, once it is known which.

        A file alone that killed its worker is tried again, for another process may have taken the memory; one that is
        late is not.
        """
        worker.end()
        self._workers.remove(worker)
        job = worker.job
        if job is None:
            return
        if job.one_by_one or (late and len(job.batch) == 1):
            job.results.append(None)
        job.one_by_one = True
        self._go_on(job)

    def _go_on(self, job: _Job) -> None:
        if len(job.results) == len(job.batch):
            job.future.set_result(job.results)
        else:
            with self._lock:
                self._urgent.appendleft(job)

    def _patience(self) -> float | None:
        """Return the seconds until a worker is late or has been idle for long enough."""
        now = time.monotonic()
        return min((max(0.0, self._until(worker) - now) for worker in self._workers), default=None)

    def _until(self, worker: _Worker) -> float:
        if worker.job is not None:
            return worker.since + self._seconds
        return worker.since + (_IDLE_SECONDS if len(self._workers) > 1 else _LAST_IDLE_SECONDS)

    def _end_late(self) -> None:
        now = time.monotonic()
        for worker in tuple(self._workers):
            if now < self._until(worker):
                continue
            if worker.job is not None:
                self._failed(worker, late=True)
            else:
                worker.end()
                self._workers.remove(worker)
