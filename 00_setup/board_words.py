"""What the board says, in words: the same for plain text and for HTML."""

from __future__ import annotations

import html

from course import Module
from standing import WEEK, Place, Standing

STATES = {  # mark, colour (Okabe and Ito, in tones that read on white and on black), words
    "unaided": ("●", "#12a37c", "solved unaided"),
    "with hints": ("◐", "#3d8fd1", "with hints"),
    "solution seen": ("○", "#d9822b", "after seeing the solution"),
    "tried": ("×", "#b7679a", "tried"),
    "untouched": ("·", "currentColor", "untouched"),
}
ENOUGH = 5  # settled predictions, below which a curve would be noise


def escaped(text: str) -> str:
    """`text` as HTML, with `code` in backticks set as code."""
    parts = html.escape(text, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))


def headline(now: Standing) -> str:
    """The one number that grows: core exercises whose code is the learner's own."""
    return f"{now.yours} of {now.core} parts of this stack are yours"


def legend() -> str:
    """What the marks mean."""
    return "   ".join(f"{mark} {words}" for mark, _, words in STATES.values()) + "   ★ spine"


def heading(module: Module) -> str:
    """Number and title of a module."""
    return f"{int(module.folder[:2])} {module.title}"


def in_words(place: Place) -> str:
    """One notebook as a line: `★ 1.1 vectors  ●◐·  2 of 3`."""
    row = place.row
    name = f"{'★' if row.spine else ' '} {row.number} {row.noun}"
    if not row.exists:
        return f"{name}  to come"
    marks = "".join(STATES[state][0] for state in place.states.values())
    count = f"  {marks}  {place.solved} of {len(place.states)}" if place.states else "  no exercises"
    return name + count + ("  done" if place.done else "")


def calibration_words(now: Standing) -> list[str]:
    """How often predictions held, by the confidence that was given with them."""
    shares = now.shares
    settled = sum(share.count for share in shares)
    if not settled:
        return ["No prediction of yours has met its answer yet."]
    lines = [f"Said {share.label}: {share.held} of {share.count} held." for share in shares]
    if settled < ENOUGH:
        return [*lines, f"From {ENOUGH} on you see them as a curve."]
    sure = sum(share.sure * share.count for share in shares) / settled
    held = 100 * sum(share.held for share in shares) / settled
    verdict = f"On average you said {sure:.0f} %, and {held:.0f} % held"
    if sure - held > 10:
        return [*lines, f"{verdict}: make your ranges wider, or say that you are less sure."]
    if held - sure > 10:
        return [*lines, f"{verdict}: you know more than you say, make your ranges narrower."]
    return [*lines, f"{verdict}: your confidence can be trusted."]


def ahead_words(now: Standing) -> list[str]:
    """What comes next, and what to do in this week of five hours."""
    if now.next is None:
        lines = ["You have done all of the spine that is written. `python3 learn.py update` brings what is new."]
    else:
        lines = [f"Next: {now.next.row.number} {now.next.row.noun}. {now.next.row.question}"]
    if not now.plan:
        return lines
    if now.spent >= WEEK:
        lines.append(f"Your five hours of this week are done ({now.spent} minutes). Next week:")
    elif now.spent:
        lines.append(f"This week, {WEEK - now.spent} of {WEEK} minutes are left:")
    else:
        lines.append("This week, in five hours:")
    for place, minutes in now.plan:
        whole = minutes >= place.left
        what = "all of it" if whole and not place.spent else "the rest" if whole else "a part"
        branch = "" if place.row.spine else " (a branch)"
        lines.append(f"– {place.row.number} {place.row.noun}{branch}, {what}, about {minutes} minutes")
    return lines
