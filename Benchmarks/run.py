#!/usr/bin/env python3
"""Measures sana-quant and its peers interleaved, keeps the results as JSON, and renders them as tables."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from peers import amx, claims, machine, measure, overview, table
from peers.workload import MODELS, PARTS, PEER_NAMES, cases

HERE = Path(__file__).resolve().parent


def comma_separated(text: str) -> list[str]:
    return text.split(",")


def integers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=comma_separated, default=list(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--sizes", type=integers, default=[512, 1024], help="pixels on a side")
    parser.add_argument("--models", type=comma_separated, default=list(MODELS), help=f"of {','.join(MODELS)}")
    parser.add_argument("--tokens", type=integers, default=[30, 300], help="of the text encoder")
    parser.add_argument("--peers", type=comma_separated, help="these alone, by name")
    parser.add_argument("--repeats", type=int, default=5, help="rounds")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--without-amx", action="store_true", help="as on a processor that ends with AVX-512")
    parser.add_argument("--tool", type=Path, help="sana-quant; without it the peers run alone")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/sana-quant-benchmarks")
    parser.add_argument("--spare", type=float, default=8, help="GiB of memory that loaded peers leave to others")
    parser.add_argument("--output", type=Path, help="default: results/ and the date")
    parser.add_argument("--render", type=Path, nargs="+", metavar="RESULTS", help="measure nothing, show these results")
    parser.add_argument("--readme", action="store_true", help="write a page for each result, and README.md's tables")
    chosen = parser.parse_args()
    for what, given, known in (
        ("part", chosen.parts, PARTS),
        ("model", chosen.models, MODELS),
        ("peer", chosen.peers or [], PEER_NAMES),
    ):
        if unknown := set(given) - set(known):
            parser.error(f"no {what} {', '.join(sorted(unknown))}; the {what}s are {', '.join(known)}")
    return chosen


def measured(chosen: argparse.Namespace) -> Path:
    """Where the results are, which are written after each part too, so that a run that is broken off is not lost."""
    chosen.cache.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "commit": machine.commit(),
        "command": machine.command(),
        "machine": machine.processor(),
        "versions": machine.versions(),
        "threads": chosen.threads,
        "repeats": chosen.repeats,
        "cases": [],
        "own": [],
        "gemm": None,
    }
    output = chosen.output or HERE / "results" / f"{results['started'][:10]}.json"
    output.parent.mkdir(parents=True, exist_ok=True)

    def keep() -> None:
        results["claims"] = [claim.described() for claim in claims.of_results(results)]
        output.write_text(json.dumps(results, indent=1) + "\n")

    with open(chosen.cache / "log.txt", "w") as log:
        setting = measure.Setting(
            chosen.repeats, chosen.threads, chosen.tool, chosen.peers, chosen.cache, int(chosen.spare * 2**30), log
        )
        for case in cases(chosen.parts, chosen.sizes, chosen.models, chosen.tokens):
            print(f"{case.name} …", file=sys.stderr)
            results["cases"].append(measure.case(case, setting))
            keep()
        if "own" in chosen.parts and chosen.tool:
            for model in chosen.models:
                print(f"own {model} …", file=sys.stderr)
                results["own"].append(measure.own(model, max(chosen.sizes), setting))
                keep()
        if "gemm" in chosen.parts:
            print("gemm …", file=sys.stderr)
            results["gemm"] = measure.gemm(chosen.models, setting)
    keep()
    print(output, file=sys.stderr)
    return output


def publish(runs: list[tuple[Path, dict[str, Any]]]) -> None:
    """A page beside each run's results, and in the README a line for each and the first one's networks."""
    readme = HERE / "README.md"
    pages = [(path.resolve().with_suffix(".md"), results) for path, results in runs]
    for page, results in pages:
        back = os.path.relpath(readme, page.parent)
        page.write_text(f"# {page.stem}\n\n[What is measured]({back})\n\n{table.rendered(results)}")
    table.replace(readme, f"{overview.rendered(pages, HERE)}\n{table.times(pages[0][1])}")


def main() -> None:
    chosen = arguments()
    if chosen.without_amx and not chosen.render:
        amx.refuse()
    runs = [(path, json.loads(path.read_text())) for path in chosen.render or [measured(chosen)]]
    print("\n".join(table.rendered(results) for _, results in runs))
    if chosen.readme:
        publish(runs)


if __name__ == "__main__":
    main()
