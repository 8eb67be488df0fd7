"""Length-prefixed frames over a byte stream."""

from .errors import ChecksumMismatch, FrameError, FrameTooLong
from .frame import Frame, decode, encode
from .stream import FrameReader

__all__ = [
    "ChecksumMismatch",
    "Frame",
    "FrameError",
    "FrameReader",
    "FrameTooLong",
    "decode",
    "encode",
]
