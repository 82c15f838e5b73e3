"""A round of flights while it is flown: what each of them still owes, and what they have seen so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from dcpg_ros.core.experience import Segment
from dcpg_ros.envs.flight import Outcome
from dcpg_ros.envs.pictures import Picture
from dcpg_ros.envs.tracks import Track
from dcpg_ros.scenario.neural import NeuralLearner


@dataclass
class FlownRound:
    """Flights by index. A flight owes steps, or whole episodes, which may have to come to so many steps."""

    learner: NeuralLearner
    number: int
    episodes: list[int]  # that each flight still owes, but for the one under way
    steps: list[int]  # likewise; 0 and less: none
    _tracks: dict[int, Track] = field(default_factory=dict)  # of the episodes under way
    _segments: list[Segment] = field(default_factory=list)  # of those that have ended

    @classmethod
    def of(cls, learner: NeuralLearner, number: int, flights: int) -> FlownRound:
        """Round ``number`` before its first step. Episodes are dealt out in turn: e goes to e mod flights."""
        episodes = [dealt(learner, flight, flights) for flight in range(flights)]
        return cls(learner, number, episodes, [learner.steps_per_round] * flights)

    @property
    def active(self) -> list[int]:
        """The flights that still have something to do."""
        owed = enumerate(zip(self.episodes, self.steps, strict=True))
        return [
            flight for flight, (episodes, steps) in owed if episodes > 0 or steps > self._under_way(flight)
        ]

    def next_episode(self, flight: int, latest: int) -> int:
        """The number of the flight's episode after ``latest``, which no other episode of the run has."""
        flights = len(self.episodes)
        if self.learner.steps_per_round:  # nobody knows how many episodes earlier rounds had
            return latest + flights
        flown = dealt(self.learner, flight, flights) - self.episodes[flight]
        return self.number * self.learner.episodes_per_round + flight + flown * flights

    def see(self, flight: int, picture: Picture) -> None:
        """What a flight sees before its next step; no news, if it is on its way in this round."""
        self._tracks.setdefault(flight, Track(picture))

    def add(self, flight: int, action: int, outcome: Outcome) -> None:
        """One more step, and perhaps the end of the episode."""
        track = self._tracks[flight]
        track.add(action, outcome.reward, outcome.picture)
        if outcome.ended:
            self.episodes[flight] -= 1
            self.steps[flight] -= len(track.actions)
            self._segments.append(track.segment(outcome.terminated))
            del self._tracks[flight]

    def give_up(self) -> None:
        """Throws away the episodes under way: what they were to count for is owed again."""
        self._tracks.clear()

    def segments(self) -> tuple[Segment, ...]:
        """What has been seen: episodes as they ended, then those that the end of the round cuts."""
        cut = (self._tracks[flight] for flight in sorted(self._tracks))
        return (*self._segments, *(track.segment(terminated=False) for track in cut if track.actions))

    def _under_way(self, flight: int) -> int:
        """Steps that count already, though their episode has not ended."""
        track = None if self.learner.whole_episodes else self._tracks.get(flight)
        return len(track.actions) if track else 0


def dealt(learner: NeuralLearner, flight: int, flights: int) -> int:
    """How many of a round's episodes are this flight's; none where only steps are owed."""
    return len(range(flight, learner.episodes_per_round, flights))
