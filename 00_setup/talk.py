"""A chat box: type, send, and watch the answer come; stop it when it has said enough.

What is said comes from the learner's own function, a generator of pieces of text. It runs in a thread of its own, so
that Stop is heard while it speaks. The still picture is an exchange that took place when the cell was run.
"""

from __future__ import annotations

import html
import textwrap
import threading
from time import perf_counter

import ipywidgets as widgets
from canvas import BLUE, GREY, INK, Picture, frame, png, render

WIDE, LETTERS = 6.4, 84  # the still picture: inches, and letters in a line
BUBBLE = "white-space:pre-wrap;margin:.25em 0;padding:.3em .6em;border-left:3px solid {edge}"


def chat_box(reply, ask: str = ""):
    """Chat with `reply`, from the first question on.

    reply: your function of a list of messages, {"role": …, "content": …}, to pieces of text, one after the other. ask:
    the first question, answered at once. Raises TypeError for what is no function, or no text.
    """
    if not callable(reply):
        raise TypeError(f"reply={reply!r} is no function: give one that takes messages and yields pieces of text")
    if not isinstance(ask, str):
        raise TypeError(f"ask={ask!r} is no text")
    return ChatBox(reply, ask)


def pace(times: list[float]) -> str:
    """How fast pieces came at first and come now, in words.

    >>> pace([0.0, 0.5, 1.0]), pace([0.0, *(i / 10 for i in range(1, 11)), *(1 + i for i in range(1, 11))])
    ('2 pieces', '20 pieces: 10.0 a second at first, 1.0 now')
    """
    pieces = len(times) - 1
    if pieces < 20:
        return f"{pieces} piece{'s' * (pieces != 1)}"
    first, now = (10 / max(b - a, 1e-9) for a, b in ((times[0], times[10]), (times[-11], times[-1])))
    return f"{pieces} pieces: {first:.1f} a second at first, {now:.1f} now"


class ChatBox(widgets.VBox):
    """The widget. `messages`: what was said. `error`: what the last answer raised, or "". `wait`: until it is said."""

    _ipython_display_ = None  # ipywidgets 7 has one, and it would leave out the still picture

    def __init__(self, reply, ask: str):
        self.reply, self.messages, self.error, self.thread = reply, [], "", None
        self.halt = threading.Event()
        self.shown, self.status = widgets.HTML(), widgets.HTML()
        self.box = widgets.Textarea(layout={"width": "95%"}, rows=2, placeholder="say something")
        self.box.add_class("say-here")
        self.send, self.stop, self.anew = (widgets.Button(description=word) for word in ("Send", "Stop", "New chat"))
        self.stop.disabled = True
        for button, act in ((self.send, self.ask), (self.stop, self.hush), (self.anew, self.forget)):
            button.on_click(act)
        row = widgets.HBox([self.send, self.stop, self.anew, self.status])
        super().__init__([self.shown, self.box, row])
        if ask:
            self.messages.append({"role": "user", "content": ask})
            self.answer()
        self.still = self.bundle()

    def ask(self, button=None) -> None:
        """Send what is in the box, unless an answer is on its way."""
        text = self.box.value.strip()
        if text and self.stop.disabled:
            self.stop.disabled, self.box.value = False, ""
            self.messages.append({"role": "user", "content": text})
            self.thread = threading.Thread(target=self.answer, daemon=True)
            self.thread.start()

    def hush(self, button=None) -> None:
        """Stop the answer after its next piece."""
        self.halt.set()

    def forget(self, button=None) -> None:
        """Begin a new chat."""
        self.hush()
        self.wait()
        self.messages, self.error, self.status.value = [], "", ""
        self.write()

    def wait(self, seconds: float | None = None) -> None:
        """Until the answer that is on its way has been given."""
        if self.thread is not None:
            self.thread.join(seconds)

    def answer(self) -> None:
        """Let `reply` answer what was said so far, and show each piece as it comes."""
        self.halt.clear()
        self.error, said, times = "", {"role": "assistant", "content": ""}, [perf_counter()]
        self.stop.disabled, asked = False, list(self.messages)
        self.messages.append(said)
        try:
            for piece in self.reply(asked):
                said["content"] += piece
                times.append(perf_counter())
                self.status.value = pace(times)
                self.write()
                if self.halt.is_set():
                    self.status.value += ", stopped"
                    break
        except (Exception, SystemExit) as error:  # noqa: BLE001  a learner's function may raise anything
            self.error = f"{getattr(self.reply, '__name__', 'reply')} raised {type(error).__name__}: {error}"
        if not said["content"]:
            self.messages.pop()
        self.stop.disabled = True
        self.write()

    def write(self) -> None:
        """The conversation as HTML; whatever it says, it stays text."""
        parts = [
            f'<div style="{BUBBLE.format(edge=BLUE if message["role"] == "assistant" else GREY)}">'
            f"<b>{html.escape(message['role'])}</b>\n{html.escape(message['content'])}</div>"
            for message in self.messages
        ]
        alert = f'<div role="alert">{html.escape(self.error)}</div>' if self.error else ""
        self.shown.value = f'<div aria-live="polite">{"".join(parts)}</div>{alert}'

    def said(self) -> str:
        """The conversation as plain text."""
        lines = [f"{message['role']}: {message['content']}" for message in self.messages]
        return "\n".join([*lines, *([self.error] if self.error else [])]) or "An empty chat box."

    def bundle(self) -> tuple[dict, dict]:
        """The conversation as a picture and a text, for readers without a kernel."""
        import matplotlib.pyplot as plt

        lines = []
        for message in self.messages:
            colour = BLUE if message["role"] == "assistant" else INK
            for paragraph in f"{message['role']}: {message['content']}".split("\n"):
                lines += [(line, colour) for line in textwrap.wrap(paragraph, LETTERS) or [""]]
        with frame():
            figure = plt.gcf()
            figure.set_size_inches(WIDE, 0.21 * (len(lines) + 1) + 0.15)
            for n, (line, colour) in enumerate([*lines, ("[ say something ]   Send   Stop   New chat", GREY)]):
                figure.text(0.015, 1 - (n + 0.7) / (len(lines) + 1.6), line, va="center", color=colour, size=8.5)
            image = render(figure)
        return Picture(png(image, small=True), *image.size, self.said()).bundle()

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        """The live view, and beside it the still picture of how it began."""
        live = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {**self.still[0], "application/vnd.jupyter.widget-view+json": live}, self.still[1]
