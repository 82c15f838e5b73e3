"""One description of the package for both ways to install it: `pip install` and `colcon build`."""

import sys
from glob import glob

from setuptools import Distribution, find_packages, setup

NAME = "dcpg_ros"

# What the ros2 tools look for below a prefix. `*.py`, because `*` would take launch/__pycache__ along.
data_files = [
    ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
    (f"share/{NAME}", ["package.xml"]),
    (f"share/{NAME}/launch", sorted(glob("launch/*.py"))),
    (f"share/{NAME}/config/scenarios", sorted(glob("config/scenarios/*.yaml"))),
    (f"share/{NAME}/config/scenes", sorted(glob("config/scenes/*.yaml"))),
]

# `ros2 run` and `ros2 launch` start what lies in lib/dcpg_ros. With colcon those are the entry points, which
# setup.cfg sends there; a wheel ignores it and has them in bin, so it carries shims of the same names.
if not {"install", "develop"} & set(sys.argv):
    data_files.append((f"lib/{NAME}", sorted(glob("scripts/ros/*"))))


class EditableWithData(Distribution):
    """Makes `pip install -e` put data_files in place: setuptools asks for them by a name it does not have."""

    has_data = Distribution.has_data_files


setup(
    name=NAME,
    version="0.1.0",
    description="Drones that learn, each in a world of its own, and agree on one policy that works in all.",
    author="dcpg_ros developers",
    maintainer="dcpg_ros developers",
    maintainer_email="maintainers@dcpg-ros.org",
    license="Apache-2.0",
    packages=find_packages(include=[NAME, f"{NAME}.*"]),
    package_data={NAME: ["py.typed"]},
    data_files=data_files,
    distclass=EditableWithData,
    zip_safe=False,
    python_requires=">=3.10",
    # The lower bounds are what Ubuntu 24.04 ships. Beside a sourced ROS 2, pip must leave its numpy in place:
    # the messages are compiled against it and do not load with the next major one.
    install_requires=[
        "matplotlib>=3.6,<4",
        "msgspec>=0.18,<1",
        "networkx>=2.8,<4",
        "numpy>=1.26,<3",
        "PyYAML>=6,<7",
        "rich>=13.7,<16",
    ],
    extras_require={
        "fast": ["numba>=0.58,<1"],
        "gymnasium": ["gymnasium>=0.29,<2"],
        # ROS 2 where none is installed. All distributions share most wheel names; the bounds tell them apart.
        "jazzy": ["ros-jazzy-rclpy~=7.1.6", "ros-rmw-fastrtps-cpp~=8.4.3", "ros-common-interfaces==5.3.6"],
        "kilted": ["ros-kilted-rclpy~=9.1.2", "ros-rmw-fastrtps-cpp~=9.3.3", "ros-common-interfaces~=5.5.1"],
        "learning": ["gymnasium>=1.0,<2", "torch>=2.4,<3"],
        "simulator": ["embreex>=4.4,<5; platform_machine == 'x86_64'", "pillow>=10,<14", "trimesh>=4.4,<6"],
        # launch_pytest and the launch_testing plugin break with pytest 8.4.
        "test": [
            "gymnasium>=0.29,<2",
            "hypothesis>=6.80,<7",
            "psutil>=5.9,<8",
            "pytest>=7.4,<8.4",
            "safetensors>=0.4,<1",
        ],
        "lint": ["mypy>=2.4,<3", "ruff>=0.17,<0.18", "types-PyYAML>=6,<7"],
    },
    entry_points={
        "console_scripts": [
            "dcpg = dcpg_ros.cli.main:main",
            "agent_node = dcpg_ros.nodes.agent_node:main",
            "gridworld_node = dcpg_ros.nodes.gridworld_node:main",
        ],
    },
)
