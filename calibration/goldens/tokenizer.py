"""Makes the goldens of Tests/Fixtures/tokenizer: ids from transformers' GemmaTokenizer, prompts from Python itself.

    python calibration/goldens/tokenizer.py

`reference.json` has ids of the reference model's tokenizer. Each `generated-*.json` has a small random tokenizer
(as the contents of tokenizer.json and of tokenizer_config.json) with ids: canonically equivalent tokens, several
merges that make the same token, byte tables with gaps, added tokens with every option. `prompt-text.json` has what
`lower().strip()` makes of every Unicode scalar in a few surroundings, as hashes.
"""
import json
import random
import sys
import tempfile
from pathlib import Path

import tokenizers
import transformers
from transformers import GemmaTokenizer

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "calibration" / "reference-model" / "tokenizer"
FIXTURES = ROOT / "Tests" / "Fixtures" / "tokenizer"

COMPOSED, DECOMPOSED = "\u00e9", "e\u0301"
HANGUL, JAMO = "\ud55c", "\u1112\u1161\u11ab"
KELVIN = "\u212a"
CHARACTERS = [*"abcdeK. <>0xAB\n", COMPOSED, DECOMPOSED, "\u0301", HANGUL, *JAMO, KELVIN, "\u2581", "\U0001f600", "\u2026"]
ROLES = ["<pad>", "<eos>", "<bos>", "<unk>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def version_note():
    return {
        "python": sys.version.split()[0],
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
    }


def write(name, members):
    """One case a line, so that a change of one shows as such."""
    cases = ",\n".join(json.dumps(case, separators=(",", ":")) for case in members.pop("cases"))
    head = json.dumps({"versions": version_note(), **members}, indent=1)
    FIXTURES.mkdir(parents=True, exist_ok=True)
    (FIXTURES / name).write_text(head[:-2] + ',\n "cases": [\n' + cases + "\n]}\n")


def encode(folder, texts):
    """Texts with their ids. The library gives up on some texts where tokens that strip white space meet."""
    tokenizer = GemmaTokenizer.from_pretrained(folder)
    cases = []
    for text in texts:
        try:
            cases.append({"text": text, "ids": tokenizer(text).input_ids})
        except BaseException as error:  # a panic of the library is no Exception
            if "PanicException" not in type(error).__name__:
                raise
    return cases


def reference_texts(draw):
    written = [
        "", " ", "  ", "\n", "\t", "\0", "\r\n", "a", " a", "a ", "  a  b   c  ", "\n\n\na\n\n", "a\tb",
        "a photo of a cat", "A large red circle above a small blue square, 42.", "isn't it? well-known e.g. this/that",
        "<bos>", "<eos>a<pad>", "a<bos>b", "<bos><bos>", "<start_of_turn>user\nhi<end_of_turn>", "< bos>", "<BOS>",
        "<mask>", "<unk>", "<unknown>", "<0x41>", "<0x0A>\n", "\u2581", "\u2581a", " \u2581 a", "a\u2581b",
        COMPOSED, DECOMPOSED, HANGUL, JAMO, KELVIN, "\u00c5 \u212b", "\ufb01", "\u00df", "\u0130stanbul", "\u03a3\u03c2",
        "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "\u4e2d\u6587\u5b57", "\u0645\u0631\u062d\u0628\u0627",
        "\u0928\u092e\u0938\u094d\u0924\u0947", "\ufeffa", "\ufffd", "\U0010ffff", "\u200b", "\u00a0a\u00a0", "\u3000a", "\u2028",
        "".join(map(chr, range(32))), "".join(map(chr, range(32, 127))), "\x7f\x80\x9f",
        "a" * 1000, " " * 1000, "ab " * 700, "\n" * 300, "\U0001f600" * 300, "red circle " * 300,
    ]
    words = "a small large red green blue solid striped circle square star above below next to on photo of".split()
    sentences = [" ".join(draw.choices(words, k=draw.randint(1, 30))) for _ in range(120)]
    mixed = [
        "".join(draw.choices([*CHARACTERS, *words, *ROLES, "<mask>", "<start_of_turn>"], k=draw.randint(1, 40)))
        for _ in range(120)
    ]
    anything = [
        "".join(chr(draw.choice([draw.randrange(0xD800), draw.randrange(0xE000, 0x110000)])) for _ in range(12))
        for _ in range(40)
    ]
    return written + sentences + mixed + anything


def random_vocabulary(draw):
    """Tokens and merges; most tokens can be made in several ways, and the order of merges need not be theirs."""
    characters = sorted({c for c in "".join(CHARACTERS) if c != " "})
    characters = draw.sample(characters, len(characters) - draw.randint(0, 5))
    byte_tokens = BYTES if draw.random() < 0.5 else draw.sample(BYTES, 120)
    tokens = list(dict.fromkeys([*ROLES, "<mask>", *byte_tokens, *characters, COMPOSED, DECOMPOSED, HANGUL]))
    known, pairs = set(tokens), {}
    parts = [*characters, *byte_tokens[:10]] if draw.random() < 0.5 else list(characters)
    for _ in range(draw.choice([40, 150, 300])):
        joined = "".join(pair := (draw.choice(parts), draw.choice(parts)))
        if len(joined.encode()) > 60:
            continue
        pairs[pair] = None
        if joined not in known:
            known.add(joined)
            tokens.append(joined)
            parts.append(joined)
        for cut in range(1, len(joined)):
            if joined[:cut] in known and joined[cut:] in known and draw.random() < 0.5:
                pairs[joined[:cut], joined[cut:]] = None
    merges = list(pairs)
    if draw.random() < 0.5:
        draw.shuffle(merges)
    ids = list(range(len(tokens)))
    if draw.random() < 0.5:
        draw.shuffle(ids)
    return dict(draw.sample(list(zip(tokens, ids)), len(tokens))), merges


def random_added_tokens(draw, vocabulary):
    inside = [token for token in vocabulary if token not in BYTES and token not in ROLES and "\u2581" not in token]
    outside = [token for token in ["ab", "a b", " ", "b ", "<2mass>", "\n\n", "<x", "  "] if token not in vocabulary]
    records = []
    for token in [*draw.sample(ROLES, 3), *draw.sample(inside, 4), *draw.sample(outside, 4)]:
        appended = sum(record["content"] not in vocabulary for record in records)
        records.append({
            "id": vocabulary.get(token, len(vocabulary) + appended),
            "content": token,
            **{option: draw.random() < 0.25 for option in ["single_word", "lstrip", "rstrip", "normalized", "special"]},
        })
    return records


def random_tokenizer(draw):
    """The contents of tokenizer.json and of tokenizer_config.json."""
    vocabulary, merges = random_vocabulary(draw)
    added = random_added_tokens(draw, vocabulary)
    bos = {"SpecialToken": {"id": "<bos>", "type_id": 0}}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
        "pre_tokenizer": draw.choice([None, {
            "type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False,
        }]),
        "post_processor": draw.choice([None, {
            "type": "TemplateProcessing",
            "single": [bos, text],
            "pair": [bos, text, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {"<bos>": {"id": "<bos>", "ids": [vocabulary["<bos>"]], "tokens": ["<bos>"]}},
        }]),
        "decoder": None,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": vocabulary,
            "merges": draw.choice([merges, [" ".join(pair) for pair in merges]]),
        },
    }
    extra = [token for token in vocabulary if token not in BYTES and "\u2581" not in token][-2:]
    configuration = draw.choice([
        None,
        {"tokenizer_class": "GemmaTokenizer", "add_bos_token": draw.random() < 0.5, "extra_special_tokens": extra},
        {"added_tokens_decoder": {
            str(record["id"]): {key: value for key, value in record.items() if key != "id"} for record in added
        }},
    ])
    return tokenizer, configuration


def generated(seed):
    draw = random.Random(seed)
    tokenizer, configuration = random_tokenizer(draw)
    pieces = [*CHARACTERS, *(record["content"] for record in tokenizer["added_tokens"])]
    texts = ["".join(draw.choices(pieces, k=draw.choice([0, 1, 2, 5, 20, 80]))) for _ in range(100)]
    texts += ["".join(draw.choices("ab", k=200)) for _ in range(5)]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tokenizer.json").write_text(json.dumps(tokenizer))
        if configuration is not None:
            (Path(folder) / "tokenizer_config.json").write_text(json.dumps(configuration))
        cases = encode(folder, texts)
    write(f"generated-{seed}.json", {"tokenizer": tokenizer, "configuration": configuration, "cases": cases})


def fnv1a(data, value=0xCBF29CE484222325):
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def prompt_text(draw):
    """FNV-1a over what comes out for all scalars of a block, each followed by a byte 0xFF."""
    block = 0x4000
    hashes = []
    for template in ["x{}x", "{}a{}", "A{}\u03a3", "{}\u03a3", "a\u03a3{}", "a\u03a3{}A"]:
        for start in range(0, 0x110000, block):
            value = 0xCBF29CE484222325
            for code in range(start, start + block):
                if not 0xD800 <= code < 0xE000:
                    text = template.replace("{}", chr(code)).lower().strip()
                    value = fnv1a(text.encode() + b"\xff", value)
            hashes.append({"template": template, "start": start, "end": start + block, "hash": f"{value:016x}"})
    pool = ["A", "a", "\u03a3", "\u03a3", "\u0130", "'", "\u00ad", "\u0345", ".", " ", "\u200d", "\u02b0", COMPOSED, "\u00df",
            "\u1e9e", "\n", "\x1c", "\x85", "\u00a0", "\u200b", "\u3000", KELVIN, "\ufb01", "\U00010400"]
    texts = ["".join(draw.choices(pool, k=draw.randint(0, 30))) for _ in range(200)]
    cases = [{"text": text, "normalized": text.lower().strip()} for text in texts]
    write("prompt-text.json", {"hashes": hashes, "cases": cases})


def main():
    draw = random.Random(0)
    write("reference.json", {"cases": encode(REFERENCE, reference_texts(draw))})
    for seed in range(8):
        generated(seed)
    prompt_text(draw)


if __name__ == "__main__":
    main()
