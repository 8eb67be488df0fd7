"""Counters kept by a cache."""

from dataclasses import dataclass


@dataclass
class Stats:
    """How a cache has been doing since it was made or last reset."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0

    @property
    def hit_rate(self):
        """Share of look-ups that were answered, 0.0 when there were none."""
        lookups = self.hits + self.misses
        return self.hits / lookups if lookups else 0.0

    def reset(self):
        self.hits = self.misses = self.evictions = 0
