"""What agents act in: GridWorlds and drones, the latter over the AirSim API."""
