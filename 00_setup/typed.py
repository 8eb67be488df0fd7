"""Typed text as tokens: a box to type in, and beneath it what each tokenizer makes of it, at every key.

What the tokens are is computed by the learner's own functions; here they are only laid out, as pieces in colours.
"""

from __future__ import annotations

import html
from functools import cache
from itertools import cycle

import ipywidgets as widgets
from canvas import INK, Picture, frame, png, render

SHADES = ("#CFE3F2", "#FBE5B6", "#CDEBDD", "#F6D9CF")  # neighbours differ in lightness, too
EDGES = ("#0072B2", "#B98200", "#009E73", "#D55E00")
SIGNS = {" ": "·", "\n": "↵", "\t": "→", "\r": "␍"}
WIDE, POINTS = 6.4, 7.4  # the still picture in inches, and the size of its letters
LETTER, GAP = 0.602 * POINTS / 72 / WIDE, 1.6  # the width of a letter as a share of the picture; of a gap in letters
CHIP = (
    "display:inline-block;white-space:pre;margin:1px;padding:0 2px;border-radius:3px;color:#222;"
    "font-family:monospace;background:{shade};border-bottom:2px solid {edge}"
)


def seen(piece: bytes) -> str:
    """The bytes of a token as they are shown: text where they are text, with signs for what is white; else in hex.

    >>> seen(b" the"), seen("é".encode()), seen("é".encode()[:1]), seen(bytes([7]))
    ('·the', 'é', '⟨C3⟩', '⟨07⟩')
    """
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        text = ""
    text = "".join(SIGNS.get(character, character) for character in text)
    return text if text.isprintable() and text else f"⟨{piece.hex(' ').upper()}⟩"


@cache
def drawn(piece: bytes) -> str:
    """The same for the still picture, whose one font cannot draw every script: hex for what it lacks.

    >>> drawn("né".encode()), drawn("人".encode())
    ('né', '⟨E4 BA BA⟩')
    """
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    font = FT2Font(findfont("DejaVu Sans Mono"))
    has_all = all(font.get_char_index(ord(character)) for character in seen(piece))
    return seen(piece) if has_all else f"⟨{piece.hex(' ').upper()}⟩"


def type_text(read, start: str = ""):
    """Type, and see the tokens.

    read: {name: your function of a text to its tokens, each as (id, bytes)}, one row of pieces for each. start: the
    text to begin with. Raises TypeError for what is no function, or no text.
    """
    for name, function in dict(read).items():
        if not callable(function):
            raise TypeError(
                f"{name}={function!r} is no function: give one that takes a text and returns [(id, bytes), …]"
            )
    if not isinstance(start, str):
        raise TypeError(f"start={start!r} is no text")
    return TypeText(dict(read), start)


def tokens_of(function, text: str) -> tuple[list, str]:
    """What `function` makes of a text, and ""; or no tokens, and what went wrong.

    >>> tokens_of(lambda text: [(7, b"a")], "a"), tokens_of(lambda text: [7], "a")[1]
    (([(7, b'a')], ''), 'returned 7 for a token, expected (id, bytes)')
    """
    try:
        found = list(function(text))
    except (Exception, SystemExit) as error:  # noqa: BLE001  a learner's function may raise anything
        return [], f"raised {type(error).__name__}: {error}"
    for token in found:
        if not (isinstance(token, tuple) and len(token) == 2 and isinstance(token[1], bytes)):
            return [], f"returned {token!r} for a token, expected (id, bytes)"
    return found, ""


def count(tokens: list) -> str:
    """How many there are, in words.

    >>> count([(7, b"a"), (8, b"bcd")]), count([(7, b"a")])
    ('2 tokens, 4 bytes', '1 token, 1 byte')
    """
    size = sum(len(piece) for _, piece in tokens)
    return f"{len(tokens)} token{'s' * (len(tokens) != 1)}, {size} byte{'s' * (size != 1)}"


class TypeText(widgets.VBox):
    """The widget. `text`: what is typed. `rows`: {name: (its tokens, what went wrong)}."""

    _ipython_display_ = None  # ipywidgets 7 has one, and it would leave out the still picture

    def __init__(self, read: dict, start: str):
        self.read = read
        self.box = widgets.Textarea(start, layout={"width": "95%"}, rows=3, placeholder="type here")
        self.box.add_class("type-here")
        self.below = widgets.HTML()
        super().__init__([self.box, self.below])
        self.answer()
        self.still = self.bundle()
        self.box.observe(self.answer, "value")

    @property
    def text(self) -> str:
        """What is typed now."""
        return self.box.value

    def answer(self, change=None) -> None:
        """Read the text with each function and lay its tokens out."""
        self.rows = {name: tokens_of(function, self.text) for name, function in self.read.items()}
        said = (
            f'<div aria-live="polite" style="position:absolute;clip-path:inset(50%)">{html.escape(self.said())}</div>'
        )
        self.below.value = said + "".join(self.row(name, *found) for name, found in self.rows.items())

    def row(self, name: str, tokens: list, error: str) -> str:
        """One tokenizer's row, as HTML; the id of each token shows where the pointer rests on it."""
        head = f'<div style="margin-top:.5em"><b>{html.escape(name)}</b> · {count(tokens)}</div>'
        if error:
            return f'{head}<div role="alert">{html.escape(f"{name} {error}")}</div>'
        chips = [
            f'<span class="token" title="{html.escape(str(ident))}" style="{CHIP.format(shade=shade, edge=edge)}">'
            f"{html.escape(seen(piece))}</span>"
            for (ident, piece), shade, edge in zip(tokens, cycle(SHADES), cycle(EDGES), strict=False)
        ]
        return f'{head}<div style="line-height:1.9">{"".join(chips)}</div>'

    def said(self) -> str:
        """The state in words."""
        found = (f"{name}: {error or count(tokens)}" for name, (tokens, error) in self.rows.items())
        return f"{len(self.text)} characters. " + ". ".join(found) + "."

    def lines(self) -> list[list[tuple[str, int | None]]]:
        """All rows as lines of the still picture: pieces with the number of their colour, a heading without one."""
        laid = []
        for name, (tokens, error) in self.rows.items():
            laid += [[(f"{name} · {error or count(tokens)}", None)], []]
            for n, (_, piece) in enumerate(tokens):
                if sum(len(word) + GAP for word, _ in laid[-1]) + len(drawn(piece)) > 0.97 / LETTER:
                    laid.append([])
                laid[-1].append((drawn(piece), n % len(SHADES)))
        return laid

    def bundle(self) -> tuple[dict, dict]:
        """The state as a picture and a text, for readers without a kernel."""
        import matplotlib.pyplot as plt

        lines = self.lines()
        with frame():
            figure = plt.gcf()
            figure.set_size_inches(WIDE, 0.27 * len(lines) + 0.12)
            for n, line in enumerate(lines):
                x, y = 0.012, 1 - (n + 0.6) / (len(lines) + 0.4)
                for word, shade in line:
                    chip = shade is not None and {"fc": SHADES[shade], "ec": EDGES[shade], "lw": 0.5}
                    box = {**chip, "boxstyle": "round,pad=0.16"} if chip else None
                    figure.text(x, y, word, va="center", color=INK, family="DejaVu Sans Mono", size=POINTS, bbox=box)
                    x += (len(word) + GAP) * LETTER
            image = render(figure)
        return Picture(png(image, small=True), *image.size, f"A box to type in. {self.said()}").bundle()

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        """The live view, and beside it the still picture of how it began."""
        live = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {**self.still[0], "application/vnd.jupyter.widget-view+json": live}, self.still[1]
