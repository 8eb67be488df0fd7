"""Synchronous publish/subscribe."""

from .bus import EventBus
from .event import Event, Subscription
from .recorder import Recorder
from .topics import TopicError, matches

__all__ = ["Event", "EventBus", "Recorder", "Subscription", "TopicError", "matches"]
