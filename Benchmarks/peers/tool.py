"""Our own figures, from `sana-quant bench`."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peers.process import WorkerFailed, environment
from peers.workload import Case

NAME = "sana-quant"
# Part of a case -> what the tool calls its time and its work. Those of text end in the number of tokens.
SECONDS = {
    "transformer": "transformerPassSeconds",
    "decoder": "decodeSeconds",
    "text": "textSeconds",
    "load": "loadSeconds",
}
WORK = {"transformer": "transformerPass", "decoder": "decode", "text": "text"}


def report(path: Path, *arguments: str) -> dict[str, Any]:
    """The one JSON object that `sana-quant bench ARGUMENTS --json` prints."""
    command = [str(path), "bench", *arguments, "--json"]
    done = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise WorkerFailed(f"exit status {done.returncode}")
    return json.loads(done.stdout)


@dataclass
class ToolRun:
    """One part of our engine under one policy. Each call makes the model anew, warms up once and times once."""

    path: Path
    case: Case
    policy: str
    threads: int
    reports: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self) -> float:
        side = str(512 if self.case.part in ("text", "load") else self.case.size)
        # The decoder and the text encoder are the same beside either transformer.
        preset = self.case.model if self.case.part in ("transformer", "load") else "0.6b"
        self.reports.append(
            report(
                self.path, "model", "--preset", f"sana-{preset}", "--width", side, "--height", side,
                "--policy", self.policy, "--threads", str(self.threads), "--only", self.case.part, "--repeats", "1",
            )  # fmt: skip
        )
        return self.reports[-1][SECONDS[self.case.part] + self.tokens]

    @property
    def tokens(self) -> str:
        return str(self.case.size) if self.case.part == "text" else ""

    def bounds(self) -> list[float]:
        """Seconds that the case's nominal work takes at the int8 peak of all threads, as each call measured it."""
        work = WORK[self.case.part] + self.tokens
        return [found["macs"][work] / 1e9 / found["peakGMACs"] for found in self.reports]
