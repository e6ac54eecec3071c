"""Hidden states of the text encoder for the rows that the transformer sees."""

from reference import LONG_PROMPT, SHORT_PROMPT, instruction, load_pipeline
from safetensors.torch import save_file

CASES = {
    "short": (SHORT_PROMPT, False),
    "short-instruction": (SHORT_PROMPT, True),
    "empty": ("", False),
    "long": (LONG_PROMPT, False),
    "long-instruction": (LONG_PROMPT, True),
}
LONG_STRIDE = 23


def selected_rows(pipeline, prompt, lines):
    """The valid rows, (rows, hidden), of the 300 that the transformer gets."""
    hidden, mask, _, _ = pipeline.encode_prompt(
        prompt, do_classifier_free_guidance=False, complex_human_instruction=lines
    )
    return hidden[0][mask[0] == 1]


def write(folder, manifest):
    pipeline = load_pipeline()
    tensors, cases = {}, {}
    for name, (prompt, instructed) in CASES.items():
        rows = selected_rows(pipeline, prompt, instruction() if instructed else None)
        stride = LONG_STRIDE if len(rows) > 100 else 1
        tensors[name] = rows[::stride].contiguous()
        cases[name] = {"prompt": prompt, "instruction": instructed, "rows": len(rows), "stride": stride}
    save_file(tensors, folder / "text-encoder.safetensors")
    manifest.add(
        "text-encoder.safetensors",
        "text-encoder",
        "One tensor per case: hidden states (rows, hidden) of the valid selected rows, every `stride`-th of `rows`.",
        cases=cases,
    )
