"""Trajectories of the solver for synthetic velocities, so that it is tested without a model."""

import torch
from diffusers import DPMSolverMultistepScheduler
from safetensors.torch import save_file

ELEMENTS = 24
BASE = {
    "num_train_timesteps": 1000,
    "solver_order": 2,
    "solver_type": "midpoint",
    "algorithm_type": "dpmsolver++",
    "prediction_type": "flow_prediction",
    "use_flow_sigmas": True,
    "flow_shift": 3.0,
    "lower_order_final": True,
    "euler_at_final": False,
    "final_sigmas_type": "zero",
}
CASES = {
    "steps1": (1, {}),
    "steps2": (2, {}),
    "steps3": (3, {}),
    "steps14": (14, {}),
    "steps15": (15, {}),
    "steps20": (20, {}),
    "steps50": (50, {}),
    "order1": (20, {"solver_order": 1}),
    "order3": (20, {"solver_order": 3}),
    "order3-steps3": (3, {"solver_order": 3}),
    "order3-steps8": (8, {"solver_order": 3}),
    "order3-steps8-full-order": (8, {"solver_order": 3, "lower_order_final": False}),
    "order3-sigma-min": (20, {"solver_order": 3, "final_sigmas_type": "sigma_min"}),
    "heun": (20, {"solver_type": "heun"}),
    "heun-sigma-min": (20, {"solver_type": "heun", "final_sigmas_type": "sigma_min"}),
    "shift1": (20, {"flow_shift": 1.0}),
    "shift6": (20, {"flow_shift": 6.0}),
    "euler-at-final": (20, {"euler_at_final": True}),
    "euler-at-final-sigma-min": (20, {"euler_at_final": True, "final_sigmas_type": "sigma_min"}),
    "full-order": (10, {"lower_order_final": False}),
    "sigma-min-steps10": (10, {"final_sigmas_type": "sigma_min"}),
    "sigma-min-steps20": (20, {"final_sigmas_type": "sigma_min"}),
    "sigma-min-full-order": (10, {"final_sigmas_type": "sigma_min", "lower_order_final": False}),
    "train500": (20, {"num_train_timesteps": 500}),
}


def trajectory(steps, config, seed):
    """Sigmas, timesteps, the velocity of each step and the latents before the first and after every step."""
    scheduler = DPMSolverMultistepScheduler(**config)
    scheduler.set_timesteps(steps)
    generator = torch.Generator().manual_seed(seed)
    latents = [torch.randn(ELEMENTS, generator=generator)]
    velocities = torch.randn(steps, ELEMENTS, generator=generator)
    for timestep, velocity in zip(scheduler.timesteps, velocities):
        latents.append(scheduler.step(velocity, timestep, latents[-1], return_dict=False)[0])
    return {
        "sigmas": scheduler.sigmas,
        "timesteps": scheduler.timesteps.float(),
        "velocities": velocities,
        "latents": torch.stack(latents),
    }


def write(folder, manifest):
    tensors, cases = {}, {}
    for seed, (name, (steps, changes)) in enumerate(CASES.items()):
        config = BASE | changes
        cases[name] = {"steps": steps, "config": config}
        values = trajectory(steps, config, seed)
        assert all(torch.isfinite(value).all() for value in values.values()), name
        tensors |= {f"{name}.{key}": value.contiguous() for key, value in values.items()}
    save_file(tensors, folder / "solver.safetensors")
    manifest.add(
        "solver.safetensors",
        "solver",
        "CASE.sigmas (steps + 1), CASE.timesteps (steps), CASE.velocities (steps, elements) and CASE.latents "
        "(steps + 1, elements): the start and the sample after each step.",
        cases=cases,
    )
