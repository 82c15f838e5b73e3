"""Print, in one line, why this Python cannot make the virtual environment; print nothing if it can.

`check_python.py wheels` also asks whether this machine can have ROS 2 as wheels.
Old interpreters read this file too: no syntax here is newer than Python 2.7.
"""

import platform
import sys


def complaint(wheels):
    """Say what is missing and, where apt has it, how to get it; an empty string if nothing is."""
    version = "%d.%d" % sys.version_info[:2]
    if sys.version_info < (3, 10):
        return (
            "this is Python " + version + ", 3.10 or newer is needed: "
            "apt install python3.10-venv or a newer one, then make PYTHON=python3.10"
        )
    try:
        import ensurepip
        import venv  # noqa: F401

        ensurepip.version()
    except Exception:  # Debian packs the parts of these apart, and each is missed in a way of its own
        return "this Python lacks its venv package: apt install python" + version + "-venv"
    if wheels and (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return "ROS 2 has wheels for Linux on x86-64 only: source a ROS 2 installation first"
    return ""


if __name__ == "__main__":
    print(complaint(wheels="wheels" in sys.argv))
