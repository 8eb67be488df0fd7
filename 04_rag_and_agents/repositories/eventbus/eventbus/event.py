"""Events and subscriptions."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Event:
    """What handlers are called with."""

    topic: str
    data: dict = field(default_factory=dict)


@dataclass(eq=False)
class Subscription:
    """A handler registered for a pattern; returned by ``subscribe``."""

    pattern: str
    handler: Callable[[Event], None]
    priority: int = 0
    once: bool = False
