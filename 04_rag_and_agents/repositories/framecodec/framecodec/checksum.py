"""Checksums as they stand at the end of a frame."""

import zlib

from .errors import ChecksumMismatch

SIZE = 8


def crc_hex(data):
    """Return the CRC-32 of ``data`` as eight lower-case hex digits."""
    return format(zlib.crc32(data), "08x")


def append(body):
    """Return ``body`` with its checksum after it."""
    return body + crc_hex(body).encode("ascii")


def strip(data):
    """Return ``data`` without its checksum, or raise ChecksumMismatch."""
    body, trailer = data[:-SIZE], data[-SIZE:]
    expected = crc_hex(body)
    if trailer != expected:
        raise ChecksumMismatch(f"{trailer!r} received for {len(body)} bytes")
    return body
