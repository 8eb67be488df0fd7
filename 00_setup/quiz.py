"""A quiz at the end of a notebook: every option has something to say, the wrong ones above all.

The first try is the one that the log keeps; the second is for learning.
"""

from __future__ import annotations

import html

import ipywidgets
import judges
import progress
from form import Form, button, label, markup, row, words
from say import Message


class Quiz(Form):
    """The questions of one notebook, each answered by choosing and pressing Answer."""

    def __init__(self, noun: str, questions: tuple):
        lines = [f"Quiz: {noun}"]
        for number, one in enumerate(questions, start=1):
            lines += [f"{number}. {one.ask}", *(f"   ○ {text}" for text, _ in one.options)]
        asked = "".join(
            f'<li style="margin-bottom:.6em">{markup(one.ask)}'
            + "".join(f"<br>○ {markup(text)}" for text, _ in one.options)
            + "</li>"
            for one in questions
        )
        super().__init__("\n".join(lines), f"<b>Quiz: {html.escape(noun)}</b><ol>{asked}</ol>")
        self.items = [Item(noun, number, one) for number, one in enumerate(questions, start=1)]
        self.box.children = [item.box for item in self.items]


class Item:
    """One question: two tries, of which the first goes into the log."""

    def __init__(self, noun: str, number: int, question: judges.Question):
        self.noun, self.question, self.tries = noun, question, 0
        self.options = ipywidgets.RadioButtons(
            options=[(label(text), at) for at, (text, _) in enumerate(question.options)],
            index=None,
            layout=ipywidgets.Layout(width="auto", margin="2px 2px 2px 1em"),
        )
        self.answer = button("Answer", self.take, self.tell, "two tries; the first one counts")
        self.feedback = ipywidgets.HTML()
        line = row(self.answer)
        line.layout.margin = "0 0 0 1em"
        self.box = ipywidgets.VBox(
            [words(f"{number}. {question.ask}"), self.options, line, self.feedback],
            layout=ipywidgets.Layout(margin="0 0 12px 0"),
        )

    def take(self) -> None:
        """Take the chosen option as an answer."""
        chosen = self.options.value
        if chosen is None:
            self.tell("Choose one of the options first.", "info")
            return
        if self.answer.disabled:
            return
        right = chosen == self.question.right
        text, why = self.question.options[chosen]
        if self.tries == 0:
            progress.log("quiz", notebook=self.noun, question=self.question.id, choice=text, right=right)
        self.tries += 1
        if right:
            self.close(why, "good")
        elif self.tries == 1:
            self.tell(f"{why}\nOne more try; the first is in the log.", "wrong")
        else:
            answer, because = self.question.options[self.question.right]
            self.close(f"{why}\nThe answer is: {answer}. {because}", "wrong")

    def close(self, text: str, kind: str) -> None:
        """Answer for the last time."""
        self.options.disabled = self.answer.disabled = True
        self.tell(text, kind)

    def tell(self, text: str, kind: str) -> None:
        """Answer below the question."""
        self.message = Message(text, kind)
        self.feedback.value = self.message._repr_html_()


def quiz(noun: str) -> Quiz:
    """Ask the questions of the notebook `noun`. Two tries each; the first one goes into the log.

    Raises LookupError if nothing judges that notebook, ValueError if it asks no questions.
    """
    questions = judges.load(noun).quiz
    if not questions:
        raise ValueError(f"{noun!r} has no quiz: `QUIZ` in 00_setup/judges/{noun}.py is missing or empty")
    return Quiz(noun, questions)
