"""Review a change that looks convincing: merge it or not, say how sure you are, and give an input that proves it.

Both versions are run on that input, so the verdict is something that happened and no opinion. A third of the
changes are right; their truth stands in `judges/`, the published source in the notebook.
"""

from __future__ import annotations

import copy
import html

import ipywidgets
import judges
import progress
from compare import short
from form import Form, button, field, markup, percent, row, running, words
from guard import Outcome, attempt
from proposal import SECONDS, differ, run, versions

COLOURS = {"+": "rgba(0,158,115,.22)", "-": "rgba(213,94,0,.22)", " ": "transparent"}


def review(slug, diff, explanation, accept=None, sure=None, case=None) -> Form:
    """Show a proposed change and its explanation, and judge your review of it.

    accept: would you merge it? sure: in percent. case: the arguments on which the two versions differ, a tuple;
    anything else is taken as the only argument. Answer in the call or in the form.
    Raises LookupError if the notebook knows no such review, ValueError if `diff` does not fit the published source.
    """
    form = Review(running(), slug, diff, explanation)
    if (accept, sure) != (None, None) or case is not None:
        form.take(accept, sure, case)
        form.settle()
    return form


class Review(Form):
    """The form of one review."""

    def __init__(self, noun: str, slug: str, diff: str, explanation: str):
        self.noun, self.slug, self.verdict = noun, slug, verdict(noun, slug)
        self.name = self.verdict.of
        self.old, self.new = versions(noun, self.name, diff)
        ask = f"Would you merge this change of `{self.name}`?"
        how = "Answer with accept=True or False, sure=0 to 100, and case=(…), the arguments that show a fault."
        lines = [ask, "", *diff.strip("\n").splitlines(), "", f"“{explanation}”", "", how]
        page = f"<b>{markup(ask)}</b>{coloured(diff)}“{markup(explanation)}”"
        super().__init__("\n".join(lines), f"{page}<br>{how}")
        head = words("")
        head.value = self.html.removesuffix(f"<br>{how}</div>") + "</div>"
        self.accept = ipywidgets.RadioButtons(
            options=[("merge it", True), ("send it back", False)],
            index=None,
            layout=ipywidgets.Layout(width="auto", margin="8px 2px"),
        )
        self.sure = field("sure, in %", "0 to 100", "12em")
        self.case = field("a case that shows the fault, its arguments:", "[1, 2], 3", "36em")
        self.case.layout.max_width = "100%"
        self.commit = button("Commit", self.press, self.tell, "run both versions on your case")
        self.box.children = [head, self.accept, self.case, row(self.sure, self.commit), self.feedback]

    def settle(self) -> None:
        """An answer given in the call is part of the page: show it in the still, and no fields."""
        self.text += f"\n\n{self.message!r}"
        self.html += self.message._repr_html_()
        self.box.children = [self.box.children[0], self.feedback]
        self.message = None

    def press(self) -> None:
        """What the button does: read the case, which may use the names of the notebook, and take the answer."""
        from IPython import get_ipython

        shell, text = get_ipython(), self.case.value.strip()
        read = attempt(lambda: eval(text, dict(shell.user_ns) if shell else {}), seconds=SECONDS)
        if text and read.kind != "value":
            self.tell(f"The case cannot be read: `{read}`. Write the arguments as in a call of `{self.name}`.", "wrong")
            return
        self.take(self.accept.value, self.sure.value, read.value if text else None)

    def take(self, accept: bool | None, sure: object, case: object) -> None:
        """Judge a review, keep it in the log, and say what came of it."""
        try:
            if not isinstance(accept, bool):
                raise ValueError("Would you merge it? Say yes (accept=True) or no (accept=False).")
            certainty = percent(sure)
            case = None if case is None else copy.deepcopy(case if isinstance(case, tuple) else (case,))
        except ValueError as trouble:
            self.tell(f"{trouble} Nothing was kept.", "wrong")
            return
        except TypeError as trouble:  # a generator, a lock: what cannot be copied cannot be given twice
            self.tell(f"This case cannot be given to both versions: {trouble}. Use plain values.", "wrong")
            return
        told = self.on(case)
        right = accept == self.verdict.right
        record = {"notebook": self.noun, "slug": self.slug, "accept": accept, "sure": certainty, "right": right}
        record["shown"] = bool(told and told[1])
        last = [r for r in progress.records("review") if (r["notebook"], r["slug"]) == (self.noun, self.slug)][-1:]
        if not last or record.items() - last[0].items():  # a cell that is run again is no new answer
            progress.log("review", **record)
        self.tell(*self.answer(accept, told))

    def answer(self, accept: bool, told: tuple[str, bool] | None) -> tuple[str, str]:
        """What to say to a review, and of which kind it is. `told` is what the case gave, None without a case."""
        why, ran = self.verdict.why, f"{told[0]}\n" if told else ""
        if self.verdict.right and told and told[1]:
            doubt = (
                "One of us is wrong about it. If it is the course, tell its authors: you have found a fault of theirs."
            )
            return (
                f"{ran}So there is a difference, although the course holds this change for right: {why}\n{doubt}",
                "info",
            )
        if accept and self.verdict.right:
            return f"{ran}Merged, and rightly. {why}", "good"
        if accept:
            shown = self.on(self.verdict.witness)
            return f"{ran}Merged, and it has a fault. {shown[0] if shown else ''}\n{why}", "wrong"
        if not told:
            return (
                f"Sent back without a case. The author says that it works: which arguments of `{self.name}` would show "
                "that it does not? Add them. If you find none, that is a finding, too: change your mind.",
                "info",
            )
        if self.verdict.right:
            return f"{ran}You sent back a change that is right. {why}", "wrong"
        if told[1]:
            return f"{ran}Sent back, with the proof. {why}", "good"
        if "Do these arguments fit?" in ran:
            return f"{ran} A case that neither version accepts says nothing about the change.", "hint"
        return (
            f"{ran}So this case shows no fault, and the author would merge. On which inputs do the old and the new "
            "lines do different things?",
            "hint",
        )

    def on(self, case: tuple | None) -> tuple[str, bool] | None:
        """What the two versions give on a case, in a sentence, and whether that differs; None without a case."""
        if case is None:
            return None
        before, after = (run(self.noun, source, self.name, case) for source in (self.old, self.new))
        call = f"`{self.name}({', '.join(map(short, case))})`"
        if differ(before, after):
            return f"{call}: published `{before}`{changing(before)}, changed `{after}`{changing(after)}.", True
        if before.kind == "error":
            return f"{call}: both versions raise `{before}`. Do these arguments fit?", False
        return f"{call}: both versions give `{before}`.", False


def changing(outcome: Outcome) -> str:
    """A remark if a call changed its arguments."""
    return f" (and {outcome.spoilt})" if outcome.spoilt else ""


def verdict(noun: str, slug: str) -> judges.Verdict:
    """The truth about a review. Raises LookupError if nobody wrote it down."""
    if not noun:
        raise LookupError("no notebook is running: run the first cell of the notebook")
    known = judges.load(noun).reviews
    if slug not in known:
        raise LookupError(f"{noun!r} has no review {slug!r}; `REVIEWS` in its judges has {', '.join(known) or 'none'}")
    return known[slug]


def coloured(diff: str) -> str:
    """A change as HTML: the colour says it, and the sign as well."""
    lines = [
        f'<span style="display:inline-block;width:100%;background:{COLOURS.get(line[:1] or " ", "transparent")}">'
        f"{html.escape(line, quote=False) or ' '}</span>"
        for line in diff.strip("\n").splitlines()
    ]
    return f'<pre style="font-family:monospace;line-height:1.4;margin:.5em 0">{chr(10).join(lines)}</pre>'
