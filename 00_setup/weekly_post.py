"""A week as a post: what the journal says, one figure, one number, one question that is still open.

A number that you measured and a thing that you do not understand yet are what makes a post worth reading.
The text is redacted before anything is written, and nothing that was written is ever written over.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from datetime import datetime
from itertools import count
from pathlib import Path

import progress
from redact import redact
from say import say

QUESTIONS = {
    "win": "What worked?",
    "struggle": "What was hard?",
    "confusion": "What is still dark?",
    "breakthrough": "What became clear?",
}
PNG = b"\x89PNG\r\n\x1a\n"
TELLING = (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME")  # where a picture keeps names, paths and times


def export_week(
    path: str | Path | None = None,
    figure: object = None,
    number: object = None,
    confusion: str | None = None,
    week: str | None = None,
    private: Iterable[str] = (),
) -> Path:
    """Write one ISO week of your journal as a Markdown post, redacted, and return its file.

    `path`: the file, or a folder; the folder `posts` beside your log if not given. An existing file is kept
    and the new one numbered. `figure`: a PNG file or a matplotlib figure, copied beside the post. `number`:
    what you measured, in words. `confusion`: what you do not understand yet; the last one of the week if not
    given. `week`: such as "2026-W48"; this one if not given. `private`: names to take out, beside those in
    `private.txt` in your data folder.
    Raises ValueError for a week that is none, and for a figure that is no PNG; then nothing is written.
    """
    week = week or week_of(datetime.now().astimezone())
    try:
        datetime.strptime(f"{week}-1", "%G-W%V-%u")
    except ValueError:
        raise ValueError(f"week must be an ISO week such as '2026-W48', got {week!r}") from None
    picture = None if figure is None else bare(png(figure))
    text, taken = redact(
        post(week, "" if number is None else str(number), confusion), [private] if isinstance(private, str) else private
    )
    wanted = progress.folder() / "posts" if path is None else Path(path).expanduser()
    wanted = wanted if wanted.suffix == ".md" else wanted / f"{week}.md"
    wanted.parent.mkdir(parents=True, exist_ok=True)
    file, beside = free(wanted, week)
    if picture is not None:
        text += f"\n![The figure of week {int(week[-2:])}]({beside.name})\n"
        with open(beside, "xb") as stream:
            stream.write(picture)
    with open(file, "x", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
    words = ", ".join(f"{number} × {what}" for what, number in sorted(taken.items())) or "nothing was found"
    say(f"Written: `{file}`. Redacted: {taken.total()} ({words}). Read it, and look at the figure, before you publish.")
    return file


def free(wanted: Path, week: str) -> tuple[Path, Path]:
    """The first numbered pair of post and figure of which neither exists. The figure is named by the week alone."""
    for number in count(1):
        tail = "" if number == 1 else f"-{number}"
        file, beside = wanted.with_stem(wanted.stem + tail), wanted.with_name(f"{week}{tail}.png")
        if not file.exists() and not beside.exists():
            return file, beside
    raise AssertionError("count() ends only here")


def week_of(time: datetime) -> str:
    """The ISO week in the learner's time zone.

    >>> week_of(datetime(2026, 11, 25, 12).astimezone())
    '2026-W48'
    """
    year, number, _ = time.astimezone().isocalendar()
    return f"{year}-W{number:02}"


def post(week: str, number: str, confusion: str | None) -> str:
    """The Markdown of one week, as it is before anything is taken out."""
    records = [r for r in progress.records("journal", "check") if week_of(datetime.fromisoformat(r["t"])) == week]
    said = {what: [r["text"] for r in records if r.get("what") == what] for what in QUESTIONS}
    said["confusion"] = [confusion] if confusion else said["confusion"][-1:]
    solved = dict.fromkeys((r["notebook"], r["name"]) for r in records if r.get("status") == "solved")
    states = progress.exercises()
    parts = [f"# Week {int(week[-2:])} of {week[:4]}"]
    for what, title in (("win", "What worked"), ("struggle", "What was hard"), ("breakthrough", "What became clear")):
        parts += [f"## {title}", *said[what]] if said[what] else []
    if solved:
        parts += ["## Written by me", "\n".join(f"- `{name}` ({noun}): {states[noun, name]}" for noun, name in solved)]
    parts += ["## A number that I measured", number] if number else []
    parts += ["## Still dark", *said["confusion"]] if said["confusion"] else []
    return "\n\n".join(parts) + "\n"


def png(figure: object) -> bytes:
    """The PNG of a matplotlib figure, or of a file. Raises ValueError if it is neither."""
    if hasattr(figure, "savefig"):
        stream = io.BytesIO()
        figure.savefig(stream, format="png", bbox_inches="tight")
        return stream.getvalue()
    if not isinstance(figure, str | Path):
        raise ValueError(f"figure must be a PNG file or a matplotlib figure, got {type(figure).__name__}")
    data = Path(figure).expanduser().read_bytes()
    if not data.startswith(PNG):
        raise ValueError(f"figure must be a PNG file, and {figure} is none: save it with plt.savefig('figure.png')")
    return data


def bare(picture: bytes) -> bytes:
    """The same picture without the texts and times that programs leave in PNG files, and without what follows it."""
    kept, at = [PNG], len(PNG)
    while at + 12 <= len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        kind, end = picture[at + 4 : at + 8], at + 12 + length
        if kind not in TELLING:
            kept.append(picture[at:end])
        at = end
        if kind == b"IEND":
            return b"".join(kept)
    raise ValueError("the figure is a PNG file that ends too early: save it again")
