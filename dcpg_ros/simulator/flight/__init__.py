"""How the drones fly: dynamics, collisions, manoeuvres, the clock, and what their sensors measure."""
