"""Where a tabular learner's batches come from when the model is in this process."""

from __future__ import annotations

from dataclasses import dataclass

from dcpg_ros.core.mdp import Array, TabularMDP
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.sampling import Episodes, sample_episodes
from dcpg_ros.core.seeding import Purpose, generator


@dataclass(frozen=True, eq=False)
class KnownModel:
    """For the exact gradient: the batch is the model."""

    mdp: TabularMDP

    def sample(self, theta: Array, round: int) -> TabularMDP:
        """The model, whatever theta and the round are."""
        return self.mdp


@dataclass(frozen=True, eq=False)
class EpisodeSimulator:
    """Episodes under pi_theta, a function of (seed, agent, round, theta) alone: ask twice, get the same."""

    mdp: TabularMDP
    episodes: int
    horizon: int
    seed: int
    agent: int

    def sample(self, theta: Array, round: int) -> Episodes:
        """The batch of this round; theta is (S, A) in any shape of that size."""
        policy = softmax(theta.reshape(self.mdp.n_states, self.mdp.n_actions))
        random = generator(self.seed, Purpose.EPISODES, self.agent, round)
        return sample_episodes(self.mdp, policy, self.episodes, self.horizon, random)
