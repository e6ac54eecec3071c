"""Starts a peer's worker and asks it for one run at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO

from peers.workload import Case, Peer

HERE = Path(__file__).resolve().parent.parent
# They pin OpenBLAS to one processor's kernels; only a measurement that says so sets them.
PINNING_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class WorkerFailed(Exception):
    pass


def environment(**extra: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in PINNING_VARIABLES} | extra


class Worker:
    """A process that stays, with its model loaded, until `stop`. `greeting` is its first line."""

    def __init__(self, module: str, order: dict[str, object], environment: dict[str, str], log: IO[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(order)],
            cwd=HERE,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        self.greeting = self.answer()

    def answer(self) -> str:
        line = self.process.stdout.readline().strip()
        if not line:
            raise WorkerFailed(f"exit status {self.process.wait()}")
        return line

    def run(self, request: str = "run") -> float:
        """Seconds of one run of what `request` names."""
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise WorkerFailed("it ended early") from error
        return float(self.answer())

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def start(case: Case, peer: Peer, threads: int, cache: Path, log: IO[str]) -> Worker:
    order = {"case": asdict(case), "peer": asdict(peer), "threads": threads, "cache": str(cache)}
    return Worker("peers.worker", order, environment(TORCHINDUCTOR_CACHE_DIR=str(cache / "inductor")), log)


def prepare(case: Case, cache: Path, log: IO[str]) -> None:
    """Makes what OpenVINO runs, unless the cache has it. Nothing else should be loaded meanwhile."""
    for mode in ("float", "int8"):
        if not case.ir_path(mode, cache).exists():
            order = json.dumps({"case": asdict(case), "mode": mode, "cache": str(cache)})
            command = [sys.executable, "-m", "peers.prepare", order]
            subprocess.run(command, cwd=HERE, env=environment(), stdout=log, stderr=log)
