"""A piece of code to look at: with its indentation, in a notebook as well as on a terminal."""

from __future__ import annotations

import html
import sys


class Listing:
    """Source code as a display."""

    def __init__(self, source: str):
        self.source = source.strip("\n")

    def __repr__(self) -> str:
        return self.source

    def _repr_html_(self) -> str:
        return f'<pre style="padding:.5em .8em;max-width:60em">{html.escape(self.source, quote=False)}</pre>'

    def show(self) -> None:
        """Show it in the notebook, or print it where there is none."""
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        if shell is None:
            print(self.source)
        else:
            from IPython.display import display

            display(self)

    def bring_back(self) -> None:
        """Put it into a new cell below, or print it where there are no cells."""
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        if shell is None:
            print(self.source)
        else:
            shell.set_next_input(self.source)
