"""Twelve answers, sealed: what you would have said before the course, to be compared with what you say after it.

An answer that is read again is repaired by memory, and then there is no before. So a sealed answer is not
shown until somebody asks for it, none is ever replaced, and what is half written waits in a file of drafts.
"""

from __future__ import annotations

from datetime import datetime

import drafts
import ipywidgets
import progress
from baseline_questions import QUESTIONS
from form import Form, button, field, markup, percent, row, shown, words
from say import Message, say

ROUNDS = ("before the course", "at its end", "four weeks after its end")
HOW = (
    "Two to four sentences each, from what you know now, without looking anything up, and how sure you are that an "
    "expert would agree, from 0 to 100 %. ‘I do not know’, 0 %, is an answer. A sealed answer is not shown again "
    "before the end; you can stop and go on another day."
)


class Baseline(Form):
    """Twelve questions in one round; each is sealed by itself."""

    def __init__(self, round: int):
        title = f"Twelve questions, {ROUNDS[round]}"
        asked = [f"{number:>2}. {ask}" for number, ask in enumerate(QUESTIONS.values(), start=1)]
        items = "".join(f'<li style="margin-bottom:.4em">{markup(ask)}</li>' for ask in QUESTIONS.values())
        super().__init__("\n".join([title, HOW, *asked]), f"<b>{title}.</b> {HOW}<ol>{items}</ol>")
        self.round = round
        self.items = [Item(self, number, id) for number, id in enumerate(QUESTIONS, start=1)]
        head = words(HOW, title)
        self.box.children = [head, *(item.box for item in self.items), self.feedback]
        self.count()

    def count(self) -> None:
        """Say how far it is."""
        done = len(sealed(self.round))
        rest = f"{len(QUESTIONS) - done} to go." if done < len(QUESTIONS) else "They wait until you ask for them."
        self.tell(f"{done} of {len(QUESTIONS)} sealed. {rest}", "good" if done == len(QUESTIONS) else "info")


class Item:
    """One question: a text, a confidence, and a button that seals both."""

    def __init__(self, form: Baseline, number: int, id: str):
        self.form, self.id = form, id
        text, sure = drafts.drafts().get(f"{form.round} {id}", ("", ""))
        self.text = ipywidgets.Textarea(
            text,
            placeholder="two to four sentences",
            continuous_update=False,
            rows=3,
            layout=ipywidgets.Layout(width="100%", max_width="52em"),
        )
        self.sure = field("sure, in %", "0 to 100", "12em", sure)
        self.seal = button("Seal", self.press, self.tell, "keep this answer for good, out of sight")
        self.feedback = ipywidgets.HTML()
        self.fields = [self.text, row(self.sure, self.seal)]
        self.box = ipywidgets.VBox(layout=ipywidgets.Layout(margin="0 0 12px 0"))
        self.head = words(f"{number}. {QUESTIONS[id]}")
        self.text.observe(self.keep, "value")
        self.sure.observe(self.keep, "value")
        self.draw()

    def draw(self) -> None:
        """Fields while it is open, a line once it is sealed."""
        record = sealed(self.form.round).get(self.id)
        self.box.children = [self.head, self.feedback] if record else [self.head, *self.fields, self.feedback]
        if record:
            self.tell(f"Sealed on {day(record)}.", "good")

    def tell(self, text: str, kind: str) -> None:
        """Answer below the question."""
        self.feedback.value = Message(text, kind)._repr_html_()

    def keep(self, _: dict) -> None:
        """Write down what stands in the fields, for the next time."""
        try:
            drafts.keep(f"{self.form.round} {self.id}", self.text.value, self.sure.value)
        except OSError as trouble:
            why = f"This draft is in the form only, the disk refuses it: {trouble.strerror}. Seal it, or copy it."
            self.tell(why, "wrong")

    def press(self) -> None:
        """Seal what stands in the fields."""
        message = seal(self.id, self.text.value, self.sure.value, self.form.round)
        self.tell(message.text, message.kind)
        if self.id in sealed(self.form.round):
            self.text.value = self.sure.value = ""  # and with them the draft
        self.draw()
        self.form.count()


def baseline(round: int = 0) -> Baseline:
    """Ask the twelve questions: `round` 0 before the course, 1 at its end, 2 four weeks later.

    Answers are sealed one by one; `baseline.open(round)` shows them. Raises ValueError for another round.
    """
    check_round(round)
    return Baseline(round)


def seal(id: str, text: str, sure: float, round: int = 0) -> Message:
    """Keep one answer for good, unless this round has one already; says what came of it.

    Raises ValueError for an unknown round or question.
    """
    check_round(round)
    if id not in QUESTIONS:
        raise ValueError(f"no question is called {id!r}; there are {', '.join(QUESTIONS)}")
    record = sealed(round).get(id)
    if record:
        return Message(f"This was sealed on {day(record)} and stays as it is.", "info")
    try:
        if not text.strip():
            raise ValueError("There is nothing to seal yet. ‘I do not know’, 0 % sure, is an answer too.")
        share = percent(sure)
    except ValueError as trouble:
        return Message(f"{trouble} Nothing was sealed.", "wrong")
    progress.log("baseline", round=round, question=id, text=text.strip(), sure=share)
    return Message("Sealed.", "good")


def open_sealed(round: int = 0) -> None:
    """Show the sealed answers of `round`, folded, and say what reading them breaks."""
    check_round(round)
    answers = sealed(round)
    if not answers:
        say(f"No answer was sealed {ROUNDS[round]}. `baseline({round})` asks the questions.")
        return
    later = [other for other in range(round + 1, len(ROUNDS)) if len(sealed(other)) < len(QUESTIONS)]
    if later:
        say(
            f"What you read now you will remember when the questions are asked {ROUNDS[later[0]]}. Then you compare a "
            "memory with a memory, and the number that shows what you learned is gone. It cannot be sealed again: the "
            "log notes that you looked. To leave it sealed, do not unfold what is below.",
            "wrong",
        )
    progress.log("opened", round=round, early=bool(later))
    from IPython.display import display

    display(Sealed(round, answers))


class Sealed:
    """Answers that were sealed, folded away until somebody unfolds them."""

    def __init__(self, round: int, answers: dict[str, dict]):
        self.round, self.answers = round, answers

    def __repr__(self) -> str:
        lines = [f"Answers {ROUNDS[self.round]}"]
        for id, record in self.answers.items():
            lines += [QUESTIONS.get(id, id), f"  {record['text']} ({shown(record.get('sure'))} % sure, {day(record)})"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        items = "".join(
            f"<p><b>{markup(QUESTIONS.get(id, id))}</b><br>{markup(record['text'])}<br>"
            f"<small>{shown(record.get('sure'))} % sure, {day(record)}</small></p>"
            for id, record in self.answers.items()
        )
        return f"<details><summary>{len(self.answers)} answers, {ROUNDS[self.round]}</summary>{items}</details>"


def sealed(round: int) -> dict[str, dict]:
    """The records of one round by question. The first of a question counts: nothing replaces an answer."""
    found: dict[str, dict] = {}
    for record in progress.records("baseline"):
        if record["round"] == round:
            found.setdefault(record["question"], record)
    return found


def day(record: dict) -> str:
    """The day of a record where the learner is, such as 3 November 2026."""
    when = datetime.fromisoformat(record["t"]).astimezone()
    return f"{when.day} {when:%B %Y}"


def check_round(round: int) -> None:
    """Raise ValueError for a round that does not exist."""
    if round not in range(len(ROUNDS)):
        raise ValueError(f"round is 0 ({ROUNDS[0]}), 1 ({ROUNDS[1]}) or 2 ({ROUNDS[2]}), got {round!r}")


baseline.open = open_sealed
baseline.seal = seal
