"""A plain hall for tests to fly in."""

WIDTH = 8  # m


def hall(name, length):
    """A scene so many metres long inside, from (1, 1) to (1 + length, 9), and 3 m high.

    The player start is at (3, 5), 1.5 m above the floor, looking north along x; a crate stands on the floor
    to the right.
    """
    wall, row = "#" * (length + 2), "#" + "." * length + "#"
    plan = "\n".join(f"  {line}" for line in (wall, *[row] * WIDTH, wall))
    return f"""
name: {name}
height: 3.0
ambient: [0.5, 0.5, 0.5]
materials:
  wall: {{color: [0.8, 0.2, 0.2]}}
  floor: {{color: [0.2, 0.8, 0.2]}}
  ceiling: {{color: [0.2, 0.2, 0.8]}}
  wood: {{color: [0.6, 0.4, 0.2]}}
floorplan: |
{plan}
legend:
  '#': {{wall: wall}}
objects:
  - {{box: [1.0, 1.0, 1.0], at: [8, 7.5, 0.5], material: wood, name: crate}}
lights: [{{at: [6, 5, 2.8], color: [1, 1, 1], power: 0.5, reach: 4}}]
starts: [[3, 5, 1.5, 0], [3, 3, 1.5, 90]]
"""
