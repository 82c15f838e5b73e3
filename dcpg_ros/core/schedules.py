"""Step sizes alpha^k and regularisation lambda^k as functions of the round k."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("constant", "inverse", "inverse_sqrt", "geometric", "piecewise")


@dataclass(frozen=True)
class Schedule:
    """A quantity that falls (or steps) with the round k = 0, 1, 2, ...

    constant      initial
    inverse       initial / (1 + k / time_constant)
    inverse_sqrt  initial / sqrt(1 + k / time_constant)
    geometric     initial * decay^(k / time_constant): a factor of decay every time_constant rounds
    piecewise     initial, then from round r_m on the value v_m of each step (r_m, v_m)
    """

    initial: float
    kind: str = "constant"
    time_constant: float = 1.0
    decay: float = 0.1
    steps: tuple[tuple[int, float], ...] = ()

    def __call__(self, round: int) -> float:
        """The value at this round."""
        age = round / self.time_constant
        if self.kind == "inverse":
            return self.initial / (1 + age)
        if self.kind == "inverse_sqrt":
            return self.initial / float((1 + age) ** 0.5)
        if self.kind == "geometric":
            return self.initial * float(self.decay**age)
        reached = [value for since, value in self.steps if round >= since]
        return reached[-1] if reached else self.initial
