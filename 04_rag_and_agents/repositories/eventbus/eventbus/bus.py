"""The event bus."""

from .event import Event, Subscription
from .topics import check_pattern, check_topic, matches


class EventBus:
    """Delivers events to the handlers subscribed to their topic."""

    def __init__(self):
        self._subscriptions = []

    def __len__(self):
        return len(self._subscriptions)

    def subscribe(self, pattern, handler, priority=0, once=False):
        """Call *handler* for every event whose topic matches *pattern*.

        Handlers of higher priority are called first; those of equal priority
        in the order in which they subscribed.
        """
        check_pattern(pattern)
        sub = Subscription(pattern, handler, priority, once)
        self._subscriptions.append(sub)
        self._subscriptions.sort(key=lambda s: -s.priority)
        return sub

    def on(self, pattern, **options):
        """Decorator form of :meth:`subscribe`."""
        def register(handler):
            self.subscribe(pattern, handler, **options)
            return handler
        return register

    def unsubscribe(self, sub):
        """Remove a subscription; removing it twice does no harm."""
        if sub in self._subscriptions:
            self._subscriptions.remove(sub)

    def publish(self, topic, **data):
        """Deliver an event and return the number of handlers called."""
        check_topic(topic)
        event = Event(topic, data)
        called = 0
        for sub in self._subscriptions:
            if not matches(sub.pattern, topic):
                continue
            if sub.once:
                self.unsubscribe(sub)
            sub.handler(event)
            called += 1
        return called
