"""Ask, then tell: predictions that are kept before the answer is opened.

Who commits to a number first remembers the answer, and learns how far to trust a hunch. So `predict` writes
range and confidence into the log, `reveal` writes what came of it, and nothing here ever blocks a notebook.
"""

from __future__ import annotations

import ipywidgets
import progress
from baseline import baseline
from calibration import Prediction, holds, settle
from form import Form, button, field, label, markup, number, percent, row, running, shown, words
from quiz import quiz
from say import say

VERDICTS = {
    True: ("good", "it held"),
    False: ("wrong", "it did not hold"),
    None: ("info", "the two cannot be compared"),
}
__all__ = ["baseline", "predict", "quiz", "reveal"]


def predict(slug, question, unit="", choices=None, *, low=None, high=None, choice=None, sure=None) -> Form:
    """Ask for a prediction, as a range (or one of `choices`) and how sure you are in percent; Commit keeps it.

    The last one before `reveal(slug, …)` counts. Without a form to fill in: give `low`, `high` and `sure`, or
    `choice` and `sure`, in the call. Raises ValueError if there are fewer than two `choices`.
    """
    if choices is not None and len(choices) < 2:
        raise ValueError(f"choices must be two or more, got {choices!r}")
    form = Guess(slug, question, unit, None if choices is None else list(choices))
    if (low, high, choice, sure) != (None, None, None, None):
        form.take(low, high, choice, sure)
    return form


class Guess(Form):
    """The form of one prediction."""

    def __init__(self, slug: str, question: str, unit: str, choices: list | None):
        blanks = f"between … and … {in_words(unit)}".rstrip() if choices is None else " · ".join(map(shown, choices))
        answer = "low=…, high=…" if choices is None else "choice=…"
        super().__init__(
            f"Predict: {question}\n  {blanks}, … % sure\n  predict({slug!r}, …, {answer}, sure=…)",
            f"<b>Predict:</b> {markup(question)}<br>{markup(blanks)}, … % sure",
        )
        self.slug, self.question, self.unit, self.choices = slug, question, unit, choices
        self.low, self.high = field("between", width="11em"), field("and", width="9em")
        self.pick = ipywidgets.RadioButtons(
            options=[(label(shown(one)), at) for at, one in enumerate(choices or ())],
            index=None,
            layout=ipywidgets.Layout(width="max-content"),
        )
        self.sure = field("sure, in %", "0 to 100", "12em")
        self.commit = button("Commit", self.press, self.tell, "keep this prediction")
        head = words(question, "Predict:")
        if choices is None:
            after = [ipywidgets.HTML(f"<span>{markup(unit)}</span>")] if unit else []
            self.sure.layout.margin = "2px 2px 2px 1.5em"
            lines = [row(self.low, self.high, *after, self.sure, self.commit)]
        else:
            lines = [self.pick, row(self.sure, self.commit)]
        self.box.children = [head, *lines, self.feedback]
        self.remind()

    def made(self) -> Prediction | None:
        """The prediction as the log has it."""
        return guessed(self.slug)

    def remind(self) -> None:
        """Say what the log holds already; the still does not know it."""
        made = self.made()
        if made and made.value is None:
            self.feedback.value = f"<span>Kept: {markup(said(made))}. Commit again to change it.</span>"

    def press(self) -> None:
        """What the button does: take what the fields hold."""
        choice = None if self.pick.index is None else self.choices[self.pick.index]
        self.take(self.low.value, self.high.value, choice, self.sure.value)

    def take(self, low: object, high: object, choice: object, sure: object) -> None:
        """Keep a prediction in the log, or say what is missing from it."""
        try:
            answer = self.ends(low, high) if self.choices is None else self.one(choice)
            answer["sure"] = percent(sure)
        except ValueError as trouble:
            self.tell(f"{trouble} Nothing was kept.", "wrong")
            return
        before = self.made()
        if before and before.value is not None:
            self.tell("You have opened the answer already, so this one is not kept: the one before it counts.")
            return
        progress.log("predict", notebook=running(), slug=self.slug, question=self.question, unit=self.unit, **answer)
        last = f"It replaces {said(before)}: the last one" if before else "You may commit again; the last one"
        self.tell(f"Committed: {said(self.made())}. {last} before the answer counts.", "good")

    def ends(self, low: object, high: object) -> dict:
        """Both ends of the range. Raises ValueError in words for the learner."""
        if any(end is None or not str(end).strip() for end in (low, high)):
            raise ValueError("A range has two ends: give the lowest and the highest value that you would believe.")
        first, last = number(low, self.unit), number(high, self.unit)
        if first > last:
            raise ValueError(f"The range begins at {shown(first)} and ends below it, at {shown(last)}: swap the two.")
        return {"low": first, "high": last}

    def one(self, choice: object) -> dict:
        """One of the choices. Raises ValueError in words for the learner."""
        if choice not in self.choices:
            known = ", ".join(f"`{shown(each)}`" for each in self.choices)
            raise ValueError(f"Choose one of {known}." if choice is None else f"`{choice}` is none of {known}.")
        return {"choice": choice}


def reveal(slug: str, value: object) -> object:
    """Return `value`, the answer to the prediction `slug`; if you made one, say in a line whether it held.

    >>> reveal("never-predicted", 42)
    42
    """
    made = guessed(slug)
    if made:
        if made.value is None:
            progress.log("reveal", notebook=running(), slug=slug, value=value)
        known = value if isinstance(value, int | float | str) else progress.plain(value)
        held = holds(made, known)
        kind, where = VERDICTS[held]
        say(f"You predicted {said(made)}. It is {shown(known)}: {where}.", kind)
    return value


def guessed(slug: str) -> Prediction | None:
    """The prediction `slug` of the running notebook, with its value if it was revealed."""
    noun = running()
    ours = [one for one in progress.records("predict", "reveal") if (one["notebook"], one["slug"]) == (noun, slug)]
    return next(iter(settle(ours)), None)


def said(made: Prediction) -> str:
    """A prediction in words.

    >>> said(Prediction("n", "s", "?", (3.0, 4.5), None, 80.0, "s"))
    'between 3 and 4.5 s, 80 % sure'
    >>> said(Prediction("n", "s", "?", (10.0, 90.0), None, 70.0, "of 100 clients"))
    'between 10 and 90 (of 100 clients), 70 % sure'
    """
    if made.range is None:
        return f"`{shown(made.choice)}`, {shown(made.sure)} % sure"
    ends = f"between {shown(made.range[0])} and {shown(made.range[1])} {in_words(made.unit)}".rstrip()
    return f"{ends}, {shown(made.sure)} % sure"


def in_words(unit: str) -> str:
    """A unit as it stands behind a number, in brackets if it is more than a word.

    >>> in_words("s"), in_words("from 0 to 1")
    ('s', '(from 0 to 1)')
    """
    return f"({unit})" if " " in unit else unit
