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
    """Flights by index. A flight owes whole episodes, or steps that may be those of several episodes."""

    number: int
    episodes: int  # of the whole round; 0 where steps are owed
    left: list[int]  # that each flight still owes
    _quota: list[int]
    _tracks: dict[int, Track] = field(default_factory=dict)  # of the episodes under way
    _segments: list[Segment] = field(default_factory=list)  # of those that have ended

    @classmethod
    def of(cls, learner: NeuralLearner, number: int, flights: int) -> FlownRound:
        """Round ``number`` before its first step. Episodes are dealt out in turn: e goes to e mod flights."""
        if learner.whole_episodes:
            quota = [len(range(flight, learner.episodes_per_round, flights)) for flight in range(flights)]
        else:
            quota = [learner.steps_per_round] * flights
        return cls(number, learner.episodes_per_round, list(quota), quota)

    @property
    def active(self) -> list[int]:
        """The flights that still have something to do."""
        return [flight for flight, owed in enumerate(self.left) if owed]

    def next_episode(self, flight: int, latest: int) -> int:
        """The number of the flight's episode after ``latest``, which no other episode of the run has."""
        flights = len(self.left)
        if not self.episodes:
            return latest + flights
        flown = self._quota[flight] - self.left[flight]
        return self.number * self.episodes + flight + flown * flights

    def see(self, flight: int, picture: Picture) -> None:
        """What a flight sees before its next step; no news, if it is on its way in this round."""
        self._tracks.setdefault(flight, Track(picture))

    def add(self, flight: int, action: int, outcome: Outcome) -> None:
        """One more step, and perhaps the end of the episode."""
        self._tracks[flight].add(action, outcome.reward, outcome.picture)
        self.left[flight] -= outcome.ended if self.episodes else 1
        if outcome.ended:
            self._segments.append(self._tracks.pop(flight).segment(outcome.terminated))

    def give_up(self) -> None:
        """Throws away the episodes under way: what they were to count for is owed again."""
        if not self.episodes:
            for flight, track in self._tracks.items():
                self.left[flight] += len(track.actions)
        self._tracks.clear()

    def segments(self) -> tuple[Segment, ...]:
        """What has been seen: episodes as they ended, then those that the end of the round cuts."""
        cut = (self._tracks[flight] for flight in sorted(self._tracks))
        return (*self._segments, *(track.segment(terminated=False) for track in cut if track.actions))
