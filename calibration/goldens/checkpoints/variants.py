"""The configurations: each variant says only where it differs from a small plain pipeline."""

from dataclasses import dataclass, field

TRANSFORMER = {
    "in_channels": 32,
    "out_channels": 32,
    "num_attention_heads": 4,
    "attention_head_dim": 32,
    "num_layers": 3,
    "num_cross_attention_heads": 2,
    "cross_attention_head_dim": 64,
    "cross_attention_dim": 128,
    "caption_channels": 96,
    "mlp_ratio": 2.5,
    "attention_bias": False,
    "sample_size": 16,
    "patch_size": 1,
    "norm_elementwise_affine": False,
    "norm_eps": 1e-6,
    "interpolation_scale": None,
    "qk_norm": None,
}
TEXT_ENCODER = {
    "vocab_size": 1024,
    "hidden_size": 96,
    "intermediate_size": 160,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "query_pre_attn_scalar": 32,
    "rope_theta": 10000.0,
    "sliding_window": 4096,
}
DECODER = {
    "latent_channels": 32,
    "attention_head_dim": 32,
    "decoder_block_types": ["ResBlock"] * 3 + ["EfficientViTBlock"] * 3,
    "decoder_block_out_channels": [16, 16, 32, 32, 64, 64],
    "decoder_layers_per_block": [1, 1, 1, 1, 1, 1],
    "decoder_qkv_multiscales": [[], [], [], [5], [5], [5]],
    "decoder_in_shortcut": True,
    "upsample_block_type": "interpolate",
    "scaling_factor": 0.41407,
}
SCHEDULER = {
    "prediction_type": "flow_prediction",
    "use_flow_sigmas": True,
    "flow_shift": 3.0,
}


@dataclass(frozen=True)
class Variant:
    """Differences from the plain pipeline. A `sampler` of another class has `scheduler` as its whole configuration.
    `types` gives the element type of text_encoder, transformer and vae;
    `shard` the largest file of a component; `suffix` makes files such as model.fp16.safetensors; `legacy` writes the
    text encoder's config as transformers 4 did (rope_theta, torch_dtype, no layer_types)."""

    about: str
    transformer: dict = field(default_factory=dict)
    text_encoder: dict = field(default_factory=dict)
    decoder: dict = field(default_factory=dict)
    scheduler: dict = field(default_factory=dict)
    types: tuple = ("float16", "float16", "float16")
    shard: str = "10GB"
    suffix: str | None = None
    legacy: bool = False
    pipeline: str = "SanaPipeline"
    sampler: str = "DPMSolverMultistepScheduler"


VARIANTS = {
    "plain": Variant("the plain pipeline, F16, config of transformers 4", legacy=True),
    "qk-norm": Variant(
        "query and key norms as in Sana 1.5, BF16, sharded",
        transformer={
            "qk_norm": "rms_norm_across_heads",
            "num_attention_heads": 5,
            "num_layers": 4,
            "num_cross_attention_heads": 4,
            "cross_attention_head_dim": 40,
            "cross_attention_dim": 160,
        },
        text_encoder={"num_key_value_heads": 4, "rms_norm_eps": 1e-5},
        decoder={"decoder_layers_per_block": [2, 1, 2, 1, 2, 1]},
        scheduler={"flow_shift": 4.0},
        types=("bfloat16", "bfloat16", "bfloat16"),
        shard="200KB",
    ),
    "positions": Variant(
        "positional embedding with scale 1 as at 2K, F32 files with an index, sliding window of 8",
        transformer={"interpolation_scale": 1.0, "sample_size": 64, "num_layers": 2},
        text_encoder={"sliding_window": 8, "num_hidden_layers": 4},
        decoder={"decoder_block_out_channels": [8, 16, 32, 64, 64, 64]},
        scheduler={"flow_shift": 6.0},
        types=("float32", "float32", "float32"),
        shard="300KB",
    ),
    "positions-scaled": Variant(
        "positional embedding with scale 2 as at 4K, sample size 32, no soft cap, types of the published BF16 pipeline",
        transformer={
            "interpolation_scale": 2.0,
            "sample_size": 32,
            "attention_head_dim": 16,
            "num_attention_heads": 8,
        },
        text_encoder={"attn_logit_softcapping": None, "query_pre_attn_scalar": 24, "head_dim": 48},
        decoder={"decoder_qkv_multiscales": [[], [], [], [], [3], [3, 5]]},
        scheduler={"solver_order": 1},
        types=("bfloat16", "bfloat16", "float32"),
    ),
    "wide-cross": Variant(
        "cross-attention wider than the model, biases everywhere, MLP ratio 3, outermost stage without blocks",
        transformer={
            "num_cross_attention_heads": 3,
            "cross_attention_head_dim": 56,
            "attention_bias": True,
            "mlp_ratio": 3.0,
        },
        text_encoder={"attention_bias": True, "num_key_value_heads": 1},
        decoder={"decoder_layers_per_block": [0, 2, 1, 1, 1, 2]},
        scheduler={"solver_type": "heun"},
        suffix="fp16",
    ),
    "patches": Variant(
        "patches of 2 x 2 with positions, learned variance, upsampling by pixel shuffle",
        transformer={
            "patch_size": 2,
            "out_channels": 64,
            "interpolation_scale": 1.0,
            "num_layers": 4,
            "num_attention_heads": 3,
            "attention_head_dim": 40,
            "cross_attention_dim": 120,
            "num_cross_attention_heads": 5,
            "cross_attention_head_dim": 24,
        },
        text_encoder={
            "rope_theta": 500.0,
            "layer_types": ["full_attention", "sliding_attention", "sliding_attention"],
            "sliding_window": 8,
        },
        decoder={
            "upsample_block_type": "pixel_shuffle",
            "decoder_qkv_multiscales": [[], [], [], [3, 5], [5], [3, 5]],
        },
        scheduler={"solver_order": 3},
        types=("float16", "bfloat16", "float16"),
    ),
    "affine": Variant(
        "affine norm before the MLP, odd widths, 16 latent channels, no shortcut into the decoder",
        transformer={
            "norm_elementwise_affine": True,
            "norm_eps": 1e-5,
            "in_channels": 16,
            "out_channels": 16,
            "num_attention_heads": 3,
            "attention_head_dim": 24,
            "cross_attention_dim": 72,
            "num_cross_attention_heads": 3,
            "cross_attention_head_dim": 8,
            "caption_channels": 72,
            "mlp_ratio": 1.7,
            "timestep_scale": 0.5,
        },
        text_encoder={
            "hidden_size": 72,
            "intermediate_size": 100,
            "vocab_size": 1040,
            "head_dim": 20,
            "num_attention_heads": 6,
            "num_key_value_heads": 3,
            "query_pre_attn_scalar": 20,
        },
        decoder={
            "latent_channels": 16,
            "attention_head_dim": 16,
            "decoder_in_shortcut": False,
            "decoder_block_out_channels": [12, 12, 24, 48, 48, 96],
            "decoder_layers_per_block": [1, 2, 1, 2, 1, 1],
            "scaling_factor": 1.3,
        },
        scheduler={"final_sigmas_type": "sigma_min"},
        legacy=True,
    ),
    "no-table": Variant(
        "sample size 20, which has no table of sizes; pixel shuffle to an outermost stage without blocks; deep",
        transformer={
            "sample_size": 20,
            "num_layers": 9,
            "num_attention_heads": 2,
            "cross_attention_dim": 64,
            "num_cross_attention_heads": 1,
            "cross_attention_head_dim": 64,
            "mlp_ratio": 4.0,
        },
        text_encoder={"num_hidden_layers": 6, "attn_logit_softcapping": 5.0},
        decoder={
            "upsample_block_type": "pixel_shuffle",
            "decoder_layers_per_block": [0, 1, 3, 2, 1, 2],
            "decoder_block_types": [
                "ResBlock",
                "ResBlock",
                "EfficientViTBlock",
                "ResBlock",
                "EfficientViTBlock",
                "ResBlock",
            ],
            "decoder_qkv_multiscales": [[], [], [3], [], [5, 7], []],
            "decoder_block_out_channels": [16, 16, 32, 32, 64, 64],
        },
        scheduler={"euler_at_final": True, "lower_order_final": False},
        types=("float32", "float16", "bfloat16"),
    ),
    "sprint": Variant(
        "Sana-Sprint: embedded guidance, query and key norms, sample size 32, types of the published pipeline",
        transformer={
            "guidance_embeds": True,
            "qk_norm": "rms_norm_across_heads",
            "sample_size": 32,
            "num_attention_heads": 5,
            "cross_attention_dim": 160,
            "num_cross_attention_heads": 4,
            "cross_attention_head_dim": 40,
        },
        types=("bfloat16", "bfloat16", "float32"),
        pipeline="SanaSprintPipeline",
        sampler="SCMScheduler",
    ),
    "sprint-other": Variant(
        "Sana-Sprint with other scales of guidance and data, timestep scale 1000, biases, positions, sample size 16",
        transformer={
            "guidance_embeds": True,
            "guidance_embeds_scale": 0.3,
            "timestep_scale": 1000.0,
            "attention_bias": True,
            "interpolation_scale": 1.0,
            "num_layers": 2,
        },
        scheduler={"sigma_data": 0.8, "num_train_timesteps": 500},
        pipeline="SanaSprintPipeline",
        sampler="SCMScheduler",
    ),
    "tiny-sprint": Variant(
        "Sana-Sprint as small as it gets, for tests",
        transformer={
            "guidance_embeds": True,
            "qk_norm": "rms_norm_across_heads",
            "sample_size": 32,
            "num_attention_heads": 2,
            "attention_head_dim": 16,
            "num_layers": 2,
            "cross_attention_dim": 32,
            "num_cross_attention_heads": 2,
            "cross_attention_head_dim": 16,
            "caption_channels": 32,
        },
        text_encoder={
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 16,
            "query_pre_attn_scalar": 16,
        },
        decoder={"attention_head_dim": 16, "decoder_block_out_channels": [8, 8, 8, 16, 32, 32]},
        types=("bfloat16", "bfloat16", "float16"),
        pipeline="SanaSprintPipeline",
        sampler="SCMScheduler",
    ),
    "euler": Variant(
        "Euler's method on the flow, timestep scale 0.9",
        transformer={"timestep_scale": 0.9},
        scheduler={"shift": 3.0},
        sampler="FlowMatchEulerDiscreteScheduler",
    ),
    "euler-stochastic": Variant(
        "Euler's method with new noise at each step, 500 timesteps; decoder with other activations",
        decoder={
            "decoder_conv_act_fn": "silu",
            "decoder_act_fns": ["relu", "silu", "gelu", "silu", "silu", "silu"],
            "decoder_qkv_multiscales": [[], [], [], [], [], []],
        },
        scheduler={"shift": 1.7, "num_train_timesteps": 500, "stochastic_sampling": True},
        types=("bfloat16", "float32", "float32"),
        sampler="FlowMatchEulerDiscreteScheduler",
    ),
}
