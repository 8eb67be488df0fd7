"""A throw-away JupyterLab and a Chromium that looks at it.

The server has its own settings, log and port, and serves a copy of the course, so that nothing that a test
does reaches the learner's files. `Page` knows the few things that a test asks of a notebook.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from environment import surroundings

ROOT = Path(__file__).resolve().parents[2]
SHOTS = Path(__file__).parent / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
TOKEN = "only-this-machine"
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight stay in the page
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


def missing() -> str:
    """Why there can be no browser test here; "" if there can."""
    try:
        import jupyterlab  # noqa: F401
        import playwright.sync_api  # noqa: F401
    except ImportError as error:
        return f"no {error.name} here: pip install jupyterlab playwright"
    return "" if chromium() else "no Chromium here: install it (Debian: apt-get install chromium) or set CHROMIUM"


def chromium() -> str | None:
    """The Chromium to use: the one in CHROMIUM, or one of the system's."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def course(folder: Path) -> Path:
    """A copy of the course in `folder`, to be opened and changed at will."""
    for part in ROOT.glob("[0-9][0-9]_*"):
        shutil.copytree(part, folder / part.name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    for file in ROOT.iterdir():
        if file.is_file() and not file.name.startswith("."):
            shutil.copy(file, folder)  # what the course reads about itself, such as its requirements
    return folder


def notebook(*sources: str) -> str:
    """The text of a notebook with these code cells; their ids are cell-0, cell-1 …"""
    cells = [
        {"cell_type": "code", "id": f"cell-{n}", "metadata": {}, "execution_count": None, "outputs": [], "source": s}
        for n, s in enumerate(sources)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


class Lab:
    """`jupyter lab` for the files in `root`; what it writes goes to `scratch`. Ends with the `with` block."""

    def __init__(self, root: Path, scratch: Path):
        self.root, self.scratch = Path(root).resolve(), Path(scratch)

    def __enter__(self) -> Lab:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        homes = {f"JUPYTER_{kind}_DIR": str(self.scratch / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
        homes |= {f"JUPYTERLAB_{kind}_DIR": str(self.scratch / kind) for kind in ("WORKSPACES", "SETTINGS")}
        homes["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
        for name, setting in SETTINGS.items():
            file = self.scratch / "SETTINGS" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(setting))
        page = self.scratch / "CONFIG" / "labconfig" / "page_config.json"
        page.parent.mkdir(parents=True)
        page.write_text(json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}))
        self.log = (self.scratch / "lab.log").open("w")
        self.server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
                *(f"--port={self.url.rpartition(':')[2]}", "--ServerApp.port_retries=0"),
                *(f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={self.root}"),
                *("--LabApp.expose_app_in_browser=True", "--LabApp.check_for_updates_class="
                  "jupyterlab.NeverCheckForUpdate"),
            ],
            env=surroundings(os.environ, str(self.scratch / "log")) | homes,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            cwd=self.root,
        )  # fmt: skip
        self.wait()
        return self

    def wait(self, seconds: float = 60) -> None:
        """Until the server answers."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up and self.server.poll() is None:
            try:
                return self.ask("status")
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        raise RuntimeError(f"JupyterLab did not start:\n{(self.scratch / 'lab.log').read_text()[-2000:]}")

    def ask(self, path: str, method: str = "GET"):
        """One request to the server's interface."""
        address = urllib.request.Request(f"{self.url}/api/{path}?token={TOKEN}", method=method)
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.loads(answer.read() or "null")

    def __exit__(self, *reason) -> None:
        self.server.terminate()  # ends its kernels too
        try:
            self.server.wait(15)
        except subprocess.TimeoutExpired:
            self.server.kill()
        self.log.close()


@contextmanager
def browser():
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield opened
        opened.close()


class Page:
    """One notebook, open in the browser. `errors` are those of the page and of its console."""

    def __init__(self, lab: Lab, browser, path: str):
        self.lab, self.errors = lab, []
        self.context = browser.new_context(viewport={"width": 1100, "height": 1000}, has_touch=True)
        self.tab = self.context.new_page()
        self.tab.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        self.tab.on("console", lambda said: said.type == "error" and self.errors.append(f"console: {said.text}"))
        self.tab.goto(f"{lab.url}/doc/tree/{path}?token={TOKEN}", wait_until="domcontentloaded")
        self.until(
            """() => { const open = window.jupyterapp?.shell.currentWidget;
              return document.querySelector('.jp-Notebook .jp-Cell')
                && open?.sessionContext?.session?.kernel?.status === 'idle' }"""
        )

    def until(self, condition: str, arg=None, seconds: float = 60) -> None:
        """Wait until the JavaScript function `condition` is true of the page."""
        self.tab.wait_for_function(condition, arg=arg, timeout=seconds * 1000)

    def run(self, number: int, above: bool = True) -> None:
        """Run cell `number`, and unless told otherwise all cells above it first; wait for the kernel."""
        self.tab.evaluate(
            """async ([n, above]) => { const { commands: run, shell } = window.jupyterapp, open = shell.currentWidget;
              open.content.activeCellIndex = n;
              if (n && above) await run.execute('notebook:run-all-above');
              open.content.activeCellIndex = n;
              await run.execute('notebook:run-cell'); }""",
            [number, above],
        )
        self.until("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'")

    def output(self, number: int):
        """Where the output of cell `number` is shown."""
        return self.tab.locator(".jp-Notebook .jp-Cell").nth(number).locator(".jp-Cell-outputArea")

    def picture(self, number: int) -> str:
        """What is to be seen in that output: a text that differs if and only if the picture does."""
        return self.output(number).evaluate(
            """async (area) => { const seen = [];
              for (const image of area.querySelectorAll('img')) {
                const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
                const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
                seen.push([...hash].map(byte => byte.toString(16)).join('')); }
              for (const svg of area.querySelectorAll('svg[viewBox] g.arrow')) seen.push(svg.outerHTML);
              for (const canvas of area.querySelectorAll('canvas')) seen.push(canvas.toDataURL());
              for (const token of area.querySelectorAll('.token')) seen.push(token.textContent);
              return seen.join(' '); }"""
        )

    def changed(self, number: int, before: str, seconds: float = 15) -> str:
        """The picture of cell `number` once it is no longer `before`."""
        give_up = time.monotonic() + seconds
        while (now := self.picture(number)) == before:
            if time.monotonic() > give_up:
                raise AssertionError(f"the picture of cell {number} did not change within {seconds} s")
            self.tab.wait_for_timeout(30)
        return now

    def calm(self, number: int) -> str:
        """The picture of cell `number` once it has stopped changing."""
        now, then = self.picture(number), None
        while now != then:
            self.tab.wait_for_timeout(250)
            now, then = self.picture(number), now
        return now

    def drag(self, handle, right: float, up: float = 0) -> None:
        """Take hold of `handle` with the mouse and move it by so many pixels."""
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.tab.mouse.move(x, y)
        self.tab.mouse.down()
        self.tab.mouse.move(x + right, y - up, steps=8)
        self.tab.mouse.up()

    def shot(self, name: str, number: int | None = None) -> None:
        """Keep a picture of the page, or of cell `number`, for a human to look at."""
        SHOTS.mkdir(exist_ok=True)
        what = self.tab if number is None else self.tab.locator(".jp-Notebook .jp-Cell").nth(number)
        what.screenshot(path=SHOTS / f"{name}.png")

    def close(self) -> None:
        """Leave the page and end its kernel."""
        self.context.close()
        for session in self.lab.ask("sessions"):
            self.lab.ask(f"sessions/{session['id']}", "DELETE")
