"""What a result depends on besides the code: processor, versions, commit and command."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from peers import amx

PACKAGES = ("torch", "torchao", "diffusers", "transformers", "openvino", "nncf", "numpy")


def processor() -> dict[str, object]:
    fields = dict(
        (part.strip() for part in line.split(":", 1))
        for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
        if ":" in line
    )
    flags = set(fields.get("flags", fields.get("Features", "")).split())
    telling = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "asimd", "asimddp", "i8mm")
    if "amx_int8" in flags and not amx.is_permitted():
        flags.remove("amx_int8")
    return {
        "model": fields.get("model name", platform.machine()),
        "family": fields.get("cpu family"),
        "modelNumber": fields.get("model"),
        "cores": len(os.sched_getaffinity(0)),
        "flags": [flag for flag in telling if flag in flags],
        "memoryBytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
    }


# The flag that a tier wants of the processor. The scalar tier is left out: it takes minutes and claims nothing.
TIERS = {
    "amx_int8": "amx",
    "avx512_vnni": "avx512vnni",
    "avx_vnni": "avxvnni",
    "avx2": "avx2",
    "i8mm": "neoni8mm",
    "asimddp": "neondotprod",
    "asimd": "neon",
}


def vector_tiers() -> list[str]:
    """The tiers with vector instructions that this processor runs."""
    flags = processor()["flags"]
    return [tier for flag, tier in TIERS.items() if flag in flags]


def openblas_kernels() -> dict[str, str]:
    """What sana-quant asks OpenBLAS for, which by itself takes the slowest kernels for a CPU younger than itself."""
    flags = processor()["flags"]
    names = [name for flag, name in (("avx512f", "SkylakeX"), ("avx2", "Haswell")) if flag in flags]
    return {"OPENBLAS_CORETYPE": names[0]} if names else {}


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """The checkout's commit, with `+` behind it where tracked files differ from it."""
    here = Path(__file__).resolve().parent
    git = ["git", "-C", str(here)]
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    changed = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True).stdout.strip()
    return head + ("+" if changed else "")


def command() -> str:
    return shlex.join(["python", f"Benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
