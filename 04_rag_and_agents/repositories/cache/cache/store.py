"""The cache itself."""

from collections import OrderedDict
from typing import NamedTuple

from .stats import Stats


class _Entry(NamedTuple):
    value: object
    weight: int


class WeightedCache:
    """Keep recently used values while their weights fit in *capacity*.

    *weigh* gives the weight of a value; by default every value weighs 1.
    *on_evict* is called with the key and value of each entry that is pushed
    out to make room, not of those deleted or replaced by the caller.
    """

    def __init__(self, capacity, weigh=None, on_evict=None):
        if capacity <= 0:
            raise ValueError("capacity must be positive")
        self.capacity = capacity
        self.stats = Stats()
        self._weigh = weigh or (lambda value: 1)
        self._on_evict = on_evict
        self._entries = OrderedDict()       # least recently used first
        self._weight = 0

    def __len__(self):
        return len(self._entries)

    def __contains__(self, key):
        return key in self._entries

    def __iter__(self):
        """Iterate over the keys, least recently used first."""
        return iter(self._entries)

    @property
    def total_weight(self):
        return self._weight

    def __getitem__(self, key):
        try:
            entry = self._entries[key]
        except KeyError:
            self.stats.misses += 1
            raise
        self.stats.hits += 1
        self._entries.move_to_end(key)
        return entry.value

    def get(self, key, default=None):
        """Return the value under *key*, or *default*."""
        try:
            return self[key]
        except KeyError:
            return default

    def __setitem__(self, key, value):
        weight = self._weigh(value)
        if weight < 0:
            raise ValueError(f"negative weight for {key!r}")
        self._entries.pop(key, None)
        if weight > self.capacity:
            return
        self._make_room(weight)
        self._entries[key] = _Entry(value, weight)
        self._weight += weight

    def __delitem__(self, key):
        self._remove(key)

    def clear(self):
        """Forget every entry, without calling *on_evict*."""
        self._entries.clear()
        self._weight = 0

    def _remove(self, key):
        entry = self._entries.pop(key)
        self._weight -= entry.weight
        return entry

    def _make_room(self, weight):
        while self._entries and self._weight + weight > self.capacity:
            oldest = next(iter(self._entries))
            entry = self._remove(oldest)
            self.stats.evictions += 1
            if self._on_evict is not None:
                self._on_evict(oldest, entry.value)
