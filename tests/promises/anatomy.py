"""Promises about the parts of a notebook: its title, first cell, exercises, review, quiz, widget, last sections."""

from __future__ import annotations

import ast
import re

import notebook as files

from promises import SETUP, promise, tree

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
UNREADABLE = re.compile(r"[0-9a-f]{8}|[0-9a-f]{8}-[0-9a-f-]+|(cell|untitled|code|markdown)-?\d*")
WIDGETS = ("explore", "drag_vectors", "drag_matrix", "draw_digit", "type_text", "chat_box")


def section(notebook, title: str) -> str | None:
    """The text from the heading `title` to the next heading of its rank, or None."""
    text = "\n\n".join(cell.source for cell in notebook.markdown)
    found = re.search(rf"^## {re.escape(title)}[ \t]*$(.*?)(?=^##? |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else None


def called(notebook, *names: str) -> list[ast.Call]:
    return [call for name, call, _ in notebook.calls if name in names]


@promise
def cells_have_names(notebook):
    """Ids are slugs that say what the cell is about, each once."""
    seen = set()
    for cell in notebook.cells:
        if not ID.fullmatch(cell.id) or UNREADABLE.fullmatch(cell.id) or len(cell.id) > 50:
            yield f"cell id {cell.id!r} says nothing. Name it for its idea: `softmax`, `softmax-example`"
        if cell.id in seen:
            yield f"two cells are called {cell.id!r}. Rename one"
        seen.add(cell.id)


@promise
def begins_with_the_generated_cell(notebook):
    """The first code cell is the one that refresh.py writes from the one address."""
    from start_cell import first_cell

    if not notebook.code or notebook.code[0].id != "start":
        yield "the first code cell is not called `start`"
    elif notebook.code[0].source.rstrip("\n") != first_cell(notebook.path).rstrip("\n"):
        yield "the first code cell was edited. It is generated: run python tests/refresh.py"
    elif notebook.code[0].outputs:
        yield "the first code cell says something: start.py is silent when all is well"


@promise
def title_says_what_and_how_long(notebook):
    """`# 3.2 Attention`, what one can do at the end, what it builds on, and the minutes of the syllabus."""
    if notebook.row is None:
        yield "is not in 00_setup/course.toml. Add its row"
        return
    first = notebook.cells[0]
    number, minutes = notebook.row.number, notebook.row.minutes
    if first.kind != "markdown" or not first.source.startswith(f"# {number} "):
        yield f"does not begin with a title `# {number} …`"
        return
    if not re.search(rf"\b[Aa]bout {minutes} minutes", first.source):
        yield f"the title does not say `About {minutes} minutes`, as course.toml does"
    for need in notebook.row.needs:
        row = notebook.course.row(need)
        if row.exists and f"{row.file.split('/')[1]}.ipynb" not in first.source:
            yield f"the title does not link {row.file}.ipynb, which it builds on according to course.toml"


@promise
def predictions_are_asked_for(notebook):
    """At least two predictions, each with a slug of its own, and answers that wait to be opened."""
    least = 1 if notebook.path.parent.name == SETUP else 2
    asked = called(notebook, "predict")
    slugs = [call.args[0].value for call in asked if call.args and isinstance(call.args[0], ast.Constant)]
    hidden = [cell for cell in notebook.code if "predicted" in cell.tags]
    if len(asked) < least:
        yield f'asks for {len(asked)} predictions, at least {least} are wanted: predict("slug", …)'
    if len(hidden) < least:
        yield f"{len(hidden)} cells are tagged `predicted`, at least {least} are wanted: those that answer a prediction"
    for slug in sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        yield f"two predictions are called {slug!r}: the log cannot tell them apart"
    if len(slugs) < len(asked):
        yield "a prediction has no literal slug as its first argument"


@promise
def exercises_are_exercises(notebook):
    """At least four, each an empty function with its specification, `check` below it and the solution under that."""
    least = 1 if notebook.path.parent.name == SETUP else 4
    reviews = {cell.id for name, _, cell in notebook.calls if name == "review"}
    tagged = [cell for cell in notebook.code if "exercise" in cell.tags and cell.id not in reviews]
    for cell in notebook.code:  # the learner answers in the cell: what it then shows is theirs
        if cell.id in reviews and not {"exercise", "nbval-ignore-output"} <= cell.tags:
            yield f"review cell {cell.id!r} needs the tags `exercise` and `nbval-ignore-output`"
    if len(tagged) < least:
        yield f"has {len(tagged)} exercises, at least {least} are wanted"
    order = [cell.id for cell in notebook.cells]
    for cell in notebook.cells:
        if cell.id.startswith("exercise-") and cell.kind == "code" and "exercise" not in cell.tags:
            yield f"cell {cell.id!r} is not tagged `exercise`"
    for cell in tagged:
        if not cell.id.startswith("exercise-") or "nbval-ignore-output" not in cell.tags:
            yield f"exercise cell {cell.id!r} needs an id `exercise-NAME` and the tag nbval-ignore-output"
            continue
        solution = cell.id.replace("exercise-", "solution-", 1)
        below = order[order.index(cell.id) + 1 :][:1]
        if below != [solution]:
            yield f"below {cell.id!r} stands {below or ['nothing']}, expected the markdown cell {solution!r}"
            continue
        yield from stub(cell, next(c for c in notebook.markdown if c.id == solution))


def stub(cell, solution):
    """Complaints about one exercise cell and its solution."""
    fenced = files.FENCE.search(solution.source)
    if fenced is None or not solution.source.startswith("<details><summary>Solution</summary>"):
        yield f"cell {solution.id!r} is not `<details><summary>Solution</summary>` with a ```python block"
        return
    try:
        defined = [n for n in ast.parse(fenced[1]).body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    except SyntaxError as error:
        yield f"cell {solution.id!r}: the solution is no Python: {error}"
        return
    name = defined[-1].name if defined else "nothing"
    if cell.id != f"exercise-{name.lower().replace('_', '-')}":
        yield f"cell {cell.id!r}: the solution defines `{name}`. Let the id say the same"
    if defined and ast.get_docstring(defined[-1]):
        yield f"cell {solution.id!r} repeats the docstring. The specification stands in the exercise, once"
    if not solution.source.split("```")[-1].replace("</details>", "").strip():
        yield f"cell {solution.id!r} does not say why: add a sentence below the code"
    if not files.is_empty(cell.source, name):
        yield f"cell {cell.id!r} has no empty `{name}` for the learner to write"
    if not re.search(rf"^{name} = check\({name}\)", cell.source, re.MULTILINE):
        yield f"cell {cell.id!r} does not end with `{name} = check({name})`"


@promise
def has_something_to_move(notebook):
    """At least one widget: `explore`, `drag_vectors`, `drag_matrix`, `draw_digit`, `type_text` or `chat_box`."""
    if not called(notebook, *WIDGETS):
        yield "has no widget. Add explore(draw, …) where a number can be found by moving it"


@promise
def has_a_review(notebook):
    """At least one change to accept or reject."""
    if not called(notebook, "review"):
        yield 'has no review exercise. Add review("slug", diff, explanation)'


@promise
def ends_with_quiz_and_journal(notebook):
    """`quiz("noun")`, then `journal()`."""
    quizzes = called(notebook, "quiz")
    if not quizzes:
        yield f"has no quiz. Add quiz({notebook.noun!r})"
    elif not any(c.args and isinstance(c.args[0], ast.Constant) and c.args[0].value == notebook.noun for c in quizzes):
        yield f"its quiz is not its own: expected quiz({notebook.noun!r})"
    if not called(notebook, "journal"):
        yield "has no journal(). End with it"


@promise
def says_what_production_does(notebook):
    """`## In production`, with a source."""
    text = section(notebook, "In production")
    if text is None:
        yield "has no section `## In production`"
    elif not re.search(r"\]\(https?://|\(\w[^()]*\b(19|20)\d\d\b[^()]*\)|arXiv", text):
        yield "the section `## In production` names no source: a link, or (author, year)"


@promise
def lists_what_was_built(notebook):
    """`## What you built` is a table of exactly the functions and classes that `built` offers.

    Functions called `draw…` make pictures: they may be left out.
    """
    text = section(notebook, "What you built")
    if text is None:
        yield "has no section `## What you built`"
        return
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line.strip().startswith("|")][2:]
    listed = {given for row in rows for given in re.findall(r"`(\w+)", row[0])}
    offered = {given for given in notebook.names if not given.isupper()}
    for given in sorted(offered - listed):
        if not given.startswith("draw"):
            yield f"`{given}` is missing in the table of `## What you built`"
    for given in sorted(listed - notebook.names):
        yield f"the table of `## What you built` lists `{given}`, which the notebook does not define for others"
    if any(len(row) < 3 or not all(cell.strip() for cell in row[:3]) for row in rows):
        yield "a row of `## What you built` lacks one of: name, one line, where it is used next"


@promise
def prints_rarely(notebook):
    """Fewer than 15 % of the cells print: a bare expression is compared just as well and reads better."""
    printing = [
        cell.id
        for cell in notebook.code
        if any(isinstance(n, ast.Call) and getattr(n.func, "id", "") == "print" for n in ast.walk(tree(cell.source)))
    ]
    if notebook.code and len(printing) / len(notebook.code) >= 0.15:
        yield f"{len(printing)} of {len(notebook.code)} code cells print ({', '.join(printing)}): fewer than 15 % may"
