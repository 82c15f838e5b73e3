"""Without torch there are still the tests of what needs none."""

from importlib.util import find_spec

WITHOUT_TORCH = ("test_advantages.py", "test_architecture.py", "test_rollout.py")

if find_spec("torch") is None:

    def pytest_ignore_collect(collection_path, config):
        return True if collection_path.suffix == ".py" and collection_path.name not in WITHOUT_TORCH else None

    def pytest_report_header(config):
        return "torch: not found, the tests of networks and learners are left out"
