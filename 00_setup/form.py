"""What every form of the course has in common: it is live where a kernel runs, and a text everywhere else.

A widget exists as long as its kernel. On GitHub, in exported HTML, in a terminal and in the tests there is
none, so each form carries a still of itself that never changes: no ids, nothing from the learner's log. What
the form answers appears inside the form, never as captured output, which tests could not compare.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable

import ipywidgets
import notebook
from say import Message

VIEW = "application/vnd.jupyter.widget-view+json"
WIDTH = "52em"  # of a line that is read with ease
THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?")


class Form:
    """A live form whose still (`text`, `html`) is what a page without a kernel shows.

    `tell` answers inside the form. In a terminal the answer follows the text.
    """

    def __init__(self, text: str, markup: str):
        self.text, self.html = text, f'<div style="max-width:{WIDTH};line-height:1.5">{markup}</div>'
        self.box = ipywidgets.VBox()
        self.feedback = ipywidgets.HTML()
        self.message: Message | None = None

    def tell(self, text: str, kind: str = "info") -> None:
        """Answer the learner inside the form."""
        self.message = Message(text, kind)
        self.feedback.value = self.message._repr_html_()

    def __repr__(self) -> str:
        return self.text if self.message is None else f"{self.text}\n{self.message!r}"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        return {"text/plain": self.text, "text/html": self.html, VIEW: view}


def running() -> str:
    """The noun of the notebook that is running, "" outside of one."""
    path = notebook.here()
    return notebook.noun(path) if path else ""


def markup(text: str) -> str:
    """`text` as HTML, code in backticks as code.

    >>> markup("is `a < b`?")
    'is <code>a &lt; b</code>?'
    """
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html.escape(text, quote=False)).replace("\n", "<br>")


def label(text: str) -> str:
    """`text` where only plain characters can stand, as beside a radio button.

    >>> label("it grows with `b`")
    'it grows with ‘b’'
    """
    return re.sub(r"`([^`\n]+)`", "‘\\1’", text)


def words(text: str, title: str = "") -> ipywidgets.HTML:
    """A paragraph of a live form, with what it is about in front."""
    bold = f"<b>{markup(title)}{'' if title.endswith(':') else '.'}</b> " if title else ""
    return ipywidgets.HTML(f'<div style="max-width:{WIDTH};line-height:1.5">{bold}{markup(text)}</div>')


def field(description: str, hint: str = "", width: str = "9em", value: str = "") -> ipywidgets.Text:
    """A one-line field with its label. It reports when it is left, so that a click on a button never overtakes it."""
    return ipywidgets.Text(
        value,
        description=description,
        placeholder=hint,
        continuous_update=False,
        style={"description_width": "initial"},
        layout=ipywidgets.Layout(width=width),
    )


def row(*widgets: ipywidgets.Widget) -> ipywidgets.HBox:
    """Widgets side by side, wrapping where the page is narrow."""
    return ipywidgets.HBox(widgets, layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"))


def button(text: str, act: Callable, tell: Callable, tip: str = "") -> ipywidgets.Button:
    """A button that calls `act()`. An error in it is told in the form, where a callback has no other place for it."""

    def clicked(_: ipywidgets.Button) -> None:
        try:
            act()
        except Exception as trouble:
            tell(f"This did not work, and it is not your doing: `{type(trouble).__name__}: {trouble}`.", "wrong")
            raise

    made = ipywidgets.Button(description=text, tooltip=tip, layout=ipywidgets.Layout(width="auto", min_width="6em"))
    made.on_click(clicked)
    return made


def number(given: object, unit: str = "") -> float:
    """The number that somebody typed, with thousands separated or its unit behind it if they like.

    Raises ValueError, in words for the learner, for what is no finite number.
    >>> number("1,200 s", unit="s"), number("−0.5"), number(3)
    (1200.0, -0.5, 3.0)
    """
    text = str(given).strip().replace("−", "-")
    if unit and text.endswith(unit):
        text = text.removesuffix(unit).strip()
    if THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    try:
        found = float(text)
    except ValueError:
        raise ValueError(f"`{given}` is no number. Write one with a decimal point, such as 0.5, 1200 or 3e6.") from None
    if not math.isfinite(found):
        raise ValueError(f"`{given}` has no end. Write a number, however large.")
    return found


def percent(given: object) -> float:
    """How sure somebody is, in percent. Raises ValueError, in words for the learner, outside 0 to 100.

    >>> percent("80 %")
    80.0
    """
    if given is None or not str(given).strip():
        raise ValueError("How sure are you? Give a number from 0 to 100, in percent.")
    sure = number(given, unit="%")
    if not 0 <= sure <= 100:
        raise ValueError(f"How sure are you? {shown(sure)} % is outside 0 to 100.")
    if 0 < sure < 1:
        raise ValueError(f"{sure:g} % is nearly nothing. Confidence is in percent: did you mean {sure * 100:g}?")
    return sure


def shown(value: object) -> str:
    """A value in a sentence: whole numbers with thousands separated, others with four significant digits.

    >>> shown(1200.0), shown(0.123456), shown("left")
    ('1,200', '0.1235', 'left')
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    whole = math.isfinite(value) and value == int(value) and abs(value) < 1e15
    return f"{int(value):,}" if whole else f"{value:.4g}"
