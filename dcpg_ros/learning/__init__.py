"""Neural policies and how one agent improves its own: networks in torch, REINFORCE, A2C and PPO."""
