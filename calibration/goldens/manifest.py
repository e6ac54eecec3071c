"""What each golden holds and how it was made: Tests/Fixtures/goldens/manifest.json."""

import json
import platform

import diffusers
import safetensors
import tokenizers
import torch
import transformers

VERSIONS = {
    "python": platform.python_version(),
    "torch": torch.__version__,
    "diffusers": diffusers.__version__,
    "transformers": transformers.__version__,
    "tokenizers": tokenizers.__version__,
    "safetensors": safetensors.__version__,
}


class Manifest:
    """Entries by file name; a stage that runs again replaces its own entries and leaves the others."""

    def __init__(self, folder):
        self.path = folder / "manifest.json"
        self.entries = {}
        if self.path.exists():
            self.entries = {entry["file"]: entry for entry in json.loads(self.path.read_text())["goldens"]}

    def add(self, file, stage, what, **details):
        self.entries[file] = {
            "file": file,
            "what": what,
            "command": f"python calibration/goldens/generate.py {stage}",
            "versions": VERSIONS,
            **details,
        }

    def write(self):
        goldens = [self.entries[file] for file in sorted(self.entries)]
        self.path.write_text(json.dumps({"goldens": goldens}, indent=1) + "\n")
