from dcpg_ros.agent.metrics import MetricsLog, MetricsRow
from dcpg_ros.cli.run import child_environment, latest_rows, node_command


def test_nodes_speak_on_this_machine_only_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.delenv("ROS_AUTOMATIC_DISCOVERY_RANGE", raising=False)
    monkeypatch.setenv("ROS_DOMAIN_ID", "7")
    environment = child_environment(42)
    assert environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"
    assert environment["ROS_DOMAIN_ID"] == "42"
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "SUBNET")
    assert child_environment(42)["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "SUBNET"


def test_parameters_of_a_node_are_ros_arguments():
    command = node_command("agent_node", "/ada", scenario="/a b/c.yaml", resume="false")
    assert command[1:3] == ["-m", "dcpg_ros.nodes.agent_node"]
    assert command[3:] == [
        *("--ros-args", "-r", "__ns:=/ada", "-p", "scenario:=/a b/c.yaml", "-p", "resume:=false"),
    ]


def test_latest_rows_are_the_last_whole_rows_of_the_files_that_have_one(tmp_path):
    paths = [tmp_path / f"{name}.csv" for name in ("ada", "bob", "cyd")]
    rows = {
        name: [
            MetricsRow(round, name, -1 / 3, 1 / 3, 1e-300, 1e300, 1 / 7, 10**15, 10**15)
            for round in range(last)
        ]
        for name, last in (("ada", 1200), ("bob", 0))
    }
    for path, mine in zip(paths, rows.values(), strict=False):
        with MetricsLog(path) as log:
            log.write(mine)
    with paths[0].open("a") as file:
        file.write("1200,ada,0.1")
    assert latest_rows(paths) == [rows["ada"][-1]]
