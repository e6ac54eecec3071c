"""The four networks: the classes and configuration keys of the published Sana pipeline, small."""

import torch
from diffusers import AutoencoderDC, SanaTransformer2DModel
from transformers import CLIPConfig, CLIPModel, Gemma2Config, Gemma2Model

VOCABULARY = 1024
CLIP_VOCABULARY = 1024
PROMPT_TOKENS = 40  # the longest caption of the grammar fits
CLIP_TOKENS = 40
CLIP_SIZE = 192  # pixels a side
CLIP_PATCH = 8
LATENT = 16  # side of a 512-pixel picture's latent

TEXT_ENCODER = {
    "vocab_size": VOCABULARY,
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "query_pre_attn_scalar": 64,
    "hidden_activation": "gelu_pytorch_tanh",
    "max_position_embeddings": 8192,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0,
    "sliding_window": 4096,
    "attn_logit_softcapping": 50.0,
    "final_logit_softcapping": 30.0,
    "attention_bias": False,
    "attention_dropout": 0.0,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "bos_token_id": 2,
}
SCHEDULER = {
    "prediction_type": "flow_prediction",
    "use_flow_sigmas": True,
    "flow_shift": 3.0,
    "algorithm_type": "dpmsolver++",
    "solver_order": 2,
    "solver_type": "midpoint",
    "final_sigmas_type": "zero",
}


def autoencoder():
    blocks = ["ResBlock"] * 3 + ["EfficientViTBlock"] * 3
    scales = [[], [], [], [5], [5], [5]]
    widths = [16, 32, 64, 64, 128, 128]
    return AutoencoderDC(
        in_channels=3,
        latent_channels=32,
        attention_head_dim=32,
        encoder_block_types=blocks,
        decoder_block_types=blocks,
        encoder_block_out_channels=widths,
        decoder_block_out_channels=widths,
        encoder_layers_per_block=[1, 1, 1, 1, 1, 1],
        decoder_layers_per_block=[1, 2, 2, 2, 2, 1],
        encoder_qkv_multiscales=scales,
        decoder_qkv_multiscales=scales,
        upsample_block_type="interpolate",
        downsample_block_type="Conv",
        decoder_norm_types="rms_norm",
        decoder_act_fns="silu",
        scaling_factor=1.0,
    )


def load_autoencoder(path, device):
    """The model, and what its latents are multiplied by: of stage 1's .pt file, or of a packaged folder."""
    if path.is_dir():
        vae = AutoencoderDC.from_pretrained(path, torch_dtype=torch.float32)
        scaling = vae.config.scaling_factor
    else:
        saved = torch.load(path, map_location="cpu")
        vae, scaling = autoencoder(), float(saved["scaling"])
        vae.load_state_dict(saved["model"])
    if device == "cuda":
        for module in vae.modules():
            if type(module).__name__ == "RMSNorm":
                module.compile(dynamic=False)
    return vae.to(device, memory_format=torch.channels_last).eval(), scaling


def text_encoder():
    return Gemma2Model(Gemma2Config(**TEXT_ENCODER, attn_implementation="eager"))


def transformer():
    """One tenth of the width of Sana 1.6B. Begins as a function that ignores the caption and gives 0."""
    model = SanaTransformer2DModel(
        in_channels=32,
        out_channels=32,
        num_attention_heads=7,
        attention_head_dim=32,
        num_layers=9,
        num_cross_attention_heads=2,
        cross_attention_head_dim=112,
        cross_attention_dim=224,
        caption_channels=TEXT_ENCODER["hidden_size"],
        mlp_ratio=2.5,
        dropout=0.0,
        attention_bias=False,
        sample_size=LATENT,
        patch_size=1,
        norm_elementwise_affine=False,
        norm_eps=1e-6,
        interpolation_scale=None,
    )
    init = torch.nn.init
    init.normal_(model.time_embed.linear.weight, std=0.02)
    init.zeros_(model.time_embed.linear.bias)
    for block in model.transformer_blocks:
        init.zeros_(block.attn2.to_out[0].weight)
        init.zeros_(block.attn2.to_out[0].bias)
        init.zeros_(block.scale_shift_table)
        for gate in (2, 5):
            init.constant_(block.scale_shift_table[gate], 0.1)
    init.zeros_(model.proj_out.weight)
    init.zeros_(model.proj_out.bias)
    return model


def clip():
    text = {
        "vocab_size": CLIP_VOCABULARY,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "max_position_embeddings": 77,
        "hidden_act": "quick_gelu",
        "projection_dim": 128,
        "bos_token_id": 1022,
        "eos_token_id": 1023,
        "pad_token_id": 1023,
    }
    vision = {
        "hidden_size": 192,
        "intermediate_size": 384,
        "num_hidden_layers": 6,
        "num_attention_heads": 3,
        "image_size": CLIP_SIZE,
        "patch_size": CLIP_PATCH,
        "hidden_act": "quick_gelu",
        "projection_dim": 128,
    }
    return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=128))


def image_features(model, pixels):
    """(B, projection) of normalized (B, 3, CLIP_SIZE, CLIP_SIZE)."""
    return model.visual_projection(model.vision_model(pixels).pooler_output)


def text_features(model, ids, mask):
    """(B, projection) of token ids (B, tokens)."""
    return model.text_projection(model.text_model(ids, attention_mask=mask).pooler_output)
