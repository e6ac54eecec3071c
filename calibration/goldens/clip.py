"""Makes Tests/Fixtures/clip: what transformers' CLIPModel, CLIPImageProcessor and CLIPTokenizer compute, in float32.

python calibration/goldens/clip.py               # the reference CLIP and the random ones
python calibration/goldens/clip.py reference     # the reference CLIP alone: after it was trained again
"""

import argparse
import json
import shutil

import numpy as np
import torch
import transformers
from PIL import Image
from reference import REFERENCE_MODEL, ROOT, quiet
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizer

TARGET = ROOT / "Tests" / "Fixtures" / "clip"
REFERENCE = REFERENCE_MODEL / "clip"

# Widths and heights: larger and smaller than the model's picture, wide, tall, odd, and one that stays as it is.
PICTURES = {
    "square": (160, 160),
    "wide": (301, 97),
    "tall": (61, 190),
    "small": (19, 23),
    "exact": (224, 224),
}
PROMPTS = [
    "a large striped orange ring over a sandy desert",
    "A small Glossy BLUE heart, below a large dotted brown moon!",
    "",
    "   two\t\twords\n\nand   spaces ",
    "it's what they're saying: we'll've 1234 things, I'm sure... don't you'd?",
    "caf\u00e9 cafe\u0301 na\u00efve \u00c5ngstr\u00f6m \u212b \u0130stanbul \u03a3\u0391\u03a3 \u1e9e",
    "\u4e2d\u6587 \U0001f98a\U0001f468\u200d\U0001f469\u200d\U0001f467 \u0939\u093f\u0928\u094d\u0926\u0940 \u0661\u0662 \u2167 x\u00b2 \u00bd",
    "<|startoftext|>hello<|endoftext|> world <|ENDOFTEXT|>!! !!<|endoftext|>",
    "\u00a0\u2003wide\u3000spaces\u200b\u0085and\u001ccontrols",
    "snake_case-and/slashes\\#hash @at $1.50 <b>bold</b> 'quoted' \"double\"",
    " ".join(f"a {color} number {index}" for index, color in enumerate(["red", "green", "blue"] * 30)),
]

# Each differs from the published models in what it can: sizes, heads, activations, the two ways to find a text's end,
# the forms of the preprocessor's configuration, the type and the number of the weights' files, the tokenizer's files.
RANDOM = {
    "gelu-patch14": {
        "config": {
            "projection_dim": 24,
            "text_config": {
                "vocab_size": 1024, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
                "num_attention_heads": 4, "max_position_embeddings": 40, "hidden_act": "gelu",
                "layer_norm_eps": 1e-6, "bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2,
            },
            "vision_config": {
                "hidden_size": 40, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 5,
                "image_size": 56, "patch_size": 14, "hidden_act": "gelu", "layer_norm_eps": 1e-6,
            },
        },
        "preprocessor": {"size": 56, "crop_size": 56, "resample": 3},
        "type": torch.float32,
        "shard": "40KB",
        "tokenizer": ["vocab.json", "merges.txt", "tokenizer_config.json"],
    },
    "quick-patch32": {
        "config": {
            "projection_dim": 16,
            "text_config": {
                "vocab_size": 1024, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2,
                "num_attention_heads": 2, "bos_token_id": 1022, "eos_token_id": 1023,
            },
            "vision_config": {
                "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 3,
                "image_size": 100, "patch_size": 32,
            },
        },
        "preprocessor": {
            "size": {"shortest_edge": 64}, "crop_size": {"height": 100, "width": 100}, "resample": 2,
            "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.25], "rescale_factor": 0.0078125,
        },
        "type": torch.bfloat16,
        "shard": "10MB",
        "tokenizer": ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"],
    },
    "exact-size": {
        "config": {
            "projection_dim": 8,
            "text_config": {
                "vocab_size": 1024, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
                "num_attention_heads": 1, "max_position_embeddings": 9, "hidden_act": "gelu_new",
                "eos_token_id": 1023,
            },
            "vision_config": {
                "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
                "image_size": 30, "patch_size": 7, "hidden_act": "relu",
            },
        },
        "preprocessor": {
            "size": {"height": 30, "width": 30}, "do_center_crop": False, "do_normalize": False,
        },
        "type": torch.float16,
        "shard": "10MB",
        "tokenizer": ["tokenizer.json"],
    },
}


def picture(name, width, height):
    """Edges, gradients and noise, so that a filter that is a little wrong shows."""
    generator = np.random.default_rng(sum(name.encode()))
    y, x = np.mgrid[0:height, 0:width]
    levels = np.stack(
        [
            255 * x / max(width - 1, 1),
            np.where((x // 5 + y // 7) % 2 == 0, 240, 12),
            generator.integers(0, 256, (height, width)),
        ],
        axis=-1,
    )
    return Image.fromarray(levels.astype(np.uint8), "RGB")


def write_random(name, recipe):
    """A checkpoint whose activations neither die nor explode."""
    folder = TARGET / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = CLIPConfig(**recipe["config"])
    torch.manual_seed(sum(name.encode()))
    model = CLIPModel(config).eval()
    with torch.no_grad():
        for key, tensor in model.named_parameters():
            if tensor.ndim >= 2:
                scale = 1 if "embedding" in key else tensor[0].numel() ** -0.5
                tensor.normal_(0, 1.5 * scale)
            elif key.endswith("bias"):
                tensor.normal_(0, 0.2)
            elif "norm" in key or "layrnorm" in key:
                tensor.normal_(1, 0.2)
    model.to(recipe["type"]).save_pretrained(folder, max_shard_size=recipe["shard"])
    # What a person would write, not what the library would: defaults stay out.
    written = {"model_type": "clip", "architectures": ["CLIPModel"], **recipe["config"]}
    (folder / "config.json").write_text(json.dumps(written, indent=1) + "\n")
    preprocessor = {"image_processor_type": "CLIPImageProcessor", **recipe["preprocessor"]}
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=1) + "\n")
    for file in recipe["tokenizer"]:
        shutil.copy(REFERENCE / file, folder / file)
    for extra in folder.glob("generation_config.json"):
        extra.unlink()


def measure(name, folder):
    model = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    processor = CLIPImageProcessor.from_pretrained(folder)
    limit = min(model.config.text_config.max_position_embeddings, tokenizer.model_max_length)
    tensors, texts, pictures = {}, [], []
    for index, prompt in enumerate(PROMPTS):
        encoded = tokenizer(prompt, truncation=True, max_length=limit, return_tensors="pt")
        tensors[f"text.{index}"] = features(model.get_text_features(**encoded))
        texts.append({"prompt": prompt, "ids": encoded.input_ids[0].tolist()})
    for key, (width, height) in PICTURES.items():
        image = Image.open(TARGET / f"{key}.png").convert("RGB")
        assert image.size == (width, height)
        pixels = processor(images=image, return_tensors="pt").pixel_values
        # Every third number of the first and the last rows: enough to find any that is wrong.
        tensors[f"pixels.{key}"] = pixels[0, :, ::7, ::3].contiguous()
        tensors[f"image.{key}"] = features(model.get_image_features(pixel_values=pixels))
        pictures.append(key)
    save_file(tensors, TARGET / f"{name}.safetensors")
    return {"texts": texts, "pictures": pictures, "limit": limit}


def features(output):
    """(projection)"""
    return (output if torch.is_tensor(output) else output.pooler_output)[0].contiguous()


def resized(image, filters):
    """Pillow's own bytes, for sizes that no model here has."""
    sizes = [(17, 40), (224, 149), (640, 31), (640, 131), (290, 74), (61, 61), (1, 300)]
    return [
        {
            "picture": "wide", "width": width, "height": height, "filter": name,
            "hash": fnv(image.resize((width, height), filter).tobytes()),
        }
        for width, height in sizes
        for name, filter in filters.items()
    ]


def fnv(data):
    """FNV-1a, 64 bits, in hex: short enough to be computed in a test."""
    state = 0xCBF29CE484222325
    for byte in data:
        state = (state ^ byte) * 0x100000001B3 % 2**64
    return f"{state:016x}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", help="reference, " + ", ".join(RANDOM) + "; all by default")
    options = parser.parse_args()
    quiet()
    torch.set_num_threads(2)
    TARGET.mkdir(parents=True, exist_ok=True)
    file = TARGET / "clip.json"
    golden = json.loads(file.read_text()) if file.exists() else {"models": {}}
    golden["versions"] = {"transformers": transformers.__version__, "pillow": Image.__version__}
    for key, (width, height) in PICTURES.items():
        if not (TARGET / f"{key}.png").exists():
            picture(key, width, height).save(TARGET / f"{key}.png", optimize=True)
    image = Image.open(TARGET / "wide.png").convert("RGB")
    filters = {filter.name.lower(): filter for filter in Image.Resampling if filter.value <= 5}
    golden["resized"] = resized(image, filters)
    with torch.no_grad():
        for name in options.models or ["reference", *RANDOM]:
            if name != "reference":
                write_random(name, RANDOM[name])
            folder = REFERENCE if name == "reference" else TARGET / name
            golden["models"][name] = measure(name, folder)
    file.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")
    total = sum(path.stat().st_size for path in TARGET.rglob("*") if path.is_file())
    print(f"{total / 2**20:.2f} MiB in {TARGET.name}")


if __name__ == "__main__":
    main()
