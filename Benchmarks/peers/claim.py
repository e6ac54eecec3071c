"""One promise about speed and what a run found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Claim:
    text: str
    value: float
    limit: float
    at_most: bool

    @property
    def holds(self) -> bool:
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    def described(self) -> dict[str, Any]:
        return asdict(self) | {"holds": self.holds}
