"""What a random checkpoint is."""

from dataclasses import dataclass, field


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
