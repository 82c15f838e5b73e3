"""From a scenario to the parts of a run: what its agents live in, how they learn, and who they talk to."""
