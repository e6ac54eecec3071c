"""What several runs found, a line each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from peers import table

# Of a claim's text, how both sides of its colon begin.
COLUMNS = {
    "a pass, times the bound": ("transformer pass", "times the bound"),
    "of OpenVINO INT8": ("transformer pass", "of OpenVINO INT8's time"),
    "of the fastest 16-bit peer": ("transformer pass", "of the fastest 16-bit peer's time"),
    "decoding 512 px, of OpenVINO INT8": ("decoder", "of OpenVINO INT8's time"),
    "1024 px, of OpenVINO bf16": ("decoder", "of OpenVINO bf16's time"),
    "the weakest product's rate, of oneDNN int8": ("GEMM", "over oneDNN int8, weakest"),
}


def cell(claims: list[dict[str, Any]], column: str) -> str:
    """From the least to the greatest of a column's numbers."""
    subject, measure = COLUMNS[column]
    parts = [(*claim["text"].partition(": "), claim["value"]) for claim in claims]
    values = sorted(value for of, _, what, value in parts if of.startswith(subject) and what.startswith(measure))
    ends = [f"{values[index]:.2f}" for index in (0, -1)] if values else []
    return " to ".join(dict.fromkeys(ends))


def rendered(runs: list[tuple[Path, dict[str, Any]]], folder: Path) -> str:
    """A table of the runs, each with a link to its page, seen from `folder`."""
    body = []
    for page, results in runs:
        claims = results["claims"]
        kept = f"{sum(claim['holds'] for claim in claims)} of {len(claims)}"
        link = f"[{page.stem}]({os.path.relpath(page, folder)})"
        body.append([link, *(cell(claims, column) for column in COLUMNS), kept])
    return table.rows(["run", *COLUMNS, "limits kept"], body)
