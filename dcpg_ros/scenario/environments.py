"""The ``environment`` part of a scenario: which tasks there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from dcpg_ros.core import gridworld, two_task
from dcpg_ros.core.task import Task
from dcpg_ros.scenario.drones import DroneEnvironment
from dcpg_ros.scenario.section import Section

MOST_CELLS = 4096  # exact values take a matrix of cells x cells


class TabularEnvironment(Protocol):
    """What a scenario tells of tabular tasks. Drone worlds are the other family."""

    @property
    def horizon(self) -> int:
        """The most steps an episode has."""

    @property
    def state_names(self) -> tuple[str, ...]:
        """How a person calls the states."""

    @property
    def action_names(self) -> tuple[str, ...]:
        """How a person calls the actions."""

    @property
    def tasks(self) -> tuple[Task, ...]:
        """One per agent, in agent order."""


@dataclass(frozen=True)
class GridWorldEnvironment:
    """``environment: {type: gridworld}``: one ASCII map per agent."""

    maps: tuple[gridworld.GridMap, ...]
    discounts: tuple[float, ...]
    horizon: int
    terminal: bool
    start: str
    evaluation_start: str
    action_names = gridworld.ACTION_NAMES

    @property
    def state_names(self) -> tuple[str, ...]:
        """``row,column`` of each state."""
        rows, columns = self.maps[0].shape
        return tuple(f"{row},{column}" for row in range(rows) for column in range(columns))

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """Agents with the same map share one task object: a ring of a thousand is light."""
        built: dict[tuple[gridworld.GridMap, float], Task] = {}
        for grid, discount in zip(self.maps, self.discounts, strict=True):
            if (grid, discount) not in built:
                built[grid, discount] = gridworld.gridworld(
                    grid,
                    discount,
                    terminal=self.terminal,
                    start=self.start,
                    evaluation_start=self.evaluation_start,
                )
        return tuple(built[key] for key in zip(self.maps, self.discounts, strict=True))

    @classmethod
    def read(cls, section: Section) -> GridWorldEnvironment:
        """From the scenario file."""
        discount = section.number("discount", at_least=0, below=1)
        start = section.choice("start", ("S", "uniform"), "S")
        evaluation_start = section.choice("evaluation_start", ("S", "uniform"), start)
        maps, discounts = [], []
        for task in section.sections("tasks", "a list of tasks, one per agent"):
            maps.append(_read_map(task, needs_start="S" in (start, evaluation_start)))
            discounts.append(task.number("discount", discount, at_least=0, below=1))
            task.finish()
            if maps[-1].shape != maps[0].shape:
                shapes = ["{}x{}".format(*grid.shape) for grid in (maps[-1], maps[0])]
                raise task.refuse("map", shapes[0], f"{shapes[1]}, the size of the first task's map")
        return cls(
            tuple(maps), tuple(discounts),
            horizon=section.integer("horizon", 100, at_least=1, at_most=100_000),
            terminal=section.choice("episode_end", ("terminal", "continuing"), "terminal") == "terminal",
            start=start, evaluation_start=evaluation_start,
        )  # fmt: skip


@dataclass(frozen=True)
class TwoTaskEnvironment:
    """``environment: {type: two_task}``: an example of Section 2.2."""

    example: str
    discount: float
    p: float
    horizon: int
    state_names = two_task.STATE_NAMES
    action_names = two_task.ACTION_NAMES

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The two."""
        return two_task.two_task(self.example, self.discount, p=self.p)  # type: ignore[arg-type]

    @classmethod
    def read(cls, section: Section) -> TwoTaskEnvironment:
        """From the scenario file."""
        return cls(
            example=section.choice("example", ("stochastic", "stationary")),
            discount=section.number("discount", 0.9, at_least=0, below=1),
            p=section.number("p", 0.75, above=0.5, at_most=1),
            horizon=section.integer("horizon", 100, at_least=1, at_most=100_000),
        )


def _read_map(task: Section, *, needs_start: bool) -> gridworld.GridMap:
    allowed = "a rectangle of '.', 'S', 'G' and '#' with at least one goal G"
    text = task.text("map", allowed=allowed)
    try:
        grid = gridworld.GridMap.parse(text)
    except ValueError as error:
        raise task.refuse("map", error, allowed) from None
    if len(grid.rows) * len(grid.rows[0]) > MOST_CELLS:
        raise task.refuse("map", "{} x {} cells".format(*grid.shape), f"at most {MOST_CELLS} cells")
    if needs_start and not grid.cells(gridworld.START).any():
        raise task.refuse("map", "no start S", "at least one start S, or start: uniform")
    return grid


ENVIRONMENTS: dict[str, Callable[[Section], TabularEnvironment | DroneEnvironment]] = {
    "gridworld": GridWorldEnvironment.read,
    "two_task": TwoTaskEnvironment.read,
    "airsim": DroneEnvironment.read,
}


def read_environment(section: Section, agents: int) -> TabularEnvironment | DroneEnvironment:
    """The environment of a scenario with this many agents."""
    kind = section.choice("type", tuple(ENVIRONMENTS))
    environment = ENVIRONMENTS[kind](section)
    section.finish()
    found = len(environment.worlds if isinstance(environment, DroneEnvironment) else environment.tasks)
    if found != agents:
        raise section.refuse("tasks", f"{found} tasks", f"{agents}, one per agent")
    return environment
