"""The published models of the family, narrower: each as its configuration files say, but for widths.

Sources: arXiv 2410.10629, 2501.18427 and 2503.09641; diffusers' configurations of SanaTransformer2DModel and
AutoencoderDC. Depths, head sizes, positions, norms, shifts and element types are the published ones.
"""

from checkpoints.variant import Variant

# A quarter of the 0.6B width and a tenth of the 1.6B one.
WIDTH_06B = {
    "num_layers": 28,
    "num_attention_heads": 9,
    "num_cross_attention_heads": 4,
    "cross_attention_head_dim": 72,
    "cross_attention_dim": 288,
}
WIDTH_16B = {
    "num_layers": 20,
    "num_attention_heads": 7,
    "num_cross_attention_heads": 2,
    "cross_attention_head_dim": 112,
    "cross_attention_dim": 224,
}
NORMALIZED = {"qk_norm": "rms_norm_across_heads"}
GUIDANCE = {"guidance_embeds": True, "guidance_embeds_scale": 0.1}
PX512 = {"sample_size": 16}
PX1024 = {"sample_size": 32}
PX2K = {"sample_size": 64, "interpolation_scale": 1.0}
PX4K = {"sample_size": 128, "interpolation_scale": 2.0}

# Proportions and depths of f32c32; 1.1 is a decoder of the same form trained anew.
DECODER_F32C32 = {
    "decoder_block_out_channels": [16, 32, 64, 64, 128, 128],
    "decoder_layers_per_block": [3, 3, 3, 3, 3, 3],
    "decoder_norm_types": "rms_norm",
    "decoder_act_fns": "silu",
}
# As files of newer releases have it: what ends the shortcuts and the last activation is said.
DECODER_NEWER = DECODER_F32C32 | {
    "decoder_act_fns": ["silu"] * 6,
    "decoder_norm_types": ["rms_norm"] * 6,
    "encoder_out_shortcut": True,
    "decoder_in_shortcut": True,
    "decoder_conv_act_fn": "relu",
}
# Lighter ones leave out attention, blocks and shortcuts.
DECODER_LIGHT = {
    "decoder_block_out_channels": [8, 16, 64, 64, 128, 128],
    "decoder_layers_per_block": [0, 2, 2, 2, 2, 2],
    "decoder_block_types": ["ResBlock"] * 5 + ["EfficientViTBlock"],
    "decoder_qkv_multiscales": [[], [], [], [], [], [5]],
    "decoder_in_shortcut": False,
    "decoder_conv_act_fn": "silu",
}
F16 = ("bfloat16", "float16", "float32")
BF16 = ("bfloat16", "bfloat16", "float32")
ALL_BF16 = ("bfloat16", "bfloat16", "bfloat16")


def sana(about, *parts, types=BF16, shift=3.0, decoder=DECODER_F32C32, **others):
    transformer = {key: value for part in parts for key, value in part.items()}
    return Variant(
        about, transformer=transformer, decoder=decoder, scheduler={"flow_shift": shift}, types=types, **others
    )


def sprint(about, *parts, **others):
    transformer = {key: value for part in (*parts, PX1024, NORMALIZED, GUIDANCE) for key, value in part.items()}
    return Variant(
        about,
        transformer=transformer,
        decoder=DECODER_NEWER,
        types=BF16,
        pipeline="SanaSprintPipeline",
        sampler="SCMScheduler",
        **others,
    )


FAMILY = {
    "sana-0.6b-512": sana("Sana 0.6B, 512 px", WIDTH_06B, PX512, types=F16, legacy=True),
    "sana-0.6b-1024": sana("Sana 0.6B, 1024 px", WIDTH_06B, PX1024, types=F16, suffix="fp16", legacy=True),
    "sana-1.6b-512": sana("Sana 1.6B, 512 px", WIDTH_16B, PX512, types=F16, suffix="fp16", legacy=True),
    "sana-1.6b-1024": sana("Sana 1.6B, 1024 px", WIDTH_16B, PX1024, types=F16, shard="1MB", legacy=True),
    "sana-1.6b-2k": sana("Sana 1.6B, 2K", WIDTH_16B, PX2K, types=ALL_BF16),
    "sana-1.6b-4k": sana("Sana 1.6B, 4K", WIDTH_16B, PX4K, shift=6.0, suffix="bf16", types=ALL_BF16),
    "sana-1.5-1.6b": sana("Sana 1.5, 1.6B", WIDTH_16B, PX1024, NORMALIZED, decoder=DECODER_NEWER),
    "sana-1.5-4.8b": sana(
        "Sana 1.5, 4.8B", WIDTH_16B, {"num_layers": 60}, PX1024, NORMALIZED, decoder=DECODER_NEWER, shard="2MB"
    ),
    "sprint-0.6b": sprint("Sana-Sprint 0.6B", WIDTH_06B),
    "sprint-1.6b": sprint("Sana-Sprint 1.6B", WIDTH_16B, shard="1MB"),
    "light-decoder": sana(
        "Sana 1.5 with a decoder of fewer blocks", WIDTH_16B, PX1024, NORMALIZED, decoder=DECODER_LIGHT
    ),
}
