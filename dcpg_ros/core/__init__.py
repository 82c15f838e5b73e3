"""The paper's mathematics in numpy: MDPs, gradients, graphs, mixing, bounds. Knows no other layer."""
