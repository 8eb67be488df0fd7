"""Deciding, caller by caller, whether a call may go ahead."""

from dataclasses import dataclass

from .window import SlidingWindow


@dataclass(frozen=True)
class Decision:
    """The answer to one call."""

    allowed: bool
    remaining: int
    retry_after: float = 0


class Limiter:
    """Applies one Rule to each caller separately."""

    def __init__(self, rule):
        self.rule = rule
        self._windows = {}

    def check(self, caller, now):
        """Decide on a call by ``caller`` at ``now``, counting it if allowed."""
        window = self._windows.get(caller)
        if window is None:
            window = self._windows[caller] = SlidingWindow(self.rule.span)
        used = window.count(now)
        if used >= self.rule.limit:
            return Decision(False, 0, window.seconds_until_free(now))
        window.record(now)
        return Decision(True, self.rule.limit - used - 1)

    def forget_idle(self, now):
        """Drop callers with nothing in their window; return how many."""
        idle = [name for name, window in self._windows.items() if not window.count(now)]
        for name in idle:
            del self._windows[name]
        return len(idle)
