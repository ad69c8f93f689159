"""Speed and memory, as ratios to peers and to a plain version: ``make bench``."""
