"""``make bench``: how fast it is, as ratios against a peer or a bound measured in the same run."""
