"""Reviews: how a change is applied, what each answer is told, and that nothing in a case reaches the notebook."""

import ast
import random
import sys

import judges
import nbformat
import notebook
import progress
import proposal
import pytest
from form import VIEW
from judges import Verdict
from patch import changed
from review import review

RESERVOIR = '''def reservoir(stream, k, rng):
    """A sample of `k` items."""
    kept = []
    for n, item in enumerate(stream, start=1):
        if n <= k:
            kept.append(item)
        elif rng.random() < k / n:
            kept[rng.randrange(k)] = item
    return kept
'''
CLIP = '''def clip(x, high):
    """`x`, but no more than `high`.
    >>> clip(3, 2)
    2
    """
    # your code

clip = check(clip)
'''
SOLUTION = """<details><summary>Solution</summary>

```python
def clip(x, high):
    if x > high:
        return high
    return x
```

It is `min`.

</details>
"""
ZERO = """
-    for n, item in enumerate(stream, start=1):
-        if n <= k:
+    for n, item in enumerate(stream):
+        if n < k:
"""
MIN = """
-    if x > high:
-        return high
-    return x
+    return min(x, high)
"""
IDIOM = "Counting from zero is idiomatic. Behaviour is unchanged, all doctests pass."


class Always:
    """A random generator that always lets in, and always in the first place."""

    def random(self):
        return 0.7

    def randrange(self, k):
        return 0


REVIEWS = {
    "zero": Verdict("reservoir", False, "The item after the k-th always enters.", None, ("abc", 2, Always())),
    "min": Verdict("clip", True, "The smaller of two, by name.", None),
    "none": Verdict("sample", True, "?", None),
}


@pytest.fixture(autouse=True)
def course(tmp_path, monkeypatch):
    """A course of one notebook, and an empty log."""
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / "log"))
    path = tmp_path / "01_first" / "01_reservoir.ipynb"
    path.parent.mkdir()
    cells = [
        nbformat.v4.new_code_cell("import random", id="imports"),
        nbformat.v4.new_code_cell(RESERVOIR, id="reservoir"),
        nbformat.v4.new_code_cell(CLIP, id="exercise-clip", metadata={"tags": ["core", "exercise"]}),
        nbformat.v4.new_markdown_cell(SOLUTION, id="solution-clip"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    monkeypatch.setattr(notebook, "find", lambda name: path if name == "reservoir" else None)
    monkeypatch.setattr(notebook, "_here", path)
    monkeypatch.setattr(proposal.published, "published", lambda path: None)
    monkeypatch.setattr(judges, "load", lambda noun: judges.Judges({}, (), REVIEWS))
    monkeypatch.delitem(sys.modules, "built.reservoir", raising=False)
    yield path
    sys.modules.pop("built.reservoir", None)


def told(slug, diff, **answer):
    """What a review given in the call is told."""
    return review(slug, diff, IDIOM, **answer).text.split("\n\n")[-1]


def last():
    record = progress.records("review")[-1]
    return {name: record[name] for name in ("slug", "accept", "sure", "right", "shown")}


# --- applying a change -------------------------------------------------------------------------------


def test_a_change_is_found_by_its_words():
    new = changed(RESERVOIR, ZERO)
    assert "    for n, item in enumerate(stream):\n        if n < k:\n            kept.append(item)" in new
    assert len(new.splitlines()) == len(RESERVOIR.splitlines())


def test_context_stays_and_pieces_are_apart():
    new = changed(RESERVOIR, "     kept = []\n+    limit = k\n@@\n-        if n <= k:\n+        if n <= limit:\n")
    assert "    kept = []\n    limit = k\n    for n" in new
    assert "        if n <= limit:\n            kept.append" in new


def test_a_change_that_stands_further_left_is_moved():
    new = changed(RESERVOIR, "-if n <= k:\n-    kept.append(item)\n+if len(kept) < k:\n+    kept += [item]")
    assert "        if len(kept) < k:\n            kept += [item]\n" in new


def test_the_exact_place_wins_over_a_moved_one():
    source = "def f(x):\n    if x:\n        return 1\n    return 1\n"
    assert changed(source, "-    return 1\n+    return 2") == "def f(x):\n    if x:\n        return 1\n    return 2\n"


@pytest.mark.parametrize(
    "diff, why",
    [
        ("-    kept = {}\n+    kept = []", "is not there"),
        ("-     kept = []\n-   for n\n+x", "is not there"),
        ("+x = 1", "no place"),
        ("     kept = []", "changes nothing"),
        ("", "changes nothing"),
        ("kept = []", "begins with a blank"),
    ],
)
def test_a_change_that_does_not_fit_is_an_authors_error(diff, why):
    with pytest.raises(ValueError, match=why):
        changed(RESERVOIR, diff)
    with pytest.raises(ValueError, match=f"(?s)does not fit 'reservoir'.*{why}"):
        review("zero", diff, IDIOM)


def test_a_change_found_twice_is_an_authors_error():
    with pytest.raises(ValueError, match="is there 2 times"):
        changed("a = 1\nb = 1\na = 1\n", "-a = 1\n+a = 2")


def test_a_change_that_is_no_python_is_an_authors_error():
    with pytest.raises(ValueError, match="does not fit 'reservoir'"):
        review("zero", "-    kept = []\n+    kept = [", IDIOM)


def test_unknown_reviews_and_functions_are_authors_errors(monkeypatch):
    with pytest.raises(LookupError, match="no review 'one'.* zero, min"):
        review("one", ZERO, IDIOM)
    with pytest.raises(ValueError, match="defines no 'sample'"):
        review("none", ZERO, IDIOM)
    monkeypatch.setattr(notebook, "_here", None)
    with pytest.raises(LookupError, match="first cell"):
        review("zero", ZERO, IDIOM)


def test_a_learner_who_edited_the_notebook_reviews_the_published_version(course, monkeypatch):
    before = notebook.cells(course)
    text = course.read_text("utf-8").replace("start=1", "1")
    course.write_text(text.replace('"import random"', '"import random\\nno Python ("'), "utf-8")
    monkeypatch.setattr(proposal.published, "published", lambda path: before)
    assert "enumerate(stream, start=1)" in review("zero", ZERO, IDIOM).old


# --- what it looks like ------------------------------------------------------------------------------


def test_the_still_shows_the_change_with_signs_and_how_to_answer():
    form = review("zero", ZERO, IDIOM)
    bundle = form._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == form.box.model_id
    assert bundle["text/plain"].startswith("Would you merge this change of `reservoir`?\n\n-    for n, item in")
    assert "+        if n &lt; k:</span>" in bundle["text/html"]
    assert "accept=True or False" in bundle["text/html"]
    assert "accept=True or False" not in form.box.children[0].value
    again = review("zero", ZERO, IDIOM)
    assert [form.text, form.html] == [again.text, again.html]
    assert "always enters" not in form.text + form.html
    assert progress.records() == []


# --- the answers -------------------------------------------------------------------------------------


def test_merging_a_fault_shows_it():
    message = told("zero", ZERO, accept=True, sure=90)
    assert message.startswith("✗ Merged, and it has a fault. `reservoir('abc', 2, <")
    assert "published `['a', 'b']`, changed `['c', 'b']`" in message
    assert message.endswith("The item after the k-th always enters.")
    assert last() == {"slug": "zero", "accept": True, "sure": 90, "right": False, "shown": False}


def test_sending_back_without_a_case_is_an_opinion():
    for slug, diff in [("zero", ZERO), ("min", MIN)]:  # whichever it is, the answer gives nothing away
        assert told(slug, diff, accept=False, sure=80).startswith("· Sent back without a case. The author says")
    assert [one["right"] for one in progress.records("review")] == [True, False]


def test_a_case_that_shows_nothing():
    message = told("zero", ZERO, accept=False, sure=80, case=("ab", 3, Always()))
    assert message.startswith("→ `reservoir('ab', 3, <")
    assert "both versions give `['a', 'b']`.\nSo this case shows no fault" in message
    assert last()["shown"] is False


def test_a_case_that_shows_the_fault():
    message = told("zero", ZERO, accept=False, sure=80, case=("ab", 1, Always()))
    assert "published `['a']`, changed `['b']`" in message
    assert message.endswith("Sent back, with the proof. The item after the k-th always enters.")
    assert message.startswith("✓")
    assert last() == {"slug": "zero", "accept": False, "sure": 80, "right": True, "shown": True}


def test_sending_back_what_is_right_and_merging_it():
    message = told("min", MIN, accept=False, sure=60, case=(3, 2))
    assert message.startswith("✗ `clip(3, 2)`: both versions give `2`.\nYou sent back a change that is right.")
    assert told("min", MIN, accept=True, sure=60) == "✓ Merged, and rightly. The smaller of two, by name."
    assert last()["right"] is True


def test_a_change_of_the_arguments_is_a_difference():
    message = told("min", "-    return x\n+    high.append(0)\n+    return x", accept=False, sure=80, case=([1], [2]))
    assert "published `[1]`, changed `[1]` (and argument 2 was [2] and is [2, 0] afterwards)" in message


def test_an_error_of_one_version_is_a_difference_and_of_both_is_none():
    message = told("min", MIN, accept=False, sure=60, case=(3,))
    assert "both versions raise `TypeError" in message
    assert "Do these arguments fit?" in message
    message = told("min", "-    if x > high:\n+    if x + 0 > high:", accept=False, sure=60, case=("b", "a"))
    assert "published `'a'`, changed `TypeError" in message
    assert "One of us is wrong" in message  # the course held it for right, and the learner has the proof


def test_a_hang_ends(monkeypatch):
    monkeypatch.setattr(proposal, "SECONDS", 0.2)
    loop = "-    if x > high:\n+    while x > high:\n+        pass\n+    if False:"
    message = told("min", loop, accept=False, sure=60, case=(3, 2))
    assert "changed `no end within" in message


def test_what_is_missing_from_an_answer_is_said():
    assert "accept=True" in told("zero", ZERO, case="ab")
    assert "How sure are you?" in told("zero", ZERO, accept=False)
    assert "cannot be given to both" in told("zero", ZERO, accept=False, sure=80, case=((x for x in "ab"), 2))
    assert progress.records() == []


def test_one_argument_needs_no_tuple():
    assert "`clip([1])`: both versions raise" in told("min", MIN, accept=False, sure=1, case=[1])


def test_running_the_cell_again_is_no_new_answer():
    for sure in (80, 80, 90):
        told("zero", ZERO, accept=True, sure=sure)
    assert [one["sure"] for one in progress.records("review")] == [80, 90]


def test_the_form_takes_the_same_answers():
    form = review("min", MIN, IDIOM)
    form.commit.click()
    assert "Would you merge it?" in form.message.text
    form.accept.value, form.sure.value, form.case.value = False, "70 %", "3, 2"
    form.commit.click()
    assert "`clip(3, 2)`: both versions give `2`" in form.message.text
    assert form.message._repr_html_() == form.feedback.value
    form.case.value = "3, two"
    form.commit.click()
    assert "The case cannot be read: `NameError" in form.message.text
    assert len(progress.records("review")) == 1


def test_an_error_of_ours_is_told_in_the_form(monkeypatch):
    form = review("min", MIN, IDIOM)
    monkeypatch.setattr(proposal.importlib, "import_module", lambda name: 1 / 0)
    form.accept.value, form.sure.value, form.case.value = False, "70", "3, 2"
    form.commit.click()
    assert "not your doing" in form.feedback.value


# --- those of the course -----------------------------------------------------------------------------


def calls():
    """Every review of the course as (noun, slug, diff), from the cells that show them."""
    for path in notebook.notebooks():
        for cell in notebook.cells(path):
            if cell.kind == "code" and cell.source.startswith("review("):
                slug, diff = (ast.literal_eval(argument) for argument in ast.parse(cell.source).body[0].value.args[:2])
                yield pytest.param(notebook.noun(path), slug, diff, id=f"{notebook.noun(path)}-{slug}")


@pytest.mark.parametrize("noun, slug, diff", list(calls()))
def test_a_published_review_is_what_its_verdict_says(noun, slug, diff, monkeypatch):
    """The witness shows the fault of a wrong change; a right one agrees with the published version on the cases."""
    monkeypatch.undo()
    verdict = judges.load(noun).reviews[slug]
    old, new = proposal.versions(noun, verdict.of, diff)
    cases = list(verdict.cases(random.Random(0)))[:10] if verdict.right else [verdict.witness]
    for case in cases:
        before, after = (proposal.run(noun, source, verdict.of, case) for source in (old, new))
        assert proposal.differ(before, after) is not verdict.right, f"{case}: {before} and {after}"
