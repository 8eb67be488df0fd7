"""Frames and their form on the wire.

A frame's content is a flag byte, the topic's length in one byte, the topic
in UTF-8 and the payload; a checked frame has a checksum after that.
"""

from dataclasses import dataclass

from . import checksum
from .errors import FrameError

CHECKED = 0x01
PREFIX_SIZE = 4
MAX_TOPIC = 255


@dataclass(frozen=True)
class Frame:
    """A payload and the topic that it belongs to."""

    topic: str
    payload: bytes
    checked: bool = False


def encode(frame):
    """Return the frame as bytes, length prefix included."""
    topic = frame.topic.encode("utf-8")
    if len(topic) > MAX_TOPIC:
        raise FrameError(f"topic of {len(topic)} bytes")
    flags = CHECKED if frame.checked else 0
    content = bytes([flags, len(topic)]) + topic + frame.payload
    if frame.checked:
        content = checksum.append(content)
    return len(content).to_bytes(PREFIX_SIZE, "big") + content


def decode(content):
    """Return the Frame in ``content``, which is without its length prefix."""
    checked = bool(content) and bool(content[0] & CHECKED)
    if checked:
        content = checksum.strip(content)
    if len(content) < 2:
        raise FrameError("frame without a header")
    end = 2 + content[1]
    if end > len(content):
        raise FrameError("topic runs past the end")
    return Frame(content[2:end].decode("utf-8"), content[end:], checked)
