"""What one run is asked for, and the list of runs that both sides must agree on."""

from dataclasses import asdict, dataclass, replace

from reference import LANDSCAPE_PROMPT, LONG_PROMPT, NEGATIVE_PROMPT, SHORT_PROMPT, instruction


@dataclass(frozen=True)
class Case:
    prompt: str = SHORT_PROMPT
    negative_prompt: str = ""
    width: int = 512
    height: int = 512
    steps: int = 20
    guidance: float = 4.5
    seed: int = 0
    binning: bool = False
    instruction: tuple = ()

    def key(self):
        """Everything that the picture depends on, as JSON can hold it."""
        return asdict(self) | {"seed": str(self.seed)}


def list_of_runs(plain, side):
    """Every kind of run by name, as changes of a plain one; `side` is that of the pictures the model is for."""
    return {
        "plain": plain,
        "guidance 1": replace(plain, guidance=1.0, seed=1),
        "negative prompt": replace(plain, prompt=LANDSCAPE_PROMPT, negative_prompt=NEGATIVE_PROMPT, seed=2),
        "1 step": replace(plain, steps=1, seed=3),
        "2 steps": replace(plain, steps=2, seed=4),
        "3 steps": replace(plain, steps=3, seed=11),
        "4 steps": replace(plain, steps=4, seed=12),
        "14 steps": replace(plain, steps=14, seed=5),
        "384 x 640": replace(plain, height=384, width=640, binning=False, prompt=LANDSCAPE_PROMPT, seed=6),
        "own size": replace(plain, height=side, width=side, binning=False, steps=2, seed=13),
        "binned 400 x 600": replace(plain, height=400, width=600, binning=True, seed=7),
        "binned 600 x 400": replace(plain, height=600, width=400, binning=True, seed=8),
        "empty prompt": replace(plain, prompt="", seed=9),
        "long prompt": replace(plain, prompt=LONG_PROMPT, seed=10),
        "instruction": replace(plain, instruction=tuple(instruction()), seed=2**62 + 5),
    }
