"""From `k=(1, 8)` to a slider: what a reader may move, written as the values it may take."""

from __future__ import annotations

import inspect

import ipywidgets as widgets

WIDE = {"layout": {"width": "20em"}, "style": {"description_width": "initial"}}


def control(name: str, spec, start=None):
    """The control for argument `name`, standing at `start` or at its first value.

    (1, 8) whole numbers · (0.0, 1.0) decimals · a third number is the step · "text" · [one, of, these]
    · {"said so": value} · True or False. Raises ValueError for anything else.
    >>> control("k", (1, 8)).value, control("rate", (0.0, 1.0)).step, control("word", "king").value
    (1, 0.01, 'king')
    """
    named = {"description": name.replace("_", " "), **WIDE}
    match spec:
        case bool():
            made = widgets.Checkbox(spec, indent=False, **named)
        case str():
            made = widgets.Text(spec, continuous_update=False, **named)
        case range():
            made = widgets.IntSlider(spec[0], min=spec[0], max=spec[-1], step=spec.step, **named)
        case (int() | float(), int() | float()) | (int() | float(), int() | float(), int() | float()) if isinstance(
            spec, tuple
        ):
            made = slider(name, *spec, named=named)
        case list() | dict() if spec:
            made = widgets.Dropdown(options=spec, **named)
        case _:
            raise ValueError(
                f"{name}={spec!r} cannot be moved: give (low, high), (low, high, step), a text, a list of choices, "
                "a dictionary of choices, True or False"
            )
    if start is not None:
        made.value = start
        if made.value != start:
            raise ValueError(f"{name} cannot start at {start!r}: it moves within {spec!r}")
    return made


def slider(name: str, low, high, step=None, *, named: dict):
    """A slider from `low` to `high`: whole numbers if all of them are whole."""
    if not low < high:
        raise ValueError(f"{name}=({low}, {high}) leaves nothing to move: the first must be less than the second")
    if all(isinstance(bound, int) for bound in (low, high, step or 1)):
        return widgets.IntSlider(low, min=low, max=high, step=step or 1, **named)
    step = step or (high - low) / 100
    digits = max(0, min(6, len(f"{step:.6f}".rstrip("0").partition(".")[2])))
    return widgets.FloatSlider(low, min=low, max=high, step=step, readout_format=f".{digits}f", **named)


def player(moved, milliseconds: int = 250):
    """A play button that moves the slider `moved` through its values, again and again."""
    steps = round((moved.max - moved.min) / moved.step)
    small = {"width": "5em", "flex": "0 0 auto"}
    button = widgets.Play(min=0, max=steps, interval=milliseconds, repeat=True, show_repeat=False, layout=small)
    button.value = round((moved.value - moved.min) / moved.step)

    def forward(change):
        value = moved.min + change["new"] * moved.step
        moved.value = value if isinstance(moved, widgets.FloatSlider) else int(value)

    def back(change):  # moved by hand: go on from there
        button.value = round((change["new"] - moved.min) / moved.step)

    button.observe(forward, "value")
    moved.observe(back, "value")
    return button


def starts(draw, specs: dict, start: dict | None) -> dict:
    """Where each control begins: `start`, else the default in the signature of `draw`, else the first value.

    Raises TypeError if `draw` takes no such arguments, or asks for others.
    """
    parameters = inspect.signature(draw).parameters
    name = getattr(draw, "__name__", "draw")
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    variadic = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    needed = [n for n, p in parameters.items() if p.default is p.empty and p.kind not in variadic]
    for extra in {**specs, **(start or {})}:
        if extra not in specs or not (extra in parameters or takes_all):
            raise TypeError(f"explore moves {extra!r}, but {name} takes {', '.join(parameters) or 'nothing'}")
    for missing in needed:
        if missing not in specs:
            raise TypeError(f"{name} needs {missing!r}: say what values it may take, for example {missing}=(1, 8)")
    defaults = {n: p.default for n, p in parameters.items() if n in specs and p.default is not p.empty}
    return {**defaults, **(start or {})}
