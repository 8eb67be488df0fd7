"""What can be wrong with a frame."""


class FrameError(Exception):
    """Base of the errors of this package."""


class FrameTooLong(FrameError):
    """A frame is longer than the reader is ready to take."""


class ChecksumMismatch(FrameError):
    """A frame was damaged on its way."""
