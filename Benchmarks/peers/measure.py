"""The measurements: one case against its peers, our engine against itself, and matrix """

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import IO, Any

from peers import tool
from peers.kernel_rates import merged
from peers.machine import vector_tiers
from peers.process import Worker, environment, prepare
from peers.rounds import Bench, interleaved, medians, ratios
from peers.workload import GEMM_PEERS, OUTPUTS_AND_DEPTHS, PEERS, ROWS, Case


@dataclass(frozen=True)
class Setting:
    repeats: int
    threads: int
    tool: Path | None
    peers: list[str] | None  # all where None
    cache: Path
    spare: int  # bytes of memory that loaded peers leave to others
    log: IO[str]

    def takes(self, peer: str) -> bool:
        return self.peers is None or peer in self.peers


def case(case: Case, setting: Setting) -> dict[str, Any]:
    if any(peer.framework == "openvino" and setting.takes(peer.name) for peer in PEERS[case.part]):
        prepare(case, setting.cache, setting.log)
    with Bench(case, setting.threads, setting.cache, setting.spare, setting.log) as bench:
        runs: dict[str, Callable[[], float]] = {
            peer.name: partial(bench.run, peer) for peer in PEERS[case.part] if setting.takes(peer.name)
        }
        ours = tool.ToolRun(setting.tool, case, "edge", setting.threads) if setting.tool else None
        if ours:
            runs[tool.NAME] = ours
        times = interleaved(runs, setting.repeats)
    found = asdict(case) | {"seconds": times, "medians": medians(times), "ratios": ratios(times, tool.NAME)}
    if ours and ours.reports:
        found |= {"bounds": ours.bounds(), "tier": ours.reports[-1]["tier"]}
    return found


def own(model: str, size: int, setting: Setting) -> dict[str, Any]:
    """Policies and numbers of threads against each other."""
    settings = {"edge": ("edge", setting.threads), "fp16": ("fp16", setting.threads), "edge one-thread": ("edge", 1)}
    runs: dict[str, Callable[[], float]] = {
        f"{name} {part}": tool.ToolRun(setting.tool, Case(part, model, size), policy, threads)
        for part in ("transformer", "decoder")
        for name, (policy, threads) in settings.items()
    }
    runs["edge load"] = tool.ToolRun(setting.tool, Case("load", model, size), "edge", setting.threads)
    times = interleaved(runs, setting.repeats)
    return {"model": model, "size": size, "seconds": times, "medians": medians(times)}


def gemm(models: list[str], setting: Setting) -> dict[str, Any]:
    """GMAC/s of each peer on each product, on one thread and on all, and our own report of each round.

    In a round a product is measured on all peers and then on our tool before the next one: processors change their
    speed within minutes by more than what the best products differ in.
    """
    names = [name for name in GEMM_PEERS if setting.takes(name)]
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        for name in names:
            worker = Worker("peers.gemm_worker", {"peer": name}, environment(**GEMM_PEERS[name]), setting.log)
            stack.callback(worker.stop)
            workers[name] = worker
        products = {
            (m, n, k): [
                {"threads": threads, "m": m, "n": n, "k": k, "rates": {name: [] for name in names}}
                for threads in sorted({1, setting.threads})
            ]
            for model in models
            for n, k in OUTPUTS_AND_DEPTHS[model]
            for m in ROWS
        }
        tiers = [argument for tier in vector_tiers() for argument in ("--tier", tier)]
        options = ["kernels", "--threads", str(setting.threads), *tiers]
        rounds = []
        for _ in range(setting.repeats):
            reports = []
            for size, shapes in products.items():
                for shape in shapes:
                    for name, worker in workers.items():
                        seconds = worker.run(" ".join(map(str, [shape["threads"], *size])))
                        shape["rates"][name].append(size[0] * size[1] * size[2] / 1e9 / seconds)
                if setting.tool:
                    reports.append(tool.report(setting.tool, *options, "--shape", "x".join(map(str, size))))
            if setting.tool:
                rounds.append(merged([*reports, tool.report(setting.tool, *options, "--only", "convolution")]))
    shapes = [shape for shapes in products.values() for shape in shapes]
    for shape in shapes:
        shape["medians"] = {name: median(rates) for name, rates in shape["rates"].items()}
    kernels = {name: worker.greeting for name, worker in workers.items() if name.startswith("openblas")}
    return {"openblasKernels": kernels, "shapes": shapes, "tool": rounds}
