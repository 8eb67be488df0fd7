"""Add lines to a file so that nothing is ever lost: not by a kill, not by a second writer, not by a full disk.

Three rules do it. One writer at a time, by a lock that the system drops when its holder dies. Whoever comes
after a torn line starts a new one. And nothing counts as written before `fsync` has returned.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 10.0  # seconds to wait for another writer, who needs milliseconds


def append(file: Path, lines: list[str]) -> None:
    """Add whole lines to `file`, alone, after whatever a killed writer left. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with locked(file.with_suffix(".lock")), open(file, "a+b", buffering=0) as stream:
        end = stream.seek(0, os.SEEK_END)
        stream.seek(max(end - 1, 0))
        torn = stream.read(1) not in (b"", b"\n")
        rest = memoryview(("\n" * torn + "".join(line + "\n" for line in lines)).encode("ascii"))
        while rest:
            rest = rest[stream.write(rest) :]  # a disk that fills up takes a part, then refuses
        os.fsync(stream.fileno())


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold `file` as the only writer; the system lets go of it if this process dies. Raises TimeoutError."""
    with open(file, "a+b") as stream:
        until = time.monotonic() + PATIENCE
        while not (held := take(stream.fileno())) and time.monotonic() < until:
            time.sleep(0.005)
        if not held:
            raise TimeoutError(errno.ETIMEDOUT, f"another writer holds {file.name} for {PATIENCE:.0f} s")
        try:
            yield
        finally:
            release(stream.fileno())


if os.name == "nt":
    import msvcrt

    def take(number: int) -> bool:
        """Try to lock the file; False if another writer has it."""
        try:
            os.lseek(number, 0, os.SEEK_SET)
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def release(number: int) -> None:
        """Let go of the lock."""
        os.lseek(number, 0, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def take(number: int) -> bool:
        """Try to lock the file; False if another writer has it."""
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as trouble:  # some network folders have no locks: appending is then the best there is
            if trouble.errno not in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
                raise
        return True

    def release(number: int) -> None:
        """Let go of the lock."""
        with contextlib.suppress(OSError):  # where there was no lock to take
            fcntl.flock(number, fcntl.LOCK_UN)
