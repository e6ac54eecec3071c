"""Stage 0 (CPU, seconds): a SentencePiece BPE tokenizer in Gemma's layout and a byte-level BPE one in CLIP's.

    python build_tokenizers.py --out MODEL          # writes MODEL/tokenizer and MODEL/clip

Both learn from captions of the grammar and a little ordinary English, the documentation strings of Python's standard
library, so that other words split into pieces rather than bytes.
"""

import argparse
import importlib
import io
import json
import random
import re
import tempfile
from collections import Counter
from pathlib import Path

import sentencepiece
import torch
from models import CLIP_SIZE, CLIP_VOCABULARY, VOCABULARY
from scenes.captions import caption
from scenes.grammar import sample
from tokenizers import processors
from transformers import CLIPTokenizer, GemmaTokenizer, GemmaTokenizerFast

DOCUMENTED = [
    *(
        "argparse",
        "random",
        "statistics",
        "difflib",
        "textwrap",
        "calendar",
        "datetime",
        "decimal",
        "logging",
    ),
    *("shutil", "tempfile", "threading", "json", "heapq", "fractions", "colorsys", "string"),
]
PAD, EOS, BOS, UNK = "<pad>", "<eos>", "<bos>", "<unk>"
TURNS = ["<start_of_turn>", "<end_of_turn>"]
START, END = "<|startoftext|>", "<|endoftext|>"
CLIP_PREPROCESSOR = {
    "crop_size": {"height": CLIP_SIZE, "width": CLIP_SIZE},
    "do_center_crop": True,
    "do_convert_rgb": True,
    "do_normalize": True,
    "do_rescale": True,
    "do_resize": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "image_processor_type": "CLIPImageProcessor",
    "resample": 3,
    "rescale_factor": 1 / 255,
    "size": {"shortest_edge": CLIP_SIZE},
}


def captions(count=60000):
    generator, rng = torch.Generator().manual_seed(11), random.Random(11)
    return [caption(scene, rng) for scene in sample(count, generator).tolist()]


def english():
    """Lines of more than four plain words; they depend a little on Python's version."""
    lines = set()
    for name in DOCUMENTED:
        source = Path(importlib.import_module(name).__file__).read_text(encoding="utf-8", errors="ignore")
        for text in re.findall(r'"""(.*?)"""', source, re.S):
            for line in text.splitlines():
                if len(line.split()) > 4 and re.fullmatch(r"[A-Za-z ,.'-]+", line.strip()):
                    lines.add(line.lower().strip())
    return sorted(lines)


def write_json(value, path):
    path.write_text(json.dumps(value, indent=2))


def train_sentencepiece(lines):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        model_type="bpe",
        vocab_size=VOCABULARY,
        byte_fallback=True,
        add_dummy_prefix=False,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        split_digits=True,
        character_coverage=1.0,
        pad_id=0,
        eos_id=1,
        bos_id=2,
        unk_id=3,
        pad_piece=PAD,
        eos_piece=EOS,
        bos_piece=BOS,
        unk_piece=UNK,
        user_defined_symbols=["<mask>", *TURNS],
        minloglevel=2,
    )
    return model.getvalue()


def merges_of(processor, vocabulary):
    """Pairs in the order of the merged piece's id, and for one piece in the order of its parts' ids."""
    user_defined = {4, 5, 6}
    merges = []
    for piece, index in vocabulary.items():
        if processor.is_control(index) or processor.is_unknown(index) or processor.is_byte(index):
            continue
        if index in user_defined:
            continue
        cuts = [(piece[:k], piece[k:]) for k in range(1, len(piece))]
        parts = [cut for cut in cuts if cut[0] in vocabulary and cut[1] in vocabulary]
        parts.sort(key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]))
        merges += [(index, pair) for pair in parts]
    return [pair for _, pair in sorted(merges, key=lambda merge: merge[0])]


def build_gemma(folder, lines):
    folder.mkdir(parents=True, exist_ok=True)
    model = train_sentencepiece(lines)
    (folder / "tokenizer.model").write_bytes(model)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    vocabulary = {processor.id_to_piece(index): index for index in range(processor.get_piece_size())}
    tokenizer = GemmaTokenizer(vocab=vocabulary, merges=merges_of(processor, vocabulary))
    tokenizer._tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A {BOS} $B", special_tokens=[(BOS, 2)]
    )
    tokenizer.add_special_tokens({"extra_special_tokens": TURNS})
    tokenizer.model_max_length = 2**31
    tokenizer.save_pretrained(folder)
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config |= {
        "add_bos_token": True,
        "add_eos_token": False,
        "clean_up_tokenization_spaces": False,
        "tokenizer_class": "GemmaTokenizer",
        "padding_side": "right",
        "spaces_between_special_tokens": False,
        "use_default_system_prompt": False,
        "sp_model_kwargs": {},
    }
    write_json(config, folder / "tokenizer_config.json")
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False}
    tokens = {"bos_token": BOS, "eos_token": EOS, "pad_token": PAD, "unk_token": UNK}
    write_json(
        {name: {"content": token} | flags for name, token in tokens.items()},
        folder / "special_tokens_map.json",
    )


def byte_characters():
    """CLIP's printable character for every byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(others))]


def merged(symbols, pair):
    result, i = [], 0
    while i < len(symbols):
        step = 2 if tuple(symbols[i : i + 2]) == pair else 1
        result.append("".join(symbols[i : i + step]))
        i += step
    return result


def learn_merges(lines, count):
    words = Counter(word for line in lines for word in re.findall(r"[a-z]+|[^\sa-z]+", line))
    spelled = {word: [*word[:-1], word[-1] + "</w>"] for word in words}
    merges = []
    for _ in range(count):
        pairs = Counter()
        for word, symbols in spelled.items():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += words[word]
        best = max(pairs.items(), key=lambda item: (item[1], item[0]))[0]
        merges.append(best)
        spelled = {word: merged(symbols, best) for word, symbols in spelled.items()}
    return merges


def build_clip(folder, lines):
    """256 bytes, 256 bytes that end a word, merges, start and end."""
    folder.mkdir(parents=True, exist_ok=True)
    merges = learn_merges(lines, CLIP_VOCABULARY - 514)
    characters = byte_characters()
    vocabulary = characters + [character + "</w>" for character in characters]
    vocabulary += ["".join(pair) for pair in merges] + [START, END]
    assert len(set(vocabulary)) == CLIP_VOCABULARY
    ids = {token: index for index, token in enumerate(vocabulary)}
    (folder / "vocab.json").write_text(json.dumps(ids, ensure_ascii=False), encoding="utf-8")
    rows = "".join(f"{first} {second}\n" for first, second in merges)
    (folder / "merges.txt").write_text("#version: 0.2\n" + rows, encoding="utf-8")
    tokens = {"bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END}
    config = {"add_prefix_space": False} | tokens
    config |= {
        "model_max_length": 77,
        "do_lower_case": True,
        "errors": "replace",
        "clean_up_tokenization_spaces": True,
        "tokenizer_class": "CLIPTokenizer",
    }
    write_json(config, folder / "tokenizer_config.json")
    write_json(tokens, folder / "special_tokens_map.json")
    write_json(CLIP_PREPROCESSOR, folder / "preprocessor_config.json")
    with tempfile.TemporaryDirectory() as saved:
        CLIPTokenizer.from_pretrained(folder).save_pretrained(saved)
        (folder / "tokenizer.json").write_bytes(Path(saved, "tokenizer.json").read_bytes())


def check(folder, lines):
    """Both files of the Gemma tokenizer must agree on every line."""
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer" / "tokenizer.model"))
    tokenizer = GemmaTokenizerFast.from_pretrained(folder / "tokenizer")
    lines = lines + ["Überraschung 42 times!", "a robot cat, riding  a bike"]
    differing = [line for line in lines if [2, *processor.encode(line)] != tokenizer(line).input_ids]
    if differing:
        raise SystemExit(
            f"tokenizer.json and tokenizer.model differ on {len(differing)} lines, first {differing[0]!r}"
        )
    longest = max(len(tokenizer(line).input_ids) for line in lines)
    print(f"tokenizer.json and tokenizer.model agree on {len(lines)} lines; the longest has {longest} tokens")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    lines = captions() + english()
    build_gemma(options.out / "tokenizer", lines)
    build_clip(options.out / "clip", lines)
    check(options.out, captions(3000) + english()[:500])


if __name__ == "__main__":
    main()
