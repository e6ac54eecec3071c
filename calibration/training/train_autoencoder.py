"""Stage 1: trains the autoencoder on scenes drawn as it goes.

python train_autoencoder.py --out WORK                                       # H200: 98 s of compilation, 227 s
python train_autoencoder.py --out WORK --decoder-only --init WORK/autoencoder.pt   # a better decoder, same latents
"""

import argparse
import json
from pathlib import Path

import torch
from models import LATENT, autoencoder
from optimization import Average, Log, fast_matmul, learning_rate, set_learning_rate
from PIL import Image
from scenes.grammar import sample
from scenes.placement import FRAME, draw_placement
from scenes.renderer import render, render_scenes

LATENT_NOISE = 0.06  # the decoder learns to bear this much


def reconstruction_loss(output, target):
    """L1 + 3 MSE + half the L1 of the gradients, and the MSE."""
    error = output.float() - target
    along_x = (error[:, :, :, 1:] - error[:, :, :, :-1]).abs().mean()
    along_y = (error[:, :, 1:] - error[:, :, :-1]).abs().mean()
    squared = (error**2).mean()
    return error.abs().mean() + 3 * squared + 0.5 * (along_x + along_y), squared


class Trainer:
    def __init__(self, options):
        self.options, self.device = options, options.device
        cuda = self.device == "cuda"
        fast_matmul(cuda)
        torch.manual_seed(0)
        self.vae = autoencoder()
        if options.init:
            self.vae.load_state_dict(torch.load(options.init, map_location="cpu")["model"])
        self.vae.to(self.device, memory_format=torch.channels_last)
        self.scenes = sample(options.scenes, torch.Generator().manual_seed(1)).to(self.device)
        self.generator = torch.Generator(device=self.device).manual_seed(2)
        self.parameters = list((self.vae.decoder if options.decoder_only else self.vae).parameters())
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=options.rate, betas=(0.9, 0.99), weight_decay=0.0, fused=cuda
        )
        self.average = Average(self.parameters, 0.999)
        self.render, self.reconstruction_loss = render, reconstruction_loss
        if cuda:  # block by block: compiling the whole model takes over two minutes
            self.render = torch.compile(render, dynamic=False)
            self.reconstruction_loss = torch.compile(reconstruction_loss, dynamic=False)
            for module in self.vae.modules():
                if type(module).__name__ in ("ResBlock", "EfficientViTBlock"):
                    module.compile(dynamic=False)

    @torch.no_grad()
    def pictures(self):
        """A batch in [-1, 1]."""
        count = self.options.batch
        drawn = torch.randint(0, len(self.scenes), (count,), generator=self.generator, device=self.device)
        place = draw_placement(self.scenes[drawn], self.generator, self.device)
        centers = torch.arange(FRAME, device=self.device) + 0.5
        grain = torch.randn(count, 1, FRAME, FRAME, generator=self.generator, device=self.device)
        pictures = self.render(place, centers, centers, grain)
        return (pictures * 2 - 1).contiguous(memory_format=torch.channels_last)

    def loss(self, pictures):
        noise = torch.randn(len(pictures), 32, LATENT, LATENT, generator=self.generator, device=self.device)
        with torch.autocast(self.device, dtype=torch.bfloat16):
            with torch.set_grad_enabled(not self.options.decoder_only):
                latents = self.vae.encoder(pictures).float()
            output = self.vae.decoder(latents + LATENT_NOISE * noise)
        mean, deviation = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
        statistics = (mean**2).mean() + ((deviation - 1) ** 2).mean()
        reconstruction, squared = self.reconstruction_loss(output, pictures)
        return reconstruction + 0.02 * statistics, squared

    def train(self):
        log, steps = Log(), self.options.steps
        for step in range(1, steps + 1):
            set_learning_rate(self.optimizer, learning_rate((step - 1) / steps, self.options.rate))
            loss, squared = self.loss(self.pictures())
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.parameters, 0.5)
            self.optimizer.step()
            self.average.update()
            log(step, loss=loss, psnr=-10 * torch.log10(squared / 4))
        self.average.swap()
        self.vae.eval()

    @torch.no_grad()
    def measure(self, count, seed=777):
        """PSNR on held-out scenes, and the RMS of the latents, whose inverse is the scaling factor."""
        scenes = sample(count, torch.Generator().manual_seed(seed), held_out=True)
        psnr, latents = [], []
        for i in range(0, count, 16):
            pictures = render_scenes(scenes[i : i + 16], seed + i, self.device) * 2 - 1
            latents.append(self.vae.encode(pictures)[0])
            error = (pictures - self.vae.decode(latents[-1])[0].clamp(-1, 1)) / 2
            psnr.append(-10 * torch.log10((error**2).mean((1, 2, 3))))
        psnr, latents = torch.cat(psnr), torch.cat(latents)
        return {
            "psnr_mean": psnr.mean().item(),
            "psnr_min": psnr.min().item(),
            "latent_rms": latents.pow(2).mean().sqrt().item(),
        }

    @torch.no_grad()
    def save_sheet(self, path):
        """Eight held-out scenes above their reconstructions."""
        pictures = render_scenes(sample(8, torch.Generator().manual_seed(5), held_out=True), 6, self.device)
        outputs = (self.vae.decode(self.vae.encode(pictures * 2 - 1)[0])[0] / 2 + 0.5).clamp(0, 1)
        sheet = torch.cat([torch.cat(list(pictures), 2), torch.cat(list(outputs), 2)], 1)
        Image.fromarray((sheet.permute(1, 2, 0).cpu().numpy() * 255).round().astype("uint8")).save(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--steps", type=int, default=3708)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--scenes", type=int, default=200000)
    parser.add_argument("--held-out", type=int, default=128, help="scenes to measure on")
    parser.add_argument("--init", type=Path)
    parser.add_argument("--decoder-only", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(options)
    trainer.train()
    result = trainer.measure(options.held_out)
    print(json.dumps(result))
    state = {name: value.float().cpu() for name, value in trainer.vae.state_dict().items()}
    torch.save({"model": state, "scaling": 1 / result["latent_rms"]}, options.out / "autoencoder.pt")
    trainer.save_sheet(options.out / "autoencoder.png")


if __name__ == "__main__":
    main()
