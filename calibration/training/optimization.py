"""What the training loops share: the learning rate, the averaged weights and the log."""

import math
import time

import torch


def learning_rate(fraction, peak, warm_up=0.03, end=0.02):
    """Of the `fraction` of the steps that is done: linear warm-up, then a cosine down to `end` of the peak."""
    if fraction < warm_up:
        return peak * max(fraction / warm_up, 1e-3)
    rest = min(1.0, (fraction - warm_up) / (1 - warm_up))
    return peak * (end + (1 - end) * 0.5 * (1 + math.cos(math.pi * rest)))


def set_learning_rate(optimizer, value):
    for group in optimizer.param_groups:
        group["lr"] = value


class Average:
    """Exponential moving average of parameters, faster while young."""

    def __init__(self, parameters, decay):
        self.parameters = list(parameters)
        self.decay = decay
        self.updates = 0
        self.values = [parameter.detach().clone() for parameter in self.parameters]

    @torch.no_grad()
    def update(self):
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(self.values, [parameter.detach() for parameter in self.parameters], 1 - decay)

    @torch.no_grad()
    def swap(self):
        """Exchanges the parameters and their averages; a second call changes them back."""
        for parameter, value in zip(self.parameters, self.values):
            current = parameter.data.clone()
            parameter.data.copy_(value)
            value.copy_(current)


class Log:
    """A line at the first steps and then every `seconds`."""

    def __init__(self, seconds=20):
        self.seconds, self.start, self.last = seconds, time.time(), 0.0

    def __call__(self, step, **values):
        """`values` are numbers or tensors of one element, which are read only when a line is due."""
        now = time.time()
        if step <= 2 or now - self.last > self.seconds:
            self.last = now
            numbers = {name: torch.as_tensor(value).detach().item() for name, value in values.items()}
            words = "  ".join(f"{name} {number:.4g}" for name, number in numbers.items())
            print(f"{now - self.start:7.1f} s  step {step}  {words}", flush=True)


def fast_matmul(cuda):
    """TF32 where it exists; the loss does not need more."""
    if cuda:
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
        torch._dynamo.config.recompile_limit = 64
