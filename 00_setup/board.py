"""The board: the whole course on one page, and how you solved what you solved.

Solved unaided, solved with hints and solved after seeing the solution are three different things, and the
board never adds them up: a number that merges them would reward pressing the button.
"""

from __future__ import annotations

import html
from datetime import datetime

from board_words import ENOUGH, STATES, ahead_words, calibration_words, escaped, heading, headline, in_words, legend
from coming_back import review_session
from course import Module
from standing import Place, Standing, standing

__all__ = ["board", "review_session"]
GREY = "rgba(128,128,128,.45)"
LINE = f"1px solid {GREY}"


class Board:
    """What `board()` shows: plain text anywhere, one block of HTML in a notebook."""

    def __init__(self, now: Standing):
        self.now = now

    def __repr__(self) -> str:
        lines = [headline(self.now), legend(), ""]
        for module, places in self.now.modules:
            lines += [heading(module), *(f"  {in_words(place)}" for place in places), ""]
        lines += [*calibration_words(self.now), "", *ahead_words(self.now)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(module_row(module, places, self.now.next) for module, places in self.now.modules)
        table = f'<table style="border-collapse:collapse;width:100%;margin:.6em 0 1em;font-size:inherit">{rows}</table>'
        ahead = "<br>".join(map(escaped, ahead_words(self.now)))
        trust = "<br>".join(map(escaped, calibration_words(self.now)))
        below = columns(("What comes next", ahead), ("How well you predict", curve(self.now) + trust))
        return (
            '<div style="max-width:62em;line-height:1.5;font-size:14px">'
            f'<div style="font-size:1.25em;font-weight:600">{escaped(headline(self.now))}</div>'
            f"{bar(self.now)}{coloured_legend()}{table}{below}</div>"
        )


def board(now: datetime | None = None) -> None:
    """Show the whole course: what is solved and how, how well you predict, what comes next.

    `now`, with its time zone, decides which week is planned; it is today if not given.
    """
    show(Board(standing(now)))


def show(thing: object) -> None:
    """Display `thing` in a notebook, print it anywhere else."""
    from IPython import get_ipython
    from IPython.display import display

    display(thing) if get_ipython() else print(thing)


def bar(now: Standing) -> str:
    """How much of the stack is the learner's, as a thin line."""
    share = 100 * now.yours / now.core if now.core else 0
    return (
        '<div style="height:6px;border-radius:3px;background:rgba(128,128,128,.22);margin:.5em 0 .7em">'
        f'<div style="height:6px;border-radius:3px;width:{share:.1f}%;background:{STATES["unaided"][1]}"></div></div>'
    )


def mark(state: str, name: str = "") -> str:
    """The mark of an exercise; its name and state are said by the pointer and to screen readers."""
    sign, colour, words = STATES[state]
    said = f' title="{html.escape(name)}: {words}" role="img" aria-label="{html.escape(name)}: {words}"' if name else ""
    return f'<span style="color:{colour};font-weight:bold"{said}>{sign}</span>'


def coloured_legend() -> str:
    """The legend, each mark in its colour."""
    items = [f"{mark(state)} {words}" for state, (_, _, words) in STATES.items()] + ["★ spine, the others are branches"]
    shown = "".join(f'<span style="display:inline-block;margin-right:1.2em">{item} </span>' for item in items)
    return f'<div style="font-size:.92em">{shown}</div>'


def module_row(module: Module, places: tuple[Place, ...], following: Place | None) -> str:
    """A row of the table: the module, a card a notebook, and behind them those to come."""
    cell = f"border:none;border-top:{LINE};padding:.55em .4em;text-align:left;vertical-align:top;white-space:normal"
    cards = "".join(card(place, place is following) for place in places if place.row.exists)
    later = "".join(frame(title(place), f"border:1px dashed {GREY}") for place in places if not place.row.exists)
    if later:
        later = f'<div style="opacity:.66;font-size:.92em"><i style="margin-right:.5em">to come:</i> {later}</div>'
    return (
        f'<tr style="background:transparent"><th style="{cell};width:11em;font-weight:600">{escaped(heading(module))}'
        f'</th><td style="{cell}">{cards}{later}</td></tr>'
    )


def title(place: Place) -> str:
    """Star, number and name of a notebook."""
    return f"{'★ ' if place.row.spine else ''}{place.row.number} {place.row.noun}"


def card(place: Place, is_next: bool) -> str:
    """A written notebook: its link, and a mark an exercise."""
    file, question = f"../{place.row.file}.ipynb", html.escape(place.row.question)
    marks = " ".join(mark(state, name) for name, state in place.states.items()) or "no exercises"
    note = " ✓ done" if place.done else " ← next" if is_next else ""
    edge = STATES["unaided"][1] if place.done else STATES["with hints"][1] if is_next else GREY
    look = f"border:1px solid {edge};border-left:4px solid {edge}"
    return frame(f'<a href="{file}" title="{question}">{title(place)}</a><br>{marks}<small>{note}</small>', look)


def frame(inside: str, look: str) -> str:
    """Something in a rounded frame, beside others."""
    shape = "display:inline-block;border-radius:6px;padding:.15em .6em;margin:.15em .25em .15em 0"
    return f'<span style="{shape};{look}">{inside}</span> '


def columns(*parts: tuple[str, str]) -> str:
    """Titled paragraphs side by side, or below each other where there is no room."""
    shown = "".join(f'<div style="flex:1 1 24em"><b>{title}</b><br>{body}</div>' for title, body in parts)
    return f'<div style="display:flex;flex-wrap:wrap;gap:1em 2.5em">{shown}</div>'


def curve(now: Standing) -> str:
    """Said against held, a circle a level of confidence; nothing while there are too few."""
    if sum(share.count for share in now.shares) < ENOUGH:
        return ""
    size = 150
    dots = "".join(
        f'<circle cx="{share.sure / 100 * size:.1f}" cy="{size - share.held / share.count * size:.1f}" '
        f'r="{3 + share.count**0.5:.1f}" fill="{STATES["with hints"][1]}" fill-opacity=".85"/>'
        for share in now.shares
    )
    return (
        f'<svg viewBox="-46 -10 {size + 62} {size + 46}" width="{size + 62}" role="img" '
        'aria-label="how many predictions held, by the confidence given" fill="currentColor" font-size="11" '
        'style="float:right;margin-left:1em">'
        f'<path d="M0 0V{size}H{size}" fill="none" stroke="currentColor" stroke-opacity=".5"/>'
        f'<path d="M0 {size}L{size} 0" stroke="currentColor" stroke-opacity=".5" stroke-dasharray="4 4"/>{dots}'
        f'<text x="-5" y="5" text-anchor="end">100 %</text><text x="-5" y="{size}" text-anchor="end">0 %</text>'
        f'<text x="-10" y="{size / 2}" text-anchor="middle" transform="rotate(-90 -10 {size / 2})">held</text>'
        f'<text x="{size / 2}" y="{size + 18}" text-anchor="middle">said, 0 to 100 %</text></svg>'
    )
