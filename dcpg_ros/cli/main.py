"""``dcpg``: run, simulate, check, evaluate. Exit status: 0 done, 1 failed, 2 bad input, 130 stopped."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from dcpg_ros import __version__
from dcpg_ros.cli.arguments import add_evaluate_arguments, add_run_arguments, add_simulator_arguments
from dcpg_ros.core.errors import DcpgError, InputError, one_line, refused_by_disk


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
    except OSError as error:
        print(refused_by_disk(error), file=sys.stderr)
        return 1


def build_parser() -> argparse.ArgumentParser:
    """The arguments of all commands. A command's module is imported when it is called, and not before."""
    parser = _Parser(prog="dcpg", description="Decentralised multi-task policy gradients on ROS 2.")
    parser.add_argument("--version", action="version", version=f"dcpg {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    run = commands.add_parser("run", help="run a scenario on real ROS 2: one process per agent")
    add_run_arguments(run)
    run.add_argument(
        "--sampling", choices=("node", "local"), default="node",
        help="where episodes come from: the GridWorld node, or each agent's own process",
    )  # fmt: skip
    run.set_defaults(command=_run)

    simulate = commands.add_parser("simulate", help="run a scenario in this process, without ROS")
    add_run_arguments(simulate)
    simulate.set_defaults(command=_simulate)

    evaluate = commands.add_parser("evaluate", help="fly what a run of drones has learnt, in every world")
    add_evaluate_arguments(evaluate)
    evaluate.set_defaults(command=_evaluate)

    simulator = commands.add_parser("simulator", help="serve a world to AirSim's clients, without Unreal")
    add_simulator_arguments(simulator)
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
