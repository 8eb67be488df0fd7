"""`explore`: controls beside a picture, drawn by a plain function of its arguments.

What a notebook stores is the still first frame with its text, so that a page without a kernel shows it and a
test can compare it. Live, a frame is drawn when the events have settled: however many moves arrive while
one frame is being drawn, only the newest is drawn next. An error in the function is shown, never raised.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import io
import traceback
from dataclasses import dataclass

import ipywidgets as widgets
from canvas import Picture, frame, png, render
from controls import control, player, starts
from say import Message

SETTLE = 0.003  # seconds without an event before drawing: long enough to hear what waits in the queue
LONGEST = 0.05  # but no longer than this, however fast events come
ROW = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "0 1.4em"}
FADED = "<style>.not-what-was-asked-for { opacity: 0.35 }</style>"
HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"


def explore(draw, /, *, start: dict | None = None, play: str | None = None, alt=None, **controls):
    """Move the arguments of `draw` and see what it draws.

    draw: a function that draws with pyplot or `show`; what it prints stands below. controls: its arguments,
    as `k=(1, 8)`, `rate=(0.0, 1.0, 0.1)`, `word="king"`, `which=["a", "b"]`. start: where they begin.
    play: the name of the slider that a play button moves. alt: what is to be seen, in words: a text, or a
    function of the same arguments. Raises TypeError or ValueError for controls that `draw` cannot use.
    """
    return Explorer(draw, controls, start, play, alt)


@dataclass(frozen=True)
class Frame:
    """What came of one call of `draw`: an image or an error, what `show` said of it, what was printed."""

    image: object = None
    said: str = ""
    printed: str = ""
    error: str = ""


def run(draw, values: dict) -> Frame:
    """Draw one frame. Never raises for what `draw` does.

    >>> run(lambda k: 1 / k, {"k": 0}).error.partition(" (in")[0]
    'ZeroDivisionError: division by zero'
    """
    import matplotlib.pyplot as plt

    printed = io.StringIO()
    try:
        with frame() as said, contextlib.redirect_stdout(printed):
            draw(**values)
            image = render(plt.gcf())
        return Frame(image, " ".join(said), printed.getvalue().rstrip())
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a learner's function raises is shown
        return Frame(printed=printed.getvalue().rstrip(), error=f"{type(error).__name__}: {error}{where(error, draw)}")


def where(error: BaseException, draw) -> str:
    """The line of the notebook that raised, if it is one of the cell that holds `draw`."""
    cell = getattr(getattr(draw, "__code__", None), "co_filename", None)
    lines = [line for line in traceback.extract_tb(error.__traceback__) if line.filename == cell and line.line]
    return f" (in `{lines[-1].line}`)" if lines else ""


class Explorer(widgets.VBox):
    """The controls and the picture. `values`: the arguments now. `error`: that of the last frame, or ""."""

    _ipython_display_ = None  # ipywidgets 7 has one, and it would leave out the still picture

    def __init__(self, draw, specs: dict, start=None, play=None, alt=None):
        begin = starts(draw, specs, start)
        self.draw, self.alt, self.frames, self._timer, self._since = draw, alt, 0, None, None
        try:
            self._loop = asyncio.get_running_loop()  # that of the main thread, which runs the cells
        except RuntimeError:
            self._loop = None
        self.controls = {name: control(name, spec, begin.get(name)) for name, spec in specs.items()}
        if play is not None and not hasattr(self.controls.get(play), "step"):
            raise ValueError(f"play={play!r} is no slider of this widget: it has {', '.join(specs)}")
        buttons = [player(self.controls[play])] if play else []
        row = widgets.HBox([*buttons, *self.controls.values()], layout=ROW)
        self.message, self.below = widgets.HTML(), widgets.HTML()
        self.picture = widgets.Image(format="png", layout={"max_width": "100%", "flex": "0 0 auto"})
        super().__init__([row, self.message, self.picture, self.below], layout={"align_items": "flex-start"})
        for moved in self.controls.values():
            moved.observe(self.soon, "value")
        self.redraw()
        self.still = self.bundle()

    @property
    def values(self) -> dict:
        """The arguments of the next frame."""
        return {name: control.value for name, control in self.controls.items()}

    def soon(self, change=None) -> None:
        """Draw once the events have settled; at once where no event loop runs.

        JupyterLab may deliver events in another thread. Drawing waits for the main one: pyplot and `print` are
        shared by all, and a cell that runs there must not find them changed under its feet.
        """
        if self._loop is None:
            self.redraw()
        else:
            self._loop.call_soon_threadsafe(self.settle)

    def settle(self) -> None:
        """Put the next frame off a little longer, since something has moved; but not for ever."""
        now = self._loop.time()
        self._since = self._since or now
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(min(SETTLE, max(0.0, self._since + LONGEST - now)), self.redraw)

    def redraw(self) -> None:
        """Draw the frame of the values as they are now."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._since = None
        self.frames += 1
        self.frame, self.text = run(self.draw, self.values), ""
        self.error = self.frame.error
        if self.frame.image is not None:
            self.text = self.described()
            self.picture.width, self.picture.height = map(str, self.frame.image.size)  # its own size, never stretched
            self.picture.value = png(self.frame.image)
        faded = self.picture.add_class if self.frame.image is None else self.picture.remove_class
        faded("not-what-was-asked-for")
        self.message.value = self.complaint() if self.error else ""
        heard = f'<span aria-live="polite" style="{HIDDEN}">{html.escape(self.text)}</span>'
        printed = html.escape(self.frame.printed)
        self.below.value = heard + (f'<pre style="margin:.3em 0">{printed}</pre>' if printed else "")

    def described(self) -> str:
        """The picture in words: `alt`, else what `show` said, else the name and the values."""
        if callable(self.alt):
            try:
                return str(self.alt(**self.values))
            except Exception as error:  # noqa: BLE001  wrong words must not cost the picture
                self.error = f"alt: {type(error).__name__}: {error}"
                return ""
        now = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        return f"{self.alt} ({now})" if self.alt else self.frame.said or f"{self.draw.__name__} at {now}"

    def complaint(self) -> str:
        """The error as the reader sees it, with the call that led to it."""
        now = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        text = f"No picture for `{self.draw.__name__}({now})`: {self.error}"
        return Message(text, "wrong")._repr_html_().replace("<div ", '<div role="alert" ', 1) + FADED

    def bundle(self) -> tuple[dict, dict]:
        """The frame as it is now, for the page: its picture if there is one, and its text."""
        text = "\n".join(filter(None, [self.text or f"No picture: {self.error}", self.frame.printed]))
        if self.frame.image is None:
            return {"text/plain": text}, {}
        data, metadata = Picture(png(self.frame.image, small=True), *self.frame.image.size, self.text).bundle()
        return {**data, "text/plain": text}, metadata

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        """The live view, and beside it the still first frame for readers without a kernel."""
        live = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {**self.still[0], "application/vnd.jupyter.widget-view+json": live}, self.still[1]
