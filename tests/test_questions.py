"""Predictions, the quiz, the baseline: driven from Python as a browser drives them, down to the records in the log."""

import json
import re
import subprocess
import sys
from pathlib import Path

import baseline
import judges
import nbclient
import nbformat
import notebook
import progress
import pytest
from baseline_questions import QUESTIONS
from form import VIEW, number, percent
from judges import Question
from questions import predict, quiz, reveal
from refresh import canonical

SETUP = Path(__file__).resolve().parents[1] / "00_setup"
ASKED = Question(
    "fair",
    "Is the `first` kept as often as the last?",
    (("Yes, k/n", "Fair means that."), ("No, more", "Count it."), ("No, `less`", "It can be thrown out.")),
    right=0,
)
LIVE_CELLS = [
    f"import sys\nsys.path.insert(0, {str(SETUP)!r})\n"
    "from questions import baseline, predict, quiz, reveal\nimport notebook\nnotebook.enter('start_here') is not None",
    'predict("wait", "seconds in all", unit="s")',
    'predict("side", "which side?", choices=["left", "right"])',
    'reveal("wait", 183)',
    'quiz("start_here")',
    "baseline()",
]


@pytest.fixture(autouse=True)
def own_log(tmp_path, monkeypatch):
    """An empty log, in the notebook `start_here`."""
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / "log"))
    monkeypatch.setattr(notebook, "_here", SETUP / "01_start_here.ipynb")


def last(kind):
    return progress.records(kind)[-1]


def commit(form, low="", high="", sure=""):
    """Fill in a form and press its button, as the browser does."""
    form.low.value, form.high.value, form.sure.value = low, high, sure
    form.commit.click()
    return form.message.text


# --- predictions -------------------------------------------------------------------------------------


def test_a_range_is_kept_and_may_be_changed_until_the_answer():
    form = predict("wait", "seconds in all", unit="s")
    assert "between 100 and 1,200 s, 80 % sure" in commit(form, "100", "1,200 s", "80 %")
    assert form.feedback.value == form.message._repr_html_()
    assert "replaces between 100 and 1,200 s" in commit(form, "150", "200", "70")
    kept = progress.records("predict")
    assert [(one["low"], one["high"], one["sure"]) for one in kept] == [(100, 1200, 80), (150, 200, 70)]
    assert kept[0]["notebook"] == "start_here"
    assert (kept[0]["slug"], kept[0]["question"], kept[0]["unit"]) == ("wait", "seconds in all", "s")


@pytest.mark.parametrize(
    "low, high, sure, said",
    [
        ("9", "5", "80", "begins at 9"),
        ("few", "5", "80", "`few` is no number"),
        ("0,5", "5", "80", "decimal point"),
        ("", "5", "80", "two ends"),
        ("1", "inf", "80", "no end"),
        ("1", "5", "", "How sure"),
        ("1", "5", "120", "outside 0 to 100"),
        ("1", "5", "0.8", "did you mean 80"),
    ],
)
def test_what_cannot_be_kept_is_said_and_keeps_nothing(low, high, sure, said):
    assert said in commit(predict("wait", "?"), low, high, sure)
    assert progress.records() == []


def test_a_choice_is_kept():
    form = predict("side", "which side?", choices=["left", "right"])
    form.sure.value = "60"
    form.commit.click()
    assert "Choose one of `left`, `right`" in form.message.text
    form.pick.value = 1
    form.commit.click()
    assert (last("predict")["choice"], last("predict")["sure"]) == ("right", 60)
    with pytest.raises(ValueError, match="two or more"):
        predict("side", "which side?", choices=["left"])


def test_a_prediction_without_a_form(capsys):
    form = predict("wait", "seconds in all", unit="s", low=100, high=200, sure=80)
    assert last("predict")["low"] == 100
    assert "Committed: between 100 and 200 s" in repr(form)
    assert "none of `a`, `b`" in repr(predict("side", "?", choices="ab", choice="c", sure=1))
    assert reveal("wait", 183) == 183
    assert "It is 183: it held" in capsys.readouterr().out


def test_the_last_prediction_before_the_answer_counts(capsys):
    form = predict("wait", "?")
    commit(form, "1", "2", "50")
    commit(form, "3", "4", "50")
    value = object()
    assert reveal("other", value) is value
    assert capsys.readouterr().out == ""
    assert reveal("wait", 2) == 2
    assert "it did not hold" in capsys.readouterr().out
    assert "not kept" in commit(form, "2", "2", "99")
    reveal("wait", 2)
    assert len(progress.records("predict")) == 2
    assert len(progress.records("reveal")) == 1
    assert progress.predictions()[0].held is False


def test_numbers_of_numpy_are_compared(capsys):
    np = pytest.importorskip("numpy")
    commit(predict("wait", "?"), "0.4", "0.6", "50")
    value = np.float32(0.5)
    assert reveal("wait", value) is value
    assert "It is 0.5: it held" in capsys.readouterr().out
    assert progress.predictions()[0].held is True


def test_a_restarted_kernel_reminds_of_what_was_kept_and_the_still_does_not():
    first = predict("wait", "?")
    commit(first, "1", "2", "50")
    again = predict("wait", "?")
    assert "Kept: between 1 and 2" in again.feedback.value
    assert stills(again) == stills(predict("wait", "?")) == stills(first)


def stills(form):
    bundle = form._repr_mimebundle_()
    assert bundle.pop(VIEW)["model_id"] == form.box.model_id
    return bundle


def test_typed_numbers():
    assert [number(text, "s") for text in ("3e6", " 12 s", "1,234,567", "−2.5", 7)] == [3e6, 12, 1234567, -2.5, 7]
    assert [percent(text) for text in ("0", "100 %", 55.5)] == [0, 100, 55.5]


# --- quiz --------------------------------------------------------------------------------------------


@pytest.fixture
def fair(monkeypatch):
    """A quiz of one question."""
    monkeypatch.setattr(judges, "load", lambda noun: judges.Judges({}, (ASKED,) if noun == "reservoir" else (), {}))
    return quiz("reservoir")


def answer(form, option):
    item = form.items[0]
    item.options.value = option
    item.answer.click()
    return item.message.text


def test_the_first_try_counts_and_the_second_teaches(fair):
    assert answer(fair, None) == "Choose one of the options first."
    assert "Count it.\nOne more try" in answer(fair, 1)
    assert answer(fair, 0) == "Fair means that."
    answer(fair, 2)  # closed: nothing more is taken
    kept = progress.records("quiz")
    assert [(one["notebook"], one["question"], one["choice"], one["right"]) for one in kept] == [
        ("reservoir", "fair", "No, more", False)
    ]
    assert fair.items[0].answer.disabled


def test_after_two_wrong_tries_the_answer_is_given(fair):
    answer(fair, 1)
    assert answer(fair, 2) == "It can be thrown out.\nThe answer is: Yes, k/n. Fair means that."


def test_a_right_first_try_is_kept_as_right(fair):
    assert answer(fair, 0) == "Fair means that."
    assert last("quiz")["right"] is True


def test_the_still_of_a_quiz_gives_nothing_away(fair):
    assert fair.text == (
        "Quiz: reservoir\n1. Is the `first` kept as often as the last?\n   ○ Yes, k/n\n   ○ No, more\n   ○ No, `less`"
    )
    for _, why in ASKED.options:
        assert why not in fair.html
    assert "<code>less</code>" in fair.html
    with pytest.raises(ValueError, match="no quiz"):
        quiz("other")


# --- baseline ----------------------------------------------------------------------------------------


def test_twelve_questions_span_the_course():
    assert len(QUESTIONS) == 12
    assert "How does Claude Code work?" in QUESTIONS["agents"]
    assert all(ask.endswith("?") for ask in QUESTIONS.values())


def seal(form, at, text, sure):
    item = form.items[at]
    item.text.value, item.sure.value = text, sure
    item.seal.click()
    return item


def test_a_sealed_answer_is_out_of_sight_and_is_never_replaced():
    form, other_window = baseline.baseline(), baseline.baseline()
    item = seal(form, 0, "From training.", "40")
    assert "Sealed on" in item.feedback.value
    assert item.text not in item.box.children
    assert item.text.value == ""
    assert "1 of 12 sealed" in form.message.text
    assert "stays as it is" in baseline.seal("vectors", "Changed my mind.", 90).text
    seal(other_window, 0, "A second thought.", "90")
    kept = progress.records("baseline")
    assert [(one["round"], one["question"], one["text"], one["sure"]) for one in kept] == [
        (0, "vectors", "From training.", 40)
    ]
    assert "From training" not in str(form._repr_mimebundle_()) + repr(form)


def test_of_two_kernels_that_seal_at_once_the_first_counts():
    for text in ("first", "second"):
        progress.log("baseline", round=0, question="rag", text=text, sure=50)
    assert baseline.sealed(0)["rag"]["text"] == "first"


def test_what_is_half_written_is_there_again():
    form = baseline.baseline()
    form.items[1].text.value = "A gradient"
    form.items[1].sure.value = "30"
    seal(form, 2, "Pieces of words.", "50")
    later = baseline.baseline()
    assert (later.items[1].text.value, later.items[1].sure.value) == ("A gradient", "30")
    assert later.items[2].text not in later.items[2].box.children
    assert baseline.baseline(1).items[1].text.value == ""
    seal(later, 1, "A gradient says it.", "30")
    assert json.loads((progress.folder() / "drafts.json").read_text("utf-8")) == {}


def test_nothing_is_sealed_without_words_and_confidence():
    form = baseline.baseline()
    assert "nothing to seal" in seal(form, 0, "  ", "40").feedback.value
    assert "How sure" in seal(form, 0, "Something.", "").feedback.value
    assert progress.records("baseline") == []


def test_a_disk_that_refuses_a_draft_is_told_in_the_form(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / "file"))
    form = baseline.baseline()
    form.items[0].text.value = "A long thought"
    assert "in the form only" in form.items[0].feedback.value


def test_rounds_are_apart_and_opening_says_what_it_breaks(capsys):
    baseline.seal("rag", "The chunk was cut.", 70)
    baseline.seal("rag", "Ranked too low, or ignored.", 80, round=1)
    baseline.baseline.open(0)
    told = capsys.readouterr().out
    assert "What you read now you will remember" in told
    assert "The chunk was cut. (70 % sure" in told
    assert "Ranked too low" not in told
    assert (last("opened")["round"], last("opened")["early"]) == (0, True)
    for round in (1, 2):
        for id in QUESTIONS:
            baseline.seal(id, "An answer.", 50, round=round)
    baseline.baseline.open(1)
    assert "you will remember" not in capsys.readouterr().out
    with pytest.raises(ValueError, match="round is 0"):
        baseline.baseline(3)
    with pytest.raises(ValueError, match="no question"):
        baseline.seal("weather", "Rain.", 50)


def test_opening_what_was_never_sealed(capsys):
    baseline.baseline.open(2)
    assert "No answer was sealed four weeks after" in capsys.readouterr().out
    assert progress.records("opened") == []


# --- stored ------------------------------------------------------------------------------------------


def test_stored_forms_are_the_same_bytes_with_any_log_and_pass_nbval(tmp_path):
    """Run twice, the second time on a log with answers: the same file, which strict nbval accepts."""
    texts = []
    for _ in range(2):
        cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(LIVE_CELLS)]
        made = nbformat.v4.new_notebook(cells=cells)
        nbclient.NotebookClient(made, kernel_name="python3", store_widget_state=False).execute()
        for cell in made.cells:
            cell.metadata.clear()
        texts.append(canonical(made))
        predict("other", "?", low=1, high=2, sure=50)
        predict("side", "?", choices=["left", "right"], choice="left", sure=50)
        baseline.seal("tokens", "Pieces.", 50)
    assert texts[0] == texts[1]
    assert not re.search("model_id|widget-view", texts[0])
    outputs = [cell["outputs"] for cell in json.loads(texts[0])["cells"]]
    assert [len(found) for found in outputs] == [1] * len(LIVE_CELLS)
    assert all({"text/html", "text/plain"} <= set(outputs[n][0]["data"]) for n in (1, 2, 4, 5))
    file = tmp_path / "forms.ipynb"
    file.write_text(texts[0], "utf-8")
    options = ["-q", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, file.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert f"{len(LIVE_CELLS)} passed" in ran.stdout, ran.stdout
