"""The record of one caller's recent calls."""

from collections import deque


class SlidingWindow:
    """Times of the calls made in the last ``span`` seconds, oldest first."""

    def __init__(self, span):
        self.span = span
        self._times = deque()

    def expire(self, now):
        """Forget the calls that have left the window."""
        cutoff = now - self.span
        while self._times and self._times[0] < cutoff:
            self._times.popleft()

    def record(self, now):
        """Note a call made at ``now``."""
        self._times.append(now)

    def count(self, now):
        """Return how many calls still weigh on the caller at ``now``."""
        self.expire(now)
        return len(self._times)

    def seconds_until_free(self, now):
        """Return how long until the oldest call leaves the window."""
        if not self._times:
            return 0
        return self._times[0] + self.span - now
