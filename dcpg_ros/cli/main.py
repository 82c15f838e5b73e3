"""``dcpg``: run, simulate, check, evaluate. Exit status: 0 done, 1 failed, 2 bad input, 130 stopped."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from dcpg_ros import __version__
from dcpg_ros.core.errors import DcpgError, InputError, one_line


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise InputError(self.prog, "arguments", message, f"see {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; every expected failure is one line on stderr."""
    try:
        options = build_parser().parse_args(arguments)
        command: Callable[[argparse.Namespace], int] = options.command
        return command(options)
    except DcpgError as error:
        print(one_line(str(error)), file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our words has had enough, as in `dcpg check … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def build_parser() -> argparse.ArgumentParser:
    """The arguments of all commands. A command's module is imported when it is called, and not before."""
    parser = _Parser(prog="dcpg", description="Decentralised multi-task policy gradients on ROS 2.")
    parser.add_argument("--version", action="version", version=f"dcpg {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    run = commands.add_parser("run", help="run a scenario on real ROS 2: one process per agent")
    _add_run_arguments(run)
    run.add_argument(
        "--sampling", choices=("node", "local"), default="node",
        help="where episodes come from: the GridWorld node, or each agent's own process",
    )  # fmt: skip
    run.set_defaults(command=_run)

    simulate = commands.add_parser("simulate", help="run a scenario in this process, without ROS")
    _add_run_arguments(simulate)
    simulate.set_defaults(command=_simulate)

    evaluate = commands.add_parser("evaluate", help="fly what a run of drones has learnt, in every world")
    _add_evaluate_arguments(evaluate)
    evaluate.set_defaults(command=_evaluate)

    simulator = commands.add_parser("simulator", help="serve a world to AirSim's clients, without Unreal")
    _add_simulator_arguments(simulator)
    simulator.set_defaults(command=_simulator)

    settings = commands.add_parser("settings", help="print the settings.json that a scenario asks of AirSim")
    settings.add_argument("scenario")
    settings.add_argument("agents", nargs="*", help="those that share the server; default: all")
    settings.set_defaults(command=_settings)

    check = commands.add_parser("check", help="validate a scenario and print what the theory says of it")
    check.add_argument("scenario")
    check.set_defaults(command=_check)

    summarise = commands.add_parser(
        "summarise", help="make summary.json and the pictures of a run folder anew"
    )
    summarise.add_argument("folder")
    summarise.set_defaults(command=_summarise)
    return parser


def _add_run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "scenario", nargs="?", help="a scenario file, or the name of one that comes with the package"
    )
    parser.add_argument("--output", metavar="DIR", help="folder for the results")
    parser.add_argument("--resume", metavar="DIR", help="go on with the run in this folder")
    parser.add_argument("--rounds", type=int, help="total number of rounds, instead of the scenario's")
    parser.add_argument("--seed", type=int, help="seed, instead of the scenario's")
    parser.add_argument("--force", action="store_true", help="replace a run that the folder holds")


def _add_evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="the folder of a run, finished or not")
    parser.add_argument(
        "--scenario", metavar="S", help="the worlds to fly in, instead of those that the run was trained in"
    )
    parser.add_argument(
        "--flights", type=_count, default=50, metavar="F", help="of each policy in each world: 50"
    )
    parser.add_argument("--seed", type=_seed, default=0, help="of the test flights: 0")
    parser.add_argument(
        "--actions", choices=("both", "sampled", "greedy"), default="both",
        help="drawn as in training, or always the likeliest: a table for each",
    )  # fmt: skip
    parser.add_argument("--output", metavar="DIR", help="folder for the results, instead of RUN/evaluation")


def _add_simulator_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scene", metavar="NAME|FILE",
        help="a scene file, or the name of one that comes with the package; default: blocks",
    )  # fmt: skip
    parser.add_argument(
        "--scenario", metavar="NAME|FILE", help="serve the world of an agent of this drone scenario instead"
    )
    parser.add_argument("--agent", metavar="NAME", help="which agent's; default: the first one's")
    parser.add_argument("--host", help="address to listen on, instead of the settings' or 127.0.0.1")
    parser.add_argument("--port", type=_port, help="port, instead of the settings' or 41451; 0: any free one")
    parser.add_argument("--settings", metavar="FILE", help="AirSim's settings.json")
    parser.add_argument(
        "--clock-speed", type=_speed, metavar="X",
        help="simulated seconds for each real one, instead of the settings' or 1; 0: as fast as possible",
    )  # fmt: skip
    parser.add_argument("--seed", type=_seed, default=0, help="of the sensors' noise")
    parser.add_argument(
        "--preview", type=Path, metavar="PNG", help="draw the floor plan and what cameras see, and end"
    )
    parser.add_argument("--paths", type=Path, metavar="PNG", help="at the end, draw the flown paths")


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return port


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 <= speed <= 1000:
        raise argparse.ArgumentTypeError("a clock speed is a number from 0 to 1000")
    return speed


def _seed(text: str) -> int:
    seed = int(text)
    if seed < 0:
        raise argparse.ArgumentTypeError("a seed is a number >= 0")
    return seed


def _count(text: str) -> int:
    count = int(text)
    if not 0 < count <= 10_000:
        raise argparse.ArgumentTypeError("a number of flights is from 1 to 10000")
    return count


def _run(options: argparse.Namespace) -> int:
    from dcpg_ros.cli.run import run

    return run(options)


def _simulate(options: argparse.Namespace) -> int:
    from dcpg_ros.cli.simulate import run_simulation

    return run_simulation(options)


def _evaluate(options: argparse.Namespace) -> int:
    from dcpg_ros.cli.evaluate import evaluate

    return evaluate(options)


def _simulator(options: argparse.Namespace) -> int:
    from dcpg_ros.assembly.extras import extras_needed

    with extras_needed("dcpg simulator"):
        from dcpg_ros.cli.simulator import simulator
    return simulator(options)


def _settings(options: argparse.Namespace) -> int:
    from dcpg_ros.cli.settings import print_settings

    return print_settings(options.scenario, options.agents)


def _check(options: argparse.Namespace) -> int:
    from dcpg_ros.cli.check import check

    return check(options.scenario)


def _summarise(options: argparse.Namespace) -> int:
    from dcpg_ros.agent.run_folder import RunFolder
    from dcpg_ros.cli.finish import finish
    from dcpg_ros.scenario import load_scenario

    folder = RunFolder.existing(options.folder)
    return finish(load_scenario(folder.scenario), folder)


if __name__ == "__main__":
    sys.exit(main())
