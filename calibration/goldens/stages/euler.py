"""Trajectories of Euler's method for synthetic velocities, so that it is tested without a model."""

import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from safetensors.torch import save_file

ELEMENTS = 24
CASES = {
    "steps1": (1, {"shift": 3.0}),
    "steps2": (2, {"shift": 3.0}),
    "steps20": (20, {"shift": 3.0}),
    "no-shift": (7, {}),
    "shift6-train500": (10, {"shift": 6.0, "num_train_timesteps": 500}),
    "stochastic": (5, {"shift": 2.5, "stochastic_sampling": True}),
}


def trajectory(steps, config, seed):
    """Timesteps, the velocity of each step and the latents before the first and after every step; the scheduler's
    noise comes from the generator that drew the first latents."""
    scheduler = FlowMatchEulerDiscreteScheduler(**config)
    scheduler.set_timesteps(steps)
    generator = torch.Generator().manual_seed(seed)
    latents = [torch.randn(ELEMENTS, generator=generator)]
    velocities = torch.randn(steps, ELEMENTS, generator=torch.Generator().manual_seed(1000 + seed))
    for timestep, velocity in zip(scheduler.timesteps, velocities):
        latents.append(
            scheduler.step(velocity, timestep, latents[-1], generator=generator, return_dict=False)[0]
        )
    return {"timesteps": scheduler.timesteps, "velocities": velocities, "latents": torch.stack(latents)}


def write(folder, manifest):
    tensors, cases = {}, {}
    for seed, (name, (steps, changes)) in enumerate(CASES.items()):
        config = {"_class_name": "FlowMatchEulerDiscreteScheduler"} | changes
        cases[name] = {"steps": steps, "seed": seed, "config": config}
        values = trajectory(steps, changes, seed)
        tensors |= {f"{name}.{key}": value.contiguous() for key, value in values.items()}
    save_file(tensors, folder / "euler.safetensors")
    manifest.add(
        "euler.safetensors",
        "euler",
        "CASE.timesteps (steps), CASE.velocities (steps, elements) and CASE.latents (steps + 1, elements): the start, "
        "drawn from the seed, and the sample after each step.",
        cases=cases,
    )
