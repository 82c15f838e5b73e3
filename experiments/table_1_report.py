"""Table 1 as Markdown, CSV and bars, Figure 3 as curves, and whether the claims are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dcpg_ros.agent.metrics import read_metrics
from dcpg_ros.agent.run_folder import RunFolder, write_atomically
from dcpg_ros.analysis.safe_flights import (
    TABLE_HEADER,
    SafeFlights,
    joined,
    markdown,
    markdown_table,
    pooled,
    table_rows,
    worst,
    write_rows,
)
from dcpg_ros.core.mdp import Array
from dcpg_ros.scenario import load_scenario
from experiments.table_1_claims import AT_HOME, SUM, WORST, bootstrap_interval, claims, paper_claims
from experiments.table_1_figures import curves_figure, table_figure

TITLES = {"reinforce": "REINFORCE", "a2c": "A2C", "ppo": "PPO"}
FILES = {"sampled": "table_1", "greedy": "table_1_greedy"}
CLAIMS_HEADER = ("learner", "claim", "ours", "low", "high", "paper", "wanted", "met")

Modes = Mapping[str, SafeFlights]  # how actions were chosen -> the flights


@dataclass(frozen=True)
class Outcome:
    """What came out for one learner; lists are over seeds, and "sa" and "dcpg" are the two sides."""

    learner: str
    rates: Mapping[str, Mapping[float, float]]  # the grid of learning rates, and the score of each in metres
    rounds: int
    flown: Mapping[str, Sequence[Modes]]
    folders: Mapping[str, Sequence[RunFolder]]

    @property
    def title(self) -> str:
        """The learner, as the paper writes it."""
        return TITLES[self.learner]

    def table(self, mode: str) -> SafeFlights:
        """SA-0, SA-1, ..., then DCPG's average policy, then its worst agent; all seeds together."""
        single = pooled([modes[mode] for modes in self.flown["sa"]])
        common = [modes[mode] for modes in self.flown["dcpg"]]
        average = pooled([flown.of("average").renamed("DCPG") for flown in common])
        agents = [flown.of(*(policy for policy in flown.policies if policy != "average")) for flown in common]
        last = pooled([flown.of(worst(flown)).renamed("DCPG, worst agent") for flown in agents])
        return joined([single, average, last])

    def distances(self, mode: str) -> tuple[Array, Array]:
        """Of single agents, (S, W, W, F), and of DCPG, (S, W, F)."""
        single = np.stack([modes[mode].distance_m for modes in self.flown["sa"]])
        return single, np.stack([modes[mode].of("average").distance_m[0] for modes in self.flown["dcpg"]])

    def steps(self, side: str) -> float:
        """Environment steps of one agent in its training, the mean over agents and seeds."""
        last = [_last_steps(folder) for folder in self.folders[side]]
        return float(np.mean(last))

    @property
    def seeds(self) -> list[int]:
        """Of the trainings, the same on both sides."""
        return [load_scenario(folder.scenario).seed for folder in self.folders["sa"]]

    @property
    def minutes(self) -> list[float]:
        """Wall time of each training, the sum of its rounds."""
        return [_wall_s(folder) / 60 for folders in self.folders.values() for folder in folders]


@dataclass(frozen=True)
class Claim:
    """One claim, ours beside the paper's."""

    words: str
    ours: float
    interval: tuple[float, float] | None
    detail: str
    paper: float
    wanted: float

    @property
    def met(self) -> bool:
        """Whether it holds here."""
        return self.ours >= self.wanted and (self.interval is None or self.interval[0] > 1)

    @property
    def shown(self) -> list[str]:
        """A row of Markdown."""
        between = f" [{self.interval[0]:.2f}, {self.interval[1]:.2f}]" if self.interval else ""
        wanted = f">= {self.wanted:g}" + (", interval above 1" if self.interval else "")
        ours = f"{self.ours:.2f}{between}{self.detail}"
        return [self.words, ours, f"{self.paper:.2f}", wanted, "met" if self.met else "NOT MET"]


def claims_of(outcome: Outcome, mode: str = "sampled") -> list[Claim]:
    """The three that are to be shown."""
    single, common = outcome.distances(mode)
    ours, paper = claims(single.mean(axis=(0, 3)), common.mean(axis=(0, 2))), paper_claims(outcome.learner)
    each = ", ".join(f"{ratio:.2f}" for ratio in ours.at_home)
    interval = bootstrap_interval(single, common)
    return [
        Claim(
            "DCPG over SA-i in world i, the least", float(ours.at_home.min()), None, f" ({each})",
            float(paper.at_home.min()), AT_HOME,
        ),
        Claim("DCPG's sum over the best SA's", ours.total, interval, "", paper.total, SUM),
        Claim(
            "DCPG's worst world over the best SA's", ours.worst, None,
            f" ({ours.hardest:.2f} over any SA's)", paper.worst, WORST,
        ),
    ]  # fmt: skip


def report(outcomes: Sequence[Outcome], results: Path, figures: Path, command: str) -> None:
    """Writes all tables and figures, and prints the first table. ``command`` is what made them."""
    for folder in (results, figures):
        folder.mkdir(parents=True, exist_ok=True)
    cap_m = load_scenario(outcomes[0].folders["sa"][0].scenario).environment.navigation.cap_m
    for mode, name in FILES.items():
        text = in_words(outcomes, mode, cap_m, command)
        write_atomically(results / f"{name}.md", text.encode())
        rows = [(outcome.learner, *row) for outcome in outcomes for row in table_rows(outcome.table(mode))]
        write_rows(results / f"{name}.csv", ("learner", *TABLE_HEADER), rows)
        if mode == "sampled":
            print(f"\n{text}")
    rows = [
        (
            outcome.learner, claim.words, f"{claim.ours:.4f}",
            *(f"{end:.4f}" for end in claim.interval or ()), *([""] * (0 if claim.interval else 2)),
            f"{claim.paper:.4f}", claim.wanted, claim.met,
        )
        for outcome in outcomes
        for claim in claims_of(outcome)
    ]  # fmt: skip
    write_rows(results / "table_1_claims.csv", CLAIMS_HEADER, rows)
    tables = {outcome.title: outcome.table("sampled") for outcome in outcomes}
    table_figure(tables, cap_m).savefig(figures / "table_1.png", dpi=150, metadata={"Software": None})
    curves = {outcome.title: outcome.folders for outcome in outcomes}
    curves_figure(curves).savefig(figures / "figure_3.png", dpi=150, metadata={"Software": None})
    print(f"-> {results}/table_1*.md, table_1*.csv; {figures}/table_1.png, figure_3.png")


def in_words(outcomes: Sequence[Outcome], mode: str, cap_m: float, command: str) -> str:
    """A section for each learner: its table and, where actions are sampled, the claims."""
    seeds = len(outcomes[0].flown["sa"])
    flights = outcomes[0].flown["sa"][0][mode].distance_m.shape[2]
    parts = [
        f"# Table 1, actions {mode}\n\nMade by `{command}`.\n",
        f"Mean safe flight in metres, mean ± standard deviation over {seeds * flights} flights, {flights} "
        f"with the policies of each of {seeds} seeds, actions {mode}; in brackets, how many hit the cap of "
        f"{cap_m:g} m. SA-i learnt alone in the i-th world; DCPG is the average policy of all agents.\n",
    ]
    for outcome in outcomes:
        parts.append(f"## {outcome.title}\n")
        parts.append(f"{budget_in_words(outcome)}\n\n{rates_in_words(outcome)}\n")
        parts.append(markdown(outcome.table(mode)))
        if mode == "sampled":
            header = ("claim", "here (95 %)", "the paper", "wanted", "")
            parts.append(markdown_table(header, [claim.shown for claim in claims_of(outcome)]))
    return "\n".join(parts)


def budget_in_words(outcome: Outcome) -> str:
    """What both sides were given."""
    seeds, least, most = " and ".join(map(str, outcome.seeds)), min(outcome.minutes), max(outcome.minutes)
    return (
        f"{outcome.rounds} rounds on both sides, seeds {seeds}; {outcome.steps('sa'):,.0f} environment steps "
        f"of an agent alone, {outcome.steps('dcpg'):,.0f} with DCPG; a training took {least:.0f} to "
        f"{most:.0f} minutes."
    )


def rates_in_words(outcome: Outcome) -> str:
    """The grid, what was found with it, and what was chosen."""
    sides = {"sa": "alone, by the flights at home", "dcpg": "with DCPG, by the flights everywhere"}
    parts = []
    for side, words in sides.items():
        scores = outcome.rates[side]
        listed = ", ".join(f"{rate:g} ({score:.1f} m)" for rate, score in scores.items())
        parts.append(f"{words}: {listed}, so {max(scores, key=scores.__getitem__):g}")
    return f"Learning rates at the first seed, judged {'; '.join(parts)}."


def _wall_s(folder: RunFolder) -> float:
    longest: dict[int, float] = {}
    for row in read_metrics(folder.metrics):
        longest[row.round] = max(row.round_s, longest.get(row.round, 0.0))
    return sum(longest.values())


def _last_steps(folder: RunFolder) -> float:
    steps: dict[str, int] = {}
    for row in read_metrics(folder.metrics):
        steps[row.agent] = row.environment_steps
    return float(np.mean(list(steps.values())))
