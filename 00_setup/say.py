"""One way to talk to the learner: a short paragraph with a colour and a word that says what it is."""

from __future__ import annotations

import html
import re

# Colour-blind safe (Okabe and Ito 2008), and never the only sign: each kind has its own mark as well.
KINDS = {
    "info": ("·", "#777777"),
    "good": ("✓", "#009E73"),
    "wrong": ("✗", "#D55E00"),
    "hint": ("→", "#0072B2"),
}


class Message:
    """A paragraph that reads well as HTML in a notebook and as plain text anywhere else.

    `code` in backticks is set as code. Line breaks are kept.
    """

    def __init__(self, text: str, kind: str = "info"):
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
        self.text, self.kind = text, kind

    def __repr__(self) -> str:
        return f"{KINDS[self.kind][0]} {self.text}"

    def _repr_html_(self) -> str:
        mark, colour = KINDS[self.kind]
        body = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html.escape(self.text, quote=False)).replace("\n", "<br>")
        return (
            f'<div style="border-left:4px solid {colour};padding:.3em .8em;max-width:52em;line-height:1.5">'
            f'<span style="color:{colour};font-weight:bold">{mark}</span> {body}</div>'
        )


def say(text: str, kind: str = "info") -> None:
    """Show `text` in the notebook, or print it where there is none.

    >>> say("cosine is yours", "good")
    ✓ cosine is yours
    """
    message = Message(text, kind)
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(message)
        return
    if get_ipython() is None:
        print(message)
    else:
        display(message)
