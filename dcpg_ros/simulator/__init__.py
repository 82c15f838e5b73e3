"""A headless server that speaks AirSim's RPC: worlds, cameras and drones without Unreal."""
