"""Keep a record of published events, for tests and debugging."""


class Recorder:
    """Context manager that collects the events matching a pattern."""

    def __init__(self, bus, pattern="#"):
        self.bus = bus
        self.pattern = pattern
        self.events = []
        self._sub = None

    def __enter__(self):
        self._sub = self.bus.subscribe(self.pattern, self.events.append)
        return self

    def __exit__(self, *exc_info):
        self.bus.unsubscribe(self._sub)
        self._sub = None

    def topics(self):
        """Return the topics seen so far."""
        return [event.topic for event in self.events]
