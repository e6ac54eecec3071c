"""What a whole pipeline takes in memory and time, with and without a memory limit.

    python memory.py TOOL CHECKPOINT [--work FOLDER] [--steps N] [--threads N] [--sides N...] [--results FILE]

The checkpoint is that of random_pipeline.py, or a real one of its size. Converts it, then draws pictures: peaks are
those of the kernel (VmHWM), ratios those of runs one after the other. Leaves the pack in FOLDER.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from peers.machine import command, commit, processor
from peers.process import environment

PROMPT = "a lighthouse on a cliff at dusk, waves below, warm light in its windows, oil on canvas, wide view, calm sea"
# Side of the picture, and the limit; None is none.
RUNS = ((512, None), (512, "220M"), (1024, None), (1024, "300M"))
INSTRUCTION = [
    "Given a user prompt, write a longer one that describes a picture in detail.",
    "- Keep to what the prompt says, and add colours, light, place and style where it says nothing.",
    "- Name each thing once, and put what matters most first.",
    "- A prompt about a person says what the person wears and does.",
    "- A prompt about a place says what the weather and the hour are.",
    "Answer with the longer prompt alone, without an explanation and without quotation marks.",
    "User Prompt: ",
]


def convert(tool: Path, checkpoint: Path, pack: Path) -> dict[str, Any]:
    instruction = pack.parent / "instruction.json"
    instruction.write_text(json.dumps(INSTRUCTION))
    size = sum(path.stat().st_size for path in checkpoint.rglob("*") if path.is_file())
    for path in checkpoint.rglob("*.safetensors"):  # into the page cache
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass
    start = time.monotonic()
    process = subprocess.Popen(
        [tool, "convert", checkpoint, "-o", pack, "--instruction", instruction, "--overwrite"],
        env=environment(), stdout=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit("the conversion failed")
    return {
        "bytesIn": size,
        "bytesOut": pack.stat().st_size,
        "seconds": round(time.monotonic() - start, 2),
        "peakMemoryBytes": usage.ru_maxrss * 1024,
    }


def generate(tool: Path, pack: Path, side: int, limit: str | None, options: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "image.png"
        command = [
            tool, "generate", pack, "--prompt", PROMPT, "--no-binning", "--width", str(side), "--height", str(side),
            "-o", picture, "--json", *options, *(["--memory-limit", limit] if limit else []),
        ]  # fmt: skip
        done = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, check=True)
        report = json.loads(done.stdout)
        return {
            "side": side,
            "limit": limit,
            "peakMemoryBytes": report["peakMemoryBytes"],
            "seconds": report["seconds"],
            "stepSeconds": round(sum(report["stepSeconds"]) / len(report["stepSeconds"]), 3),
            "picture": hashlib.sha256(picture.read_bytes()).hexdigest(),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("tool", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--work", type=Path, default=Path("memory-work"))
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--sides", type=int, nargs="*", help="only these sides")
    parser.add_argument("--no-convert", action="store_true", help="use the pack that is there")
    parser.add_argument("--results", type=Path)
    arguments = parser.parse_args()
    arguments.work.mkdir(exist_ok=True)
    pack = arguments.work / "pack.sanaq"
    threads = ["--threads", str(arguments.threads)] if arguments.threads else []
    results: dict[str, Any] = {
        "machine": processor(), "commit": commit(), "command": command(), "steps": arguments.steps
    }
    if not arguments.no_convert:
        results["convert"] = convert(arguments.tool, arguments.checkpoint, pack)
        print(json.dumps(results["convert"]), flush=True)
    results["runs"] = []
    for side, limit in RUNS:
        if arguments.sides and side not in arguments.sides:
            continue
        run = generate(arguments.tool, pack, side, limit, ["--steps", str(arguments.steps), *threads])
        results["runs"].append(run)
        print(json.dumps(run), flush=True)
    for side in sorted({run["side"] for run in results["runs"]}):
        runs = [run for run in results["runs"] if run["side"] == side]
        ratio = runs[-1]["seconds"]["total"] / runs[0]["seconds"]["total"]
        same = len({run["picture"] for run in runs}) == 1
        print(f"{side} px: {ratio:.2f} times as long within the limit, {'the same bytes' if same else 'OTHER BYTES'}")
    if arguments.results:
        arguments.results.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
