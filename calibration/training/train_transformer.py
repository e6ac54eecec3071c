"""Stage 4: trains the text encoder and the transformer jointly by flow matching.

python train_transformer.py --out WORK                      # H200, 11 minutes; needs draw_dataset.py's files in WORK
python train_transformer.py --out WORK --stop-at 6700       # the first part; the same command without it goes on
python train_transformer.py --out WORK --init MODEL         # begins with a packaged model's weights
"""

import argparse
from pathlib import Path

import torch
from data import ATTRIBUTE_VALUES, attribute_loss, attributes, mask_of
from models import PROMPT_TOKENS, TEXT_ENCODER, text_encoder, transformer
from optimization import Average, Log, fast_matmul, learning_rate, set_learning_rate
from safetensors.torch import load_file
from torch.nn import functional

CAPTIONS = 4  # per scene
DROPPED = 0.1  # share of captions replaced by the empty one, for guidance
SHIFT = 2.0  # of the logit-normal noise levels


class Trainer:
    def __init__(self, options):
        self.options, device = options, options.device
        self.device, cuda = device, device == "cuda"
        fast_matmul(cuda)
        torch.manual_seed(0)
        dataset = torch.load(options.out / "dataset.pt", map_location=device)
        self.latents, self.captions = dataset["latents"], dataset["captions"]
        self.targets = attributes(dataset["scenes"].cpu()).to(device)
        self.text_encoder, self.transformer = text_encoder().to(device), transformer().to(device)
        if options.init:
            self.load_packaged(options.init)
        # Reads attributes off the last token while training; discarded.
        self.head = torch.nn.Linear(TEXT_ENCODER["hidden_size"], sum(ATTRIBUTE_VALUES)).to(device)
        kept = [*self.text_encoder.parameters(), *self.transformer.parameters()]
        self.parameters = kept + list(self.head.parameters())
        groups = [
            {"params": [p for p in self.parameters if p.dim() >= 2], "weight_decay": 0.01},
            {"params": [p for p in self.parameters if p.dim() < 2], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98), fused=cuda)
        self.average = Average(kept, 0.9995)
        self.step = 0
        self.state_file = options.out / "transformer-state.pt"
        if self.state_file.exists():
            self.load_state()
        if cuda:  # block by block; compiling whole models takes minutes
            for block in [*self.transformer.transformer_blocks, *self.text_encoder.layers]:
                block.compile(dynamic=False)
        self.generator = torch.Generator(device=device).manual_seed(77 + self.step)

    def modules(self):
        return {
            "text_encoder": self.text_encoder,
            "transformer": self.transformer,
            "head": self.head,
            "optimizer": self.optimizer,
        }

    def load_packaged(self, folder):
        self.text_encoder.load_state_dict(load_file(folder / "text_encoder" / "model.safetensors"))
        name = "diffusion_pytorch_model.safetensors"
        self.transformer.load_state_dict(load_file(folder / "transformer" / name))

    def load_state(self):
        state = torch.load(self.state_file, map_location=self.device)
        for name, module in self.modules().items():
            module.load_state_dict(state[name])
        for value, saved in zip(self.average.values, state["average"]):
            value.copy_(saved)
        self.average.updates, self.step = state["updates"], state["step"]
        print(f"going on after step {self.step}", flush=True)

    def save_state(self):
        state = {name: module.state_dict() for name, module in self.modules().items()}
        state |= {"average": self.average.values, "updates": self.average.updates, "step": self.step}
        torch.save(state, self.state_file)

    def save(self):
        """The averaged weights in float16."""
        self.average.swap()
        for name in ("text_encoder", "transformer"):
            model = self.modules()[name].state_dict()
            halves = {key: value.half().cpu() for key, value in model.items()}
            torch.save({"model": halves}, self.options.out / f"{name}.pt")
        self.average.swap()

    def rows(self):
        """Latents, token ids, their lengths, attributes and whether the caption tells all of them."""
        count, generator, device = self.options.batch, self.generator, self.device
        drawn = torch.randint(0, len(self.latents), (count,), generator=generator, device=device)
        caption = torch.randint(0, CAPTIONS, (count,), generator=generator, device=device)
        ids, lengths, full = (self.captions[name][drawn, caption] for name in ("ids", "lengths", "full"))
        dropped = torch.rand(count, generator=generator, device=device) < DROPPED
        empty = torch.zeros(PROMPT_TOKENS, dtype=torch.long, device=device)
        empty[0] = TEXT_ENCODER["bos_token_id"]
        ids = torch.where(dropped[:, None], empty, ids.long())
        lengths = torch.where(dropped, 1, lengths.long())
        return self.latents[drawn].float(), ids, lengths, self.targets[drawn], full & ~dropped

    def loss(self):
        """Mean squared error of the velocity noise - latents, and the head's loss."""
        latents, ids, lengths, targets, full = self.rows()
        count = len(latents)
        uniform = torch.sigmoid(torch.randn(count, generator=self.generator, device=self.device))
        sigma = SHIFT * uniform / (1 + (SHIFT - 1) * uniform)
        noise = torch.randn(latents.shape, generator=self.generator, device=self.device)
        share = sigma[:, None, None, None]
        mask = mask_of(lengths, PROMPT_TOKENS)
        with torch.autocast(self.device, dtype=torch.bfloat16):
            hidden = self.text_encoder(ids, attention_mask=mask, use_cache=False)[0]
            velocity = self.transformer(
                (1 - share) * latents + share * noise,
                encoder_hidden_states=hidden,
                encoder_attention_mask=mask,
                timestep=sigma * 1000,
                return_dict=False,
            )[0]
        last = hidden[torch.arange(count, device=self.device), lengths - 1].float()
        reading = attribute_loss(self.head(last), targets, full)
        return functional.mse_loss(velocity.float(), noise - latents), reading

    def train(self):
        log, steps = Log(), self.options.steps
        while self.step < min(steps, self.options.stop_at or steps):
            set_learning_rate(self.optimizer, learning_rate(self.step / steps, self.options.rate))
            loss, reading = self.loss()
            self.optimizer.zero_grad(set_to_none=True)
            (loss + 0.05 * reading).backward()
            torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
            self.optimizer.step()
            self.average.update()
            self.step += 1
            log(self.step, loss=loss, attributes=reading)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--init", type=Path, help="a packaged model whose weights to begin with")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--steps", type=int, default=13772)
    parser.add_argument(
        "--stop-at", type=int, help="step after which to save and stop; the schedule stays that of --steps"
    )
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=8e-4)
    trainer = Trainer(parser.parse_args())
    trainer.train()
    trainer.save_state()
    trainer.save()


if __name__ == "__main__":
    main()
