"""Prompts to token ids, and the rows of the hidden states that the transformer sees, as SanaPipeline selects them."""

import json

from reference import LANDSCAPE_PROMPT, LONG_PROMPT, NEGATIVE_PROMPT, SHORT_PROMPT, instruction, load_pipeline

MAX_TOKENS = 300
PROMPTS = [
    SHORT_PROMPT,
    NEGATIVE_PROMPT,
    LANDSCAPE_PROMPT,
    "",
    "   Surrounded   by\tSPACES and\nLines  ",
    "Überraschung: 42 cafés, naïve \u00c9TUDE, \u4e2d\u6587, \U0001f98a!",
    "a",
    "\u0130stanbul \u03a3\u0391\u03a3 \u1e9e",
    LONG_PROMPT,
]


def case(tokenizer, prompt, lines):
    """The pipeline's own arithmetic: an instruction of n tokens makes room for n + 300 - 2, and the transformer
    sees the first position and the last 299."""
    text = prompt.lower().strip()
    limit = MAX_TOKENS
    if lines:
        prefix = "\n".join(lines)
        text = prefix + text
        limit = len(tokenizer.encode(prefix)) + MAX_TOKENS - 2
    encoded = tokenizer(
        text, padding="max_length", max_length=limit, truncation=True, add_special_tokens=True
    )
    valid = sum(encoded.attention_mask)
    positions = [0] + list(range(limit - MAX_TOKENS + 1, limit))
    return {
        "prompt": prompt,
        "instruction": bool(lines),
        "limit": limit,
        "ids": encoded.input_ids[:valid],
        "positions": positions,
        "mask": [encoded.attention_mask[position] for position in positions],
    }


def write(folder, manifest):
    tokenizer = load_pipeline().tokenizer
    tokenizer.padding_side = "right"
    cases = [case(tokenizer, prompt, lines) for prompt in PROMPTS for lines in ([], instruction())]
    rows = ",\n  ".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
    (folder / "tokens.json").write_text('{"cases": [\n  ' + rows + "\n]}\n")
    manifest.add(
        "tokens.json",
        "tokens",
        "Token ids without padding (lower-cased, stripped, with and without instruction.json in front, truncated at "
        "`limit`), the 300 positions of the padded sequence that the transformer sees, and their mask.",
    )
    manifest.add("instruction.json", "tokens", "A short made-up instruction, written by hand.")
