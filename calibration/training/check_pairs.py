"""Reads the objects back out of CLIP's training captions and hard negatives, and fails if one is a held-out triple.

python check_pairs.py                                           # CPU, two minutes
"""

import argparse
import sys
from pathlib import Path

from clip_pool import BRIEF, CAPTION_SEED, RIGHT, pool_scenes
from data import CHUNK, WRONG_PARTS, chunk_words, seeded_chunks
from scenes.grammar import HELD_OUT

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "prompts"))
from generate import triples  # noqa: E402


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=102, help="in train_clip.py: --chunks + --steps / 128")
    options = parser.parse_args()
    captions, objects = 0, 0
    for scenes, seed in seeded_chunks(pool_scenes(options.chunks * CHUNK), CAPTION_SEED, CHUNK):
        words, _ = chunk_words(scenes, seed, RIGHT, WRONG_PARTS, BRIEF)
        for caption in words:
            named = triples(caption)
            if any(HELD_OUT[index] for index in named):
                sys.exit(f"a held-out triple is trained on: {caption}")
            objects += len(named)
        captions += len(words)
    print(f"{captions} captions with {objects} triples of colour, material and shape, none of them held out")


if __name__ == "__main__":
    main()
