"""A line a day, a post a week: what worked, what did not, what is still dark, what became clear.

A week that ends in a post ends in something to show. What is written here stays on this machine; what is
exported is redacted first, and it is a file that you read, and publish or not.
"""

from __future__ import annotations

import ipywidgets
import progress
from form import Form, button, row
from say import say
from weekly_post import QUESTIONS, export_week

__all__ = ["export_week", "journal"]
CALL = 'journal(win="…", struggle="…", confusion="…", breakthrough="…")'


class Page(Form):
    """Four fields and a button; the questions alone where nothing is running."""

    def __init__(self) -> None:
        lines = [f"  {what}: {question}" for what, question in QUESTIONS.items()]
        rows = "".join(f"<li>{what}: {question}</li>" for what, question in QUESTIONS.items())
        super().__init__(
            "\n".join(["Journal", *lines, f"  {CALL}"]), f"<b>Journal</b><ul>{rows}</ul><code>{CALL}</code>"
        )
        wide = ipywidgets.Layout(width="46em", max_width="98%", height="4em")
        self.fields = {
            what: ipywidgets.Textarea(description=what, placeholder=question, layout=wide)
            for what, question in QUESTIONS.items()
        }
        self.keep = button("Keep", self.press, "write it to the log on this machine")
        self.box.children = [*self.fields.values(), row(self.keep), self.feedback]

    def press(self) -> None:
        """Log what is filled in, and empty the fields."""
        written = {what: field.value for what, field in self.fields.items() if field.value.strip()}
        write(written)
        for field in self.fields.values():
            field.value = ""
        self.tell(*answer(written))


def answer(written: dict[str, str]) -> tuple[str, str]:
    """What to say once `written` is kept, and in which manner."""
    return (f"Kept: {', '.join(written)}.", "good") if written else ("Nothing was written, so nothing is kept.", "info")


def journal(
    win: str | None = None, struggle: str | None = None, confusion: str | None = None, breakthrough: str | None = None
) -> None:
    """Keep a line of your day in the log on this machine; with nothing given, show a form."""
    given = {"win": win, "struggle": struggle, "confusion": confusion, "breakthrough": breakthrough}
    written = {what: text for what, text in given.items() if text is not None and text.strip()}
    if any(text is not None for text in given.values()):
        write(written)
        say(*answer(written))
        return
    from IPython import get_ipython
    from IPython.display import display

    display(Page()) if get_ipython() else print(Page())


def write(written: dict[str, str]) -> None:
    """Log each text under what it is."""
    for what, text in written.items():
        progress.log("journal", what=what, text=text.strip())
