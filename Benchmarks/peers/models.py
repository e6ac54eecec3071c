"""Sana's three networks at their published sizes, with random weights, and the inputs of one pass."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from peers.workload import Case

TEXT_TOKENS = 300
CAPTION_CHANNELS = 2304
LATENT_CHANNELS = 32
DECODER_FACTOR = 32

TRANSFORMERS: dict[str, dict[str, int]] = {
    "0.6b": {
        "num_layers": 28,
        "num_attention_heads": 36,
        "num_cross_attention_heads": 16,
        "cross_attention_head_dim": 72,
        "cross_attention_dim": 1152,
    },
    "1.6b": {
        "num_layers": 20,
        "num_attention_heads": 70,
        "num_cross_attention_heads": 20,
        "cross_attention_head_dim": 112,
        "cross_attention_dim": 2240,
    },
}


class Pass(nn.Module):
    """Wraps a diffusers model so that it takes and returns plain tensors."""

    def __init__(self, model: nn.Module, forward: Callable[..., Tensor]) -> None:
        super().__init__()
        self.model = model
        self.call = forward

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.call(self.model, *inputs)


def random_weights(build: Callable[[], nn.Module], dtype: torch.dtype) -> nn.Module:
    """Builds without default initialization, then fills every weight from one table of N(0, 0.02)."""
    with torch.device("meta"):
        model = build().to(dtype)
    model = model.to_empty(device="cpu").eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(0)
    length = 1 << 22
    table = torch.randn(2 * length, generator=generator).mul_(0.02).to(dtype)
    for parameter in model.parameters():
        for part in parameter.view(-1).split(length):
            # Each from a place of its own: the frameworks store equal tensors once.
            start = int(torch.randint(length, (), generator=generator))
            part.copy_(table[start : start + len(part)])
    return model


def transformer(name: str, dtype: torch.dtype) -> nn.Module:
    """(2, 32, h, w) latents, (2,) timesteps, (2, 300, 2304) text, (2, 300) mask -> (2, 32, h, w)."""
    from diffusers import SanaTransformer2DModel

    model = random_weights(lambda: SanaTransformer2DModel(**TRANSFORMERS[name]), dtype)

    def forward(model: nn.Module, latents: Tensor, timestep: Tensor, text: Tensor, mask: Tensor) -> Tensor:
        return model(latents, text, timestep, encoder_attention_mask=mask, return_dict=False)[0]

    return Pass(model, forward)


def transformer_inputs(size: int, dtype: torch.dtype, seed: int = 0) -> tuple[Tensor, ...]:
    """One guidance pair: the empty negative prompt with one valid token, then 300 valid tokens."""
    generator = torch.Generator().manual_seed(seed)
    side = size // DECODER_FACTOR
    latents = torch.randn(1, LATENT_CHANNELS, side, side, generator=generator).repeat(2, 1, 1, 1)
    text = torch.randn(2, TEXT_TOKENS, CAPTION_CHANNELS, generator=generator)
    mask = torch.ones(2, TEXT_TOKENS)
    mask[0, 1:] = 0
    return latents.to(dtype), torch.full((2,), 999.0), text.to(dtype), mask.to(dtype)


def decoder(dtype: torch.dtype) -> nn.Module:
    """The f32c32 decoder: (1, 32, h, w) latents -> (1, 3, 32 h, 32 w)."""
    from diffusers import AutoencoderDC

    blocks = ("ResBlock",) * 3 + ("EfficientViTBlock",) * 3
    autoencoder = random_weights(
        lambda: AutoencoderDC(
            encoder_block_types=blocks,
            decoder_block_types=blocks,
            encoder_layers_per_block=(2, 2, 2, 3, 3, 3),
            upsample_block_type="interpolate",
            downsample_block_type="Conv",
            scaling_factor=0.41407,
        ),
        dtype,
    )
    return Pass(autoencoder.decoder, lambda model, latents: model(latents))


def decoder_inputs(size: int, dtype: torch.dtype, seed: int = 0) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    side = size // DECODER_FACTOR
    return (torch.randn(1, LATENT_CHANNELS, side, side, generator=generator).to(dtype),)


def text_encoder(dtype: torch.dtype) -> nn.Module:
    """Gemma-2 2B without its embedding table: (1, tokens, 2304) embeddings -> (1, tokens, 2304)."""
    from transformers import Gemma2Config, Gemma2Model

    config = Gemma2Config(vocab_size=8, use_cache=False, attn_implementation="eager")
    with torch.device("cpu"):
        rotary = Gemma2Model(Gemma2Config(vocab_size=8, num_hidden_layers=0)).rotary_emb
    model = random_weights(lambda: Gemma2Model(config), dtype)
    model.rotary_emb = rotary

    def forward(model: nn.Module, embeddings: Tensor) -> Tensor:
        return model(inputs_embeds=embeddings, use_cache=False).last_hidden_state

    return Pass(model, forward)


def text_inputs(tokens: int, dtype: torch.dtype, seed: int = 0) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(1, tokens, CAPTION_CHANNELS, generator=generator).to(dtype),)


def network(case: Case, dtype: torch.dtype) -> nn.Module:
    if case.part == "transformer":
        return transformer(case.model, dtype)
    return decoder(dtype) if case.part == "decoder" else text_encoder(dtype)


def inputs(case: Case, dtype: torch.dtype, seed: int = 0) -> tuple[Tensor, ...]:
    of_part = {
        "transformer": transformer_inputs,
        "decoder": decoder_inputs,
        "text": text_inputs,
    }
    return of_part[case.part](case.size, dtype, seed)
