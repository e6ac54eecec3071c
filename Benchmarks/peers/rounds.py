"""Rounds: in each, every peer runs once and then our own tool does, so that all share the machine's moods."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import IO

from peers.process import Worker, WorkerFailed, start
from peers.workload import Case, Peer

Times = dict[str, list[float]]


def available_bytes() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise WorkerFailed("no MemAvailable in /proc/meminfo")


class Bench:
    """The peers of one case. One stays loaded between rounds while `spare` bytes of memory are left."""

    def __init__(self, case: Case, threads: int, cache: Path, spare: int, log: IO[str]) -> None:
        self.case, self.threads, self.cache, self.spare, self.log = case, threads, cache, spare, log
        self.workers: dict[str, Worker] = {}

    def run(self, peer: Peer) -> float:
        if peer.name not in self.workers:
            self.workers[peer.name] = start(self.case, peer, self.threads, self.cache, self.log)
        seconds = self.workers[peer.name].run()
        if available_bytes() < self.spare:
            self.workers.pop(peer.name).stop()
        return seconds

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers.values():
            worker.stop()


def interleaved(runs: dict[str, Callable[[], float]], repeats: int) -> Times:
    """Seconds of each of `runs` in each round. One that fails is told and left out."""
    times: Times = {}
    for _ in range(repeats):
        for name in list(runs):
            try:
                times.setdefault(name, []).append(runs[name]())
            except WorkerFailed as failure:
                print(f"  {name}: left out, {failure}", file=sys.stderr)
                times.pop(name)
                runs.pop(name)
    return times


def medians(times: Times) -> dict[str, float]:
    return {name: median(seconds) for name, seconds in times.items()}


def ratios(times: Times, ours: str) -> dict[str, float]:
    """Median over the rounds of our time divided by each peer's in the same round."""
    if ours not in times:
        return {}
    return {
        name: median(own / other for own, other in zip(times[ours], seconds))
        for name, seconds in times.items()
        if name != ours
    }
