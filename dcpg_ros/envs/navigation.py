"""One drone as a gymnasium environment: it sees by camera, and is to fly far without running into things."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete

from dcpg_ros.core.errors import LinkLost
from dcpg_ros.envs.fleet import Fleet
from dcpg_ros.envs.frames import position_from_ned, yaw_from_ned
from dcpg_ros.envs.link import Link
from dcpg_ros.envs.patience import PATIENCE_S
from dcpg_ros.envs.pictures import Picture
from dcpg_ros.envs.starts import HERE, Beginning, beginning
from dcpg_ros.scenario.drones import DroneEnvironment
from dcpg_ros.scenario.worlds import Start


class DroneNavigation(gymnasium.Env[Picture, np.int64]):
    """PEDRA's task over a link.

    An episode is terminated by a crash, and truncated when the flight is as long as one may be. If the server
    is lost in a step, it is waited for; the episode is then truncated with ``info["lost"]``, and that step
    tells nothing.

    ``info`` holds distance_m, collided, lost, position (3,) ENU from where the vehicle started, and yaw.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012

    def __init__(
        self,
        environment: DroneEnvironment,
        link: Link,
        vehicle: str = "",
        starts: Sequence[Start] = HERE,
        patience_s: float = PATIENCE_S,
        stop: Callable[[], bool] = lambda: False,
        render_mode: str | None = None,
    ) -> None:
        """Nothing is asked of the link before the first reset; vehicle "" is the server's first."""
        self.navigation, self.link = environment.navigation, link
        self.starts, self.patience_s, self.stop = tuple(starts) or HERE, patience_s, stop
        self.render_mode = render_mode
        camera = environment.camera
        self.observation_space = Box(0, 255, (camera.height, camera.width, 3), np.uint8)
        self.action_space = Discrete(environment.actions)
        self._fleet = Fleet(link, [vehicle], camera, environment.navigation)
        self._flight = self._fleet.flights[0]
        self._episode = 0
        self._ours = False  # the vehicle is taken over

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Picture, dict[str, Any]]:
        """A new episode from the next start; after a seed, from the first."""
        super().reset(seed=seed)
        if seed is not None:
            self._episode = 0
        start = self.starts[self._episode % len(self.starts)]
        begin = beginning(start, self.np_random.uniform(-1, 1), self.navigation.start_yaw_spread_deg)
        try:
            self._begin(begin)
        except LinkLost:
            self._recover()
            self._begin(begin)
        self._episode += 1
        return self._flight.picture, self._info()

    def step(self, action: np.int64) -> tuple[Picture, float, bool, bool, dict[str, Any]]:
        """One action.

        Raises:
            LinkLost: if the server went away and did not come back in time.
            DcpgError: for anything else that it refuses.
        """
        noise_bins = self.navigation.noise_bins * self.np_random.uniform(-1, 1, 2)
        try:
            (outcome,) = self._fleet.step([(self._flight, int(action), noise_bins.tolist())])
        except LinkLost:
            self._recover()
            return self._flight.picture, 0.0, False, True, self._info(lost=True)
        info = self._info(collided=outcome.collided)
        return outcome.picture, outcome.reward, outcome.terminated, outcome.truncated, info

    def render(self) -> Picture | None:
        """What the drone sees."""
        return self._flight.picture if self.render_mode == "rgb_array" else None

    def _begin(self, begin: Beginning) -> None:
        if not self._ours:
            self._fleet.prepare()
            self._ours = True
        self._fleet.begin([(self._flight, begin)])

    def _recover(self) -> None:
        self._ours = False
        self.link.reconnect(self.patience_s, self.stop)

    def _info(self, *, collided: bool = False, lost: bool = False) -> dict[str, Any]:
        return {
            "distance_m": self._flight.distance_m,
            "collided": collided,
            "lost": lost,
            "position": np.array(position_from_ned(self._flight.position_ned)),
            "yaw": yaw_from_ned(self._flight.yaw_ned),
        }
