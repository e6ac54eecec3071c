"""Stage 3: trains CLIP contrastively, each picture also against six captions that are wrong in one thing.

    python train_clip.py --model MODEL --out WORK                             # H100, 16 minutes
    python train_clip.py --model MODEL --out WORK --autoencoder MODEL/vae     # without stage 1

It draws its pictures as it goes; the autoencoder makes one in eight of them look generated.
"""

import argparse
import itertools
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch
from build_tokenizers import CLIP_PREPROCESSOR
from clip_pool import RIGHT, Pool, pool_captions, pool_scenes
from data import ATTRIBUTE_VALUES, CHUNK, OBJECT_VALUES, attribute_loss, mask_of
from models import CLIP_TOKENS, clip, image_features, load_autoencoder, text_features
from optimization import Average, Log, fast_matmul, learning_rate, set_learning_rate
from torch.nn import functional

PROJECTION = 128
RENEWAL = 128  # steps to each chunk of new scenes


class Trainer:
    def __init__(self, options, pool):
        self.options, self.pool, device = options, pool, options.device
        self.device, cuda = device, device == "cuda"
        torch.manual_seed(0)
        self.mean, self.deviation = (
            torch.tensor(CLIP_PREPROCESSOR[name], device=device).view(1, 3, 1, 1)
            for name in ("image_mean", "image_std")
        )
        self.model = clip().to(device)
        # Read attributes off both features, and each patch's object off the patch, while training; discarded.
        width = self.model.config.vision_config.hidden_size
        self.heads = torch.nn.ModuleList(
            [torch.nn.Linear(PROJECTION, sum(ATTRIBUTE_VALUES)) for _ in range(2)]
        ).to(device)
        self.patch_head = torch.nn.Linear(width, sum(OBJECT_VALUES)).to(device)
        *layers, last = self.model.vision_model.encoder.layers
        last.register_forward_pre_hook(self.keep_patches, with_kwargs=True)
        if cuda:
            for layer in [*layers, *self.model.text_model.encoder.layers]:
                layer.compile(dynamic=False)
        self.parameters = [
            *self.model.parameters(),
            *self.heads.parameters(),
            *self.patch_head.parameters(),
        ]
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.02, fused=cuda
        )
        self.average = Average(self.model.parameters(), 0.999)
        self.generator = torch.Generator(device=device).manual_seed(5)

    def random(self, least, most, count):
        return torch.randint(least, most, (count,), generator=self.generator, device=self.device)

    def normal(self, *shape):
        return torch.randn(shape, generator=self.generator, device=self.device)

    def augmented(self, drawn):
        """Normalized pictures with a little other brightness, tint, sharpness and noise."""
        pixels, count = self.pool.pictures[drawn].float() / 255, len(drawn)
        blurred = functional.avg_pool2d(pixels, 3, 1, 1, count_include_pad=False)
        pixels = pixels.lerp(blurred, (0.5 * self.normal(count, 1, 1, 1)).clamp(0, 1))
        pixels = pixels * (1 + 0.06 * self.normal(count, 1, 1, 1) + 0.02 * self.normal(count, 3, 1, 1))
        pixels = pixels + 0.01 * self.normal(*pixels.shape)
        return (pixels.clamp(0, 1) - self.mean) / self.deviation

    def keep_patches(self, _, positional, named):
        """What the last layer reads: (B, 1 + patches, width)."""
        self.patches = named["hidden_states"] if "hidden_states" in named else positional[0]

    def patch_loss(self, drawn):
        """Mean cross-entropy of size, colour, material and shape over the patches whose centre an object covers."""
        grid = self.pool.grid[drawn].flatten(1).long()
        row, patch = grid.nonzero(as_tuple=True)
        targets = self.pool.objects[drawn][row, grid[row, patch] - 1]
        parts = self.patch_head(self.patches[row, 1 + patch].float()).split(OBJECT_VALUES, 1)
        return sum(functional.cross_entropy(part, targets[:, i]) for i, part in enumerate(parts)) / len(parts)

    def loss(self):
        """Contrastive loss, the heads' loss, the patches' and how often the right caption wins, on one batch."""
        count, pool = self.options.batch, self.pool
        drawn = self.random(0, len(pool.pictures), count)
        right = self.random(0, RIGHT, count)
        captions = [
            torch.cat([values[drawn, right][:, None], values[drawn, RIGHT:]], 1).transpose(0, 1).flatten(0, 1)
            for values in (pool.ids.long(), pool.lengths)
        ]
        with torch.autocast(self.device, dtype=torch.bfloat16):
            images = image_features(self.model, self.augmented(drawn))
            texts = text_features(self.model, captions[0], mask_of(captions[1], CLIP_TOKENS))
        scale = self.model.logit_scale.exp().clamp(max=100)
        unit_images = functional.normalize(images.float(), dim=1)
        unit_texts = functional.normalize(texts.float(), dim=1).view(-1, count, PROJECTION)
        others = scale * unit_images @ unit_texts[0].T
        wrong = scale * torch.einsum("bc,nbc->bn", unit_images, unit_texts[1:])
        logits = torch.cat([others, wrong], 1)
        own = torch.arange(count, device=self.device)
        contrast = functional.cross_entropy(logits, own) + functional.cross_entropy(others.T, own)
        full, targets = pool.full[drawn, right], pool.targets[drawn]
        reading = attribute_loss(self.heads[0](images.float()), targets, torch.ones_like(full))
        reading = reading + attribute_loss(self.heads[1](texts[:count].float()), targets, full)
        return contrast / 2, reading, self.patch_loss(drawn), (logits.argmax(1) == own).float().mean()

    def train(self):
        log, steps = Log(), self.options.steps
        for step in range(1, steps + 1):
            if step % RENEWAL == 0:
                self.pool.renew()
            set_learning_rate(
                self.optimizer, learning_rate((step - 1) / steps, self.options.rate, warm_up=0.05)
            )
            contrast, reading, patches, right = self.loss()
            self.optimizer.zero_grad(set_to_none=True)
            (contrast + 0.5 * (reading + patches)).backward()
            torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
            self.optimizer.step()
            self.average.update()
            log(step, contrast=contrast, attributes=reading, patches=patches, right=right)
            if step % self.options.save_every == 0 or step == steps:
                self.save()

    def save(self):
        """The averaged weights."""
        self.average.swap()
        state = {name: value.float().cpu() for name, value in self.model.state_dict().items()}
        self.average.swap()
        torch.save({"model": state}, self.options.out / "clip.pt")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="where the tokenizers are")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--autoencoder", type=Path, help="OUT/autoencoder.pt by default")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--steps", type=int, default=10000)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--chunks", type=int, default=24, help="in the pool at a time")
    parser.add_argument("--chunk", type=int, default=CHUNK, help="scenes")
    parser.add_argument("--save-every", type=int, default=2000, help="steps")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    scenes = pool_scenes((options.chunks + options.steps // RENEWAL) * options.chunk)
    # The captions' worker processes are forked, which must happen before CUDA starts.
    with ProcessPoolExecutor(options.workers) as executor:
        captions = pool_captions(executor, scenes, options.model, options.chunk)
        captions = itertools.chain([next(captions)], captions)
        fast_matmul(options.device == "cuda")
        vae, _ = load_autoencoder(options.autoencoder or options.out / "autoencoder.pt", options.device)
        pool = Pool(scenes, captions, options.chunks, options.chunk, vae, options.device)
        Trainer(options, pool).train()


if __name__ == "__main__":
    main()
