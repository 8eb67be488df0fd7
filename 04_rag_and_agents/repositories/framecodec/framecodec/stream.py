"""Reading frames from a stream that arrives in pieces."""

from .errors import FrameTooLong
from .frame import PREFIX_SIZE, decode


class FrameReader:
    """Collects bytes and hands out the frames completed by them."""

    def __init__(self, limit=65536):
        self.limit = limit
        self._buffer = b""

    @property
    def pending(self):
        """How many bytes wait for the rest of their frame."""
        return len(self._buffer)

    def feed(self, data):
        """Take in ``data``; return the list of frames now complete."""
        self._buffer += data
        frames = []
        while len(self._buffer) >= PREFIX_SIZE:
            size = int.from_bytes(self._buffer[:PREFIX_SIZE], "big")
            if size > self.limit:
                raise FrameTooLong(f"{size} bytes announced, limit {self.limit}")
            end = PREFIX_SIZE + size
            if len(self._buffer) < end:
                break
            content, self._buffer = self._buffer[PREFIX_SIZE:end], self._buffer[end:]
            frames.append(decode(content))
        return frames
