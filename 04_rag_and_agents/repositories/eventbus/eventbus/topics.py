"""Topic names and patterns."""

import re

_TOPIC = re.compile(r"\w+(\.\w+)*")
_PATTERN = re.compile(r"#|(\w+|\*)(\.(\w+|\*))*(\.#)?")


class TopicError(ValueError):
    """A malformed topic or pattern."""


def check_topic(topic):
    if not _TOPIC.fullmatch(topic):
        raise TopicError(f"bad topic {topic!r}")


def check_pattern(pattern):
    if not _PATTERN.fullmatch(pattern):
        raise TopicError(f"bad pattern {pattern!r}")


def matches(pattern, topic):
    """Tell whether *topic* is covered by *pattern*."""
    wanted = pattern.split(".")
    words = topic.split(".")
    if wanted[-1] == "#":
        wanted.pop()
        words = words[:len(wanted)]
    if len(wanted) != len(words):
        return False
    return all(w in ("*", word) for w, word in zip(wanted, words))
