"""Stage 3: trains CLIP contrastively, each picture also against a caption that is wrong in one thing.

python train_clip.py --out WORK                # H200, 100 s; needs draw_dataset.py's files in WORK
"""

import argparse
from pathlib import Path

import numpy
import torch
from build_tokenizers import CLIP_PREPROCESSOR
from data import ATTRIBUTE_VALUES, attribute_loss, attributes, mask_of
from models import CLIP_TOKENS, clip, image_features, text_features
from optimization import Average, Log, fast_matmul, learning_rate, set_learning_rate
from torch.nn import functional

PROJECTION = 128


class Trainer:
    def __init__(self, options):
        self.options, device = options, options.device
        self.device, cuda = device, device == "cuda"
        fast_matmul(cuda)
        torch.manual_seed(0)
        dataset = torch.load(options.out / "dataset.pt", map_location=device)
        self.pictures = torch.from_numpy(numpy.load(options.out / "pictures.npy")).to(device)
        self.captions = dataset["clip_captions"]
        self.targets = attributes(dataset["scenes"][: len(self.pictures)].cpu()).to(device)
        self.mean, self.deviation = (
            torch.tensor(CLIP_PREPROCESSOR[name], device=device).view(1, 3, 1, 1)
            for name in ("image_mean", "image_std")
        )
        self.model = clip().to(device)
        # Read attributes off both features while training; discarded.
        self.heads = torch.nn.ModuleList(
            [torch.nn.Linear(PROJECTION, sum(ATTRIBUTE_VALUES)) for _ in range(2)]
        ).to(device)
        if cuda:
            for layer in self.model.vision_model.encoder.layers:
                layer.compile(dynamic=False)
        self.parameters = [*self.model.parameters(), *self.heads.parameters()]
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.02, fused=cuda
        )
        self.average = Average(self.model.parameters(), 0.998)
        self.generator = torch.Generator(device=device).manual_seed(5)

    def random(self, least, most, count):
        return torch.randint(least, most, (count,), generator=self.generator, device=self.device)

    def augmented(self, drawn):
        """Normalized pictures with a little other brightness and noise."""
        pixels = self.pictures[drawn].float() / 255
        brightness = torch.randn(len(drawn), 1, 1, 1, generator=self.generator, device=self.device)
        noise = torch.randn(pixels.shape, generator=self.generator, device=self.device)
        pixels = pixels * (1 + 0.06 * brightness) + 0.01 * noise
        return (pixels.clamp(0, 1) - self.mean) / self.deviation

    def loss(self):
        """Contrastive loss, the heads' loss and how often the right caption wins, on one batch."""
        count = self.options.batch
        drawn = self.random(0, len(self.pictures), count)
        pixels = self.augmented(drawn)
        right, wrong = self.random(0, 2, count), self.random(2, 4, count)
        ids, lengths = (
            torch.cat([self.captions[name][drawn, right], self.captions[name][drawn, wrong]]).long()
            for name in ("ids", "lengths")
        )
        with torch.autocast(self.device, dtype=torch.bfloat16):
            images = image_features(self.model, pixels)
            texts = text_features(self.model, ids, mask_of(lengths, CLIP_TOKENS))
        scale = self.model.logit_scale.exp().clamp(max=100)
        logits = (
            scale * functional.normalize(images.float(), dim=1) @ functional.normalize(texts.float(), dim=1).T
        )
        own = torch.arange(count, device=self.device)
        contrast = functional.cross_entropy(logits, own) + functional.cross_entropy(logits[:, :count].T, own)
        full = self.captions["full"][drawn, right]
        targets = self.targets[drawn]
        reading = attribute_loss(self.heads[0](images.float()), targets, torch.ones_like(full))
        reading = reading + attribute_loss(self.heads[1](texts[:count].float()), targets, full)
        return contrast / 2, reading, (logits.argmax(1) == own).float().mean()

    def train(self):
        log, steps = Log(), self.options.steps
        for step in range(1, steps + 1):
            set_learning_rate(
                self.optimizer, learning_rate((step - 1) / steps, self.options.rate, warm_up=0.05)
            )
            contrast, reading, right = self.loss()
            self.optimizer.zero_grad(set_to_none=True)
            (contrast + 0.5 * reading).backward()
            torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
            self.optimizer.step()
            self.average.update()
            log(step, contrast=contrast, attributes=reading, right=right)
        self.average.swap()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--steps", type=int, default=3051)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=8e-4)
    options = parser.parse_args()
    trainer = Trainer(options)
    trainer.train()
    state = {name: value.float().cpu() for name, value in trainer.model.state_dict().items()}
    torch.save({"model": state}, options.out / "clip.pt")


if __name__ == "__main__":
    main()
