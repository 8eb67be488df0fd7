"""Every exercise, quiz and review of the course keeps what it promises; whatever bad code does, `check` reports it."""

import ast
import dataclasses
import doctest
import random
from collections import Counter
from functools import cache
from itertools import combinations

import judges
import notebook
import proposal
import pytest
from cases import Example, cases_of, namespace
from guard import outcome_of
from judging import alike, define, unlike, verdict
from misbehaviour import BAD, Course
from origin import code_of

EXERCISES = {
    f"{one.noun}-{one.name}": one for path in notebook.notebooks() for one in notebook.exercises(path).values()
}
NOUNS = [notebook.noun(path) for path in notebook.notebooks()]
QUESTIONS = {f"{noun}-{question.id}": question for noun in NOUNS for question in judges.load(noun).quiz}
REVIEWS = {f"{noun}-{slug}": (noun, slug) for noun in NOUNS for slug in judges.load(noun).reviews}
each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
each_review = pytest.mark.parametrize("noun, slug", REVIEWS.values(), ids=REVIEWS)


def judge_of(exercise):
    judge = judges.load(exercise.noun).exercises.get(exercise.name)
    assert judge is not None, f"00_setup/judges/{exercise.noun}.py says nothing about {exercise.name!r}"
    return judge


def judged(exercise, source):
    names = namespace(exercise.noun)
    answer = define(source, exercise.name, names, f"<answer {exercise.name}>")
    return verdict(answer, exercise, source, judge_of(exercise), names)


@cache
def ran(exercise_id, source):
    """What a source gives on every case of its exercise."""
    exercise = EXERCISES[exercise_id]
    judge = judge_of(exercise)
    answer = define(source, exercise.name, namespace(exercise.noun), f"<answer {exercise.name}>")
    return [outcome_of(answer, case, judge.seconds) for case in cases_of(exercise, judge)]


# --- exercises ---------------------------------------------------------------------------------------


@each_exercise
def test_stub_is_reported_as_not_attempted(exercise, tmp_path, monkeypatch):
    course = Course(tmp_path, monkeypatch, notebook.find(exercise.noun))
    before = next(
        (cell.source for cell in notebook.cells(course.path) if cell.id == exercise.cell.id), exercise.cell.source
    )
    if not notebook.is_empty(before, exercise.name):
        pytest.skip(f"`{exercise.name}` is attempted in this copy of the course")
    returned = course.run_cell(before, exercise.name)
    assert [record["status"] for record in course.log()] == ["empty"]
    assert course.said() == [
        f"{exercise.name}: not attempted. Write its body above and run the cell; until then the published "
        f"solution stands in. Stuck? `hint({exercise.name})`"
    ]
    assert code_of(returned).co_filename == f"<published {exercise.name}>"


@each_exercise
def test_solution_passes(exercise):
    result = judged(exercise, exercise.solution)
    assert result.status == "solved", result.words


@each_exercise
def test_examples_of_the_specification_hold_for_the_solution(exercise):
    names = namespace(exercise.noun)
    names[exercise.name] = define(exercise.solution, exercise.name, names, "<solution>")
    text = ast.get_docstring(notebook.first_named(exercise.solution, exercise.name))
    test = doctest.DocTestParser().get_doctest(text, names, exercise.name, None, 0)
    assert test.examples, f"the docstring of {exercise.name!r} has no example"
    report = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert not report, "".join(report)


@each_exercise
def test_cases_are_many_repeatable_and_give_something(exercise):
    judge = judge_of(exercise)
    first, second = (cases_of(exercise, judge) for _ in range(2))
    assert list(map(repr, first)) == list(map(repr, second)), "the cases differ from one time to the next"
    generated = [case for case in first if not isinstance(case, Example)]
    assert len(generated) >= 8
    kinds = Counter(outcome.kind for outcome in ran(f"{exercise.noun}-{exercise.name}", exercise.solution))
    assert set(kinds) <= {"value", "error"}
    assert kinds["value"] > kinds["error"]
    spoken = [outcome.printed for outcome in ran(f"{exercise.noun}-{exercise.name}", exercise.solution)]
    assert all(len(words) < 2_000 for words in spoken)


@each_exercise
def test_known_mistakes_are_met_with_their_own_words(exercise):
    judge = judge_of(exercise)
    assert len(judge.mistakes) >= 4
    words = [mistake.words for mistake in judge.mistakes.values()]
    assert len(set(words)) == len(words)
    for slug, mistake in judge.mistakes.items():
        result = judged(exercise, mistake.wrong)
        assert (result.status, result.mistake) == ("mistake", slug), f"{slug}: {result.words}"
        assert result.words.endswith(mistake.words)


@each_exercise
def test_known_mistakes_differ_from_each_other(exercise):
    judge, where = judge_of(exercise), f"{exercise.noun}-{exercise.name}"
    for (one, first), (two, second) in combinations(judge.mistakes.items(), 2):
        pairs = zip(ran(where, first.wrong), ran(where, second.wrong), strict=True)
        assert not all(alike(a, b, judge.close) for a, b in pairs), f"no case tells {one!r} from {two!r}"


@each_exercise
def test_right_answers_written_differently_pass(exercise):
    judge = judge_of(exercise)
    assert judge.also
    for source in judge.also:
        result = judged(exercise, source)
        assert result.status == "solved", f"{source}\n{result.words}"
        assert ast.dump(ast.parse(source)) != ast.dump(ast.parse(exercise.solution))


@each_exercise
def test_there_is_a_hint(exercise):
    hints = judge_of(exercise).hints
    assert hints
    assert len(set(hints)) == len(hints)


@pytest.mark.parametrize("noun", NOUNS)
def test_judges_judge_only_what_is_there(noun):
    assert list(judges.load(noun).exercises) == list(notebook.exercises(notebook.find(noun)))


# --- bad code ----------------------------------------------------------------------------------------

FIRST_OF_FOLDER = {notebook.find(one.noun).parent.name: one for one in reversed(EXERCISES.values())}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("exercise", FIRST_OF_FOLDER.values(), ids=FIRST_OF_FOLDER)
def test_bad_code_is_reported_and_never_raised(exercise, bad, tmp_path, monkeypatch):
    course = Course(tmp_path, monkeypatch, notebook.find(exercise.noun))
    course.hurry(exercise.noun)
    course.misbehave(exercise.name, BAD[bad])


# --- quizzes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("noun", NOUNS)
def test_quiz_has_three_to_five_questions(noun):
    quiz = judges.load(noun).quiz
    assert 3 <= len(quiz) <= 5
    assert len({question.id for question in quiz}) == len(quiz)


@each_question
def test_every_option_teaches(question):
    assert 2 <= len(question.options) <= 5
    assert 0 <= question.right < len(question.options)
    texts, feedback = zip(*question.options, strict=True)
    assert len(set(texts)) == len(texts)
    assert all(len(words.split()) >= 3 for words in feedback)


@each_question
def test_length_of_an_option_gives_nothing_away(question):
    lengths = [len(text) for text, _ in question.options]
    assert max(lengths) <= 1.6 * min(lengths) or max(lengths) - min(lengths) <= 25


def test_right_option_is_not_systematically_the_longest():
    if len(QUESTIONS) < 6:
        pytest.skip("fewer than six questions in the course")
    longest, chance, places = 0, 0.0, Counter()
    for question in QUESTIONS.values():
        lengths = [len(text) for text, _ in question.options]
        longest += lengths[question.right] == max(lengths)
        chance += lengths.count(max(lengths)) / len(lengths)
        places[question.right] += 1
    spread = (len(QUESTIONS) * 0.25) ** 0.5
    assert longest <= chance + 2 * spread, f"{longest} of {len(QUESTIONS)} right options are the longest"
    assert len(places) >= 3, f"right options stand at {dict(places)}"
    assert max(places.values()) <= 0.5 * len(QUESTIONS), f"right options stand at {dict(places)}"


# --- reviews -----------------------------------------------------------------------------------------


def proposals(noun):
    """{slug: diff} of the reviews that a notebook asks for."""
    found = {}
    for cell in notebook.cells(notebook.find(noun)):
        if cell.kind == "code" and "review(" in cell.source:
            for call in ast.walk(ast.parse(notebook.python(cell.source))):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "review":
                    found[call.args[0].value] = call.args[1].value
    return found


@pytest.mark.parametrize("noun", NOUNS)
def test_every_review_has_a_verdict(noun):
    assert set(proposals(noun)) == set(judges.load(noun).reviews)


@each_review
def test_verdict_of_a_review_is_true(noun, slug):
    known = judges.load(noun).reviews[slug]
    sources = proposal.versions(noun, known.of, proposals(noun)[slug])
    assert sources[0] != sources[1]
    names = namespace(noun)
    before, after = (define(source, known.of, names, f"<{slug} {n}>") for n, source in enumerate(sources))

    def fault(case):
        old, new = outcome_of(before, case, 5), outcome_of(after, case, 5)
        return unlike(new, old)

    found = [fault(case) for case in known.cases(random.Random(0))]
    assert len(found) >= 3
    assert known.why
    if known.right:
        assert known.witness is None
        assert not any(found), f"the change is called right, but {next(filter(None, found))}"
    else:
        assert fault(known.witness), "the witness shows no fault"


def test_about_a_third_of_the_reviews_are_right():
    right = [judges.load(noun).reviews[slug].right for noun, slug in REVIEWS.values()]
    if len(right) < 3:
        pytest.skip("fewer than three reviews in the course")
    assert 0.15 <= sum(right) / len(right) <= 0.5, f"{sum(right)} of {len(right)}"


def test_these_tests_can_fail():
    """A judge with one case too few lets a mistake pass, and that is noticed."""
    if not EXERCISES:
        pytest.skip("no exercises yet")
    exercise = next(iter(EXERCISES.values()))
    judge = judge_of(exercise)
    blind = dataclasses.replace(judge, cases=lambda rng: [], mistakes={})
    names = namespace(exercise.noun)
    results = []
    for mistake in judge.mistakes.values():
        answer = define(mistake.wrong, exercise.name, names, "<answer>")
        results.append(verdict(answer, exercise, mistake.wrong, blind, names).status)
    assert "mistake" not in results


def test_right_answers_that_refuse_in_another_way_are_told_of_no_mistake_in_the_answers():
    """Mistakes that give right answers and refuse too little are near to them, and yet not what was done."""
    exercise = next(e for e in EXERCISES.values() if (e.noun, e.name) == ("tokenization", "bits_per_byte"))
    body = "{}['no text'] if not text else nats * tokens / math.log(2) / len(text.encode())"
    found = judged(exercise, f"def bits_per_byte(nats, tokens, text):\n    return {body}")
    assert (found.status, found.mistake) == ("error", None)
    assert "KeyError" in found.words
