"""Widgets without a browser: the still that is stored, frames, errors, controls, vectors to drag."""

from __future__ import annotations

import asyncio
import base64
import io
import re

import drag
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import show
from controls import control
from drag import drag_vectors
from PIL import Image
from plane import drag_matrix
from play import explore
from sketch import draw_digit, packed, unpacked
from typed import type_text

matplotlib.use("agg")
VIEW = "application/vnd.jupyter.widget-view+json"


def line(k=2, word="king"):
    """A line."""
    if k == 5:
        raise ValueError("five <is> too many")
    print("k is", k)
    show.curve([0, 1], {word: [0, k]})


def image(data):
    return Image.open(io.BytesIO(base64.b64decode(data["image/png"])))


def test_the_still_has_picture_text_and_live_view_and_no_ids():
    data, metadata = explore(line, k=(1, 8), alt="A line")._repr_mimebundle_()
    again, _ = explore(line, k=(1, 8), alt="A line")._repr_mimebundle_()
    assert data.pop(VIEW)["model_id"] != again.pop(VIEW)["model_id"]
    assert data == again
    assert data["text/plain"] == "A line (k = 2)\nk is 2"
    assert metadata["image/png"] == {"alt": "A line (k = 2)", "width": image(data).width, "height": image(data).height}
    assert len(data["image/png"]) < 25_000 * 4 / 3


def test_the_still_stays_the_first_frame():
    seen = explore(line, k=(1, 8))
    before = seen._repr_mimebundle_()[0]
    seen.controls["k"].value = 8
    assert seen._repr_mimebundle_()[0] == before


def test_a_move_draws_and_the_words_follow():
    seen = explore(line, k=(1, 8), alt=lambda k: f"slope {k}")
    before = seen.picture.value
    seen.controls["k"].value = 3
    assert seen.picture.value != before
    assert seen.text == "slope 3"
    assert "slope 3" in seen.below.value
    assert "k is 3" in seen.below.value


def test_an_error_is_shown_with_its_line_and_cleared_by_the_next_good_frame():
    seen = explore(line, k=(1, 8))
    good = seen.picture.value
    seen.controls["k"].value = 5
    assert "line(k=5)" in seen.message.value
    assert "ValueError: five &lt;is&gt; too many" in seen.message.value
    assert "raise ValueError" in seen.message.value
    assert seen.picture.value == good
    seen.controls["k"].value = 2
    assert seen.message.value == seen.error == ""


@pytest.mark.parametrize("error", [SystemExit(3), RecursionError("deep"), AssertionError()])
def test_no_error_leaves_the_function_not_even_in_the_first_frame(error):
    def draw(k):
        plt.subplots()
        raise error

    seen = explore(draw, k=(1, 8))
    data, _ = seen._repr_mimebundle_()
    assert "image/png" not in data
    assert data["text/plain"].startswith(f"No picture: {type(error).__name__}")
    assert plt.get_fignums() == []


def test_wrong_words_do_not_cost_the_picture():
    seen = explore(line, k=(1, 8), alt=lambda word: word)
    assert seen.picture.value
    assert "alt: TypeError" in seen.error


def test_only_the_newest_of_many_moves_is_drawn():
    async def moves():
        seen = explore(line, k=(1, 100))
        for k in range(10, 60):
            seen.controls["k"].value = k
        before = seen.frames
        await asyncio.sleep(0.3)
        return before, seen.frames, seen.below.value

    before, after, below = asyncio.run(moves())
    assert (before, after) == (1, 2)
    assert "k is 59" in below


def test_moves_that_never_stop_are_drawn_all_the_same():
    async def moves():
        seen = explore(lambda k: None, k=(0, 1000))
        for k in range(150):
            seen.controls["k"].value = k
            await asyncio.sleep(0.001)
        return seen.frames

    assert asyncio.run(moves()) >= 3


def test_figures_of_any_kind_and_size_keep_their_size():
    def several(k):
        figure, axes = plt.subplots(1, 2, figsize=(7, 2))
        axes[0].plot([0, k])
        plt.show()

    seen = explore(several, k=(1, 3))
    assert (seen.picture.width, seen.picture.height) == ("770", "220")
    assert plt.get_fignums() == []


def test_controls_begin_where_told_else_at_the_default_else_at_the_first():
    assert explore(line, k=(1, 8), start={"k": 4}).values == {"k": 4}
    assert explore(line, k=(1, 8)).values == {"k": 2}
    assert explore(lambda k: None, k=(1, 8)).values == {"k": 1}


@pytest.mark.parametrize(
    "spec, kind, value",
    [
        ((1, 8), "IntSlider", 1),
        ((0, 10, 5), "IntSlider", 0),
        ((0.0, 1.0), "FloatSlider", 0.0),
        ((0, 1, 0.25), "FloatSlider", 0.0),
        (range(2, 9, 3), "IntSlider", 2),
        ("king", "Text", "king"),
        (["b", "a"], "Dropdown", "b"),
        ({"small": 1, "large": 9}, "Dropdown", 1),
        (True, "Checkbox", True),
    ],
)
def test_each_kind_of_control(spec, kind, value):
    made = control("k", spec)
    assert (type(made).__name__, made.value) == (kind, value)


@pytest.mark.parametrize("spec", [(8, 1), (1,), [], None, (1, "a"), object()])
def test_what_cannot_be_moved_is_refused_with_its_name(spec):
    with pytest.raises(ValueError, match="k="):
        control("k", spec)


def test_controls_and_arguments_must_fit():
    with pytest.raises(TypeError, match="moves 'n', but line takes k, word"):
        explore(line, n=(1, 8))
    with pytest.raises(TypeError, match="needs 'k'"):
        explore(lambda k: None)
    with pytest.raises(ValueError, match="cannot start at 99"):
        explore(line, k=(1, 8), start={"k": 99})
    with pytest.raises(ValueError, match="is no slider"):
        explore(line, k=(1, 8), play="word")


def test_play_and_slider_follow_each_other():
    seen = explore(lambda rate: None, rate=(0.0, 1.0, 0.25), play="rate")
    button = seen.children[0].children[0]
    button.value = 3
    assert seen.values == {"rate": 0.75}
    seen.controls["rate"].value = 0.25
    assert button.value == 1


# --- two vectors to drag -------------------------------------------------------------------------------


def test_numbers_follow_the_vectors():
    seen = drag_vectors((3, 1), (1, 2), ("dot", "cosine", "angle", "norms", "projection"))
    assert dict(seen.numbers) == {
        "dot": "5.00", "cosine": "0.71", "angle": "45°", "norms": "3.16, 2.24", "projection": "(1.50, 0.50)"
    }  # fmt: skip
    seen.set_state({"a": [0, 2]})  # as the page does it
    assert dict(seen.numbers)["dot"] == "4.00"
    assert seen.shadow == [0, 2]
    assert seen.answered == 2


def test_the_shadow_is_where_the_rest_is_at_right_angles():
    a, b = [2.5, -1.0], [-0.3, 4.0]
    rest = [y - p for y, p in zip(b, drag.projection(a, b), strict=True)]
    assert abs(drag.dot(a, rest)) < 1e-12


def test_functions_of_the_reader_are_used_and_their_errors_shown():
    seen = drag_vectors((1, 0), (0, 1), {"mine": lambda a, b: a[0] * 7, "bad": lambda a, b: a[5]})
    assert seen.numbers == [["mine", "7.00"], ["bad", "–"]]
    assert "bad([1.0, 0.0], [0.0, 1.0]) raised IndexError" in seen.error


def test_a_function_that_changes_its_arguments_does_not_move_the_vectors():
    seen = drag_vectors((1, 2), (0, 1), {"sorter": lambda a, b: a.clear() or 1})
    assert seen.a == [1, 2]


def test_the_still_of_the_vectors():
    data, metadata = drag_vectors()._repr_mimebundle_()
    said = "Two vectors to drag: a to (3.00, 1.00) and b to (1.00, 2.00). dot 5.00; cosine 0.71."
    assert data["text/plain"] == metadata["image/png"]["alt"] == said
    assert len(data["image/png"]) < 25_000 * 4 / 3


@pytest.mark.parametrize("a", [(9, 0), (1, 2, 3), (float("nan"), 0)])
def test_vectors_outside_of_the_plane_are_refused(a):
    with pytest.raises(ValueError, match="not in the plane"):
        drag_vectors(a)


def test_an_unknown_readout_names_those_there_are():
    with pytest.raises(ValueError, match="'sine' is not one of dot, cosine"):
        drag_vectors(readout=("sine",))


# --- the plane under a matrix ------------------------------------------------------------------------------


def times(M, x):
    return [sum(m * n for m, n in zip(row, x, strict=True)) for row in M]


def test_the_plane_goes_where_the_function_of_the_reader_sends_it():
    seen = drag_matrix(times, {"corner": lambda M: M[0][1]}, columns=((2, 0), (1, 1)))
    kinds = dict(seen.plane)
    assert kinds["edge"] == [[0, 0], [2, 0], [3, 1], [1, 1], [0, 0]]
    assert len(seen.plane) == 12 and seen.numbers == [["corner", "1.00"]] and seen.shadow == []
    seen.set_state({"b": [0, 3]})  # as the page does it
    kinds = dict(seen.plane)
    assert kinds["edge"][2] == [2, 3] and kinds["figure"][1] == pytest.approx([0.4, 3])
    assert seen.numbers == [["corner", "0.00"]]


def test_a_function_that_bends_the_plane_bends_the_lines():
    bent = drag_matrix(lambda M, x: [x[0], x[1] + x[0] ** 2])
    points = next(points for kind, points in bent.plane if kind == "line" and points[0][0] < points[-1][0])
    assert len({(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(points, points[1:], strict=False)}) > 2


def test_errors_of_the_function_and_of_a_readout_are_both_shown():
    seen = drag_matrix(lambda M, x: 1 / 0, {"bad": lambda M: M[5]})
    assert seen.plane == [] and "apply raised ZeroDivisionError" in seen.error and "IndexError" in seen.error
    seen.apply = times
    seen.set_state({"a": [1, 1]})
    assert seen.plane and "apply" not in seen.error


def test_the_still_of_the_plane():
    data, metadata = drag_matrix(times, {"first": lambda M: M[0][0]})._repr_mimebundle_()
    said = "The plane under the matrix [[1.0, 0.0], [0.0, 1.0]], whose columns can be dragged. first 1.00"
    assert data["text/plain"] == metadata["image/png"]["alt"] == said
    assert len(data["image/png"]) < 25_000 * 4 / 3


@pytest.mark.parametrize("columns", [((9, 0), (0, 1)), ((1, 0), (0, 1, 2)), ((1, 0), (float("nan"), 0))])
def test_columns_outside_of_the_plane_are_refused(columns):
    with pytest.raises(ValueError, match="column .* is not in the plane"):
        drag_matrix(times, columns=columns)


# --- a digit to draw ---------------------------------------------------------------------------------------


def rows(picture):
    """Ten probabilities: the shares of ink in ten pairs of rows."""
    pairs = picture[4:24].reshape(10, -1).sum(1)
    return pairs / pairs.sum()


def bar(row=10):
    """A picture with ink in one row, 0.6 = 153 / 255."""
    picture = np.zeros((28, 28))
    picture[row, 5:20] = 0.6
    return picture


def test_probabilities_follow_what_is_drawn():
    seen = draw_digit(rows)
    assert (seen.guessed, seen.error, seen.seen) == ([], "", "")
    seen.set_state({"ink": packed(bar())})  # as the page does it
    assert seen.guessed == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert (seen.picture == bar()).all() and seen.answered == 2
    seen.set_state({"ink": packed(np.zeros((28, 28)))})
    assert (seen.guessed, seen.answered) == ([], 3)


def test_every_shade_of_mnist_arrives_as_it_is():
    shades = np.arange(784).reshape(28, 28) % 256 / 255
    assert (unpacked(packed(shades)) == shades).all()
    assert (draw_digit(rows, start=shades).picture == shades).all()


def test_nothing_is_asked_about_an_empty_canvas():
    asked = []
    seen = draw_digit(asked.append, prepare=asked.append)
    assert asked == [] and seen.error == ""


def test_what_is_prepared_is_read_and_shown():
    seen = draw_digit(rows, prepare=lambda picture: np.roll(picture, 8, axis=0), start=bar())
    assert np.argmax(seen.guessed) == 7
    assert (unpacked(seen.seen) == bar(18)).all()


def test_a_prepared_picture_beyond_0_and_1_is_shown_whole():
    seen = draw_digit(lambda picture: [picture.min() == -1] + 9 * [0], lambda picture: picture * 5 - 1, bar())
    assert seen.guessed[0] == 1
    shown = unpacked(seen.seen)
    assert shown.min() == 0 and shown.max() == 1


def test_functions_that_change_their_argument_do_not_change_the_drawing():
    def spoil(picture):
        picture[:] = 0
        return bar(4)

    seen = draw_digit(lambda picture: rows(bar(4)) * (1 + spoil(picture)[0, 0]), spoil, bar())
    assert (seen.picture == bar()).all() and (unpacked(seen.seen) == bar(4)).all()


@pytest.mark.parametrize(
    "guess, words",
    [
        (lambda p: 1 / 0, "guess raised ZeroDivisionError: division by zero"),
        (lambda p: exit(3), "guess raised SystemExit: 3"),
        (lambda p: None, "guess returned None; is a `return` missing"),
        (lambda p: [0.1] * 9, r"guess returned numbers of shape \(9,\), expected \(10,\): one for each of 0 to 9"),
        (lambda p: [[0.1] * 10], r"shape \(1, 10\), expected \(10,\): return its only row"),
        (lambda p: 7, r"shape \(\)"),
        (lambda p: "seven", "guess returned a str that is no array of numbers"),
        (lambda p: [[1], [2, 3]], "guess returned a list that is no array of numbers"),
        (lambda p: [0.5, 0.5, float("nan")] + 7 * [0], "guess returned NaN for 2"),
        (lambda p: [-3.2] + 9 * [0.1], r"guess returned -3.2 for 0, .* softmax"),
        (lambda p: [0.3] * 10, "ten numbers that add up to 3, expected 1; is a softmax missing"),
    ],
)
def test_a_guess_that_is_none_is_told_and_the_next_good_one_clears_it(guess, words):
    seen = draw_digit(guess, start=bar())
    assert seen.guessed == [] and re.search(words, seen.error)
    assert re.search(words, seen._repr_mimebundle_()[0]["text/plain"])
    seen.guess = rows
    seen.set_state({"ink": packed(bar(4))})
    assert (np.argmax(seen.guessed), seen.error) == (0, "")


@pytest.mark.parametrize(
    "prepare, words",
    [
        (lambda p: p[9, 99], "prepare raised IndexError"),
        (lambda p: p.ravel(), r"prepare returned an array of shape \(784,\), expected \(28, 28\)"),
        (lambda p: p * float("nan"), "prepare returned an array with 784 numbers not finite"),
    ],
)
def test_what_cannot_be_prepared_is_told_and_not_read(prepare, words):
    asked = []
    seen = draw_digit(asked.append, prepare, bar())
    assert (seen.guessed, seen.seen, asked) == ([], "", []) and re.search(words, seen.error)


def test_the_still_of_the_digit_is_the_beginning_each_time_the_same_bytes():
    seen, again = (draw_digit(rows, lambda picture: picture, bar()) for _ in range(2))
    seen.set_state({"ink": packed(bar(20))})
    (data, metadata), (twin, _) = seen._repr_mimebundle_(), again._repr_mimebundle_()
    assert data.pop(VIEW)["model_id"] != twin.pop(VIEW)["model_id"]
    assert data == twin
    said = (
        "A canvas, 28 × 28, with a digit drawn in white. Read as 3. Probabilities: "
        "0 0.00, 1 0.00, 2 0.00, 3 1.00, 4 0.00, 5 0.00, 6 0.00, 7 0.00, 8 0.00, 9 0.00."
    )
    assert data["text/plain"] == metadata["image/png"]["alt"] == said
    assert len(data["image/png"]) < 25_000 * 4 / 3 and plt.get_fignums() == []
    assert "Nothing is drawn" in draw_digit(rows)._repr_mimebundle_()[0]["text/plain"]


@pytest.mark.parametrize(
    "start, words",
    [
        (np.zeros(784), r"start has the shape \(784,\), and the canvas \(28, 28\): start.reshape"),
        (np.zeros((8, 8)), r"start has the shape \(8, 8\)"),
        (bar() * 255, "start goes from 0.0 to 153.0, and ink from 0 to 1: divide by 255"),
        (bar() - 1, "start goes from -1.0 to -0.4"),
        (bar() * float("nan"), "start goes from nan"),
    ],
)
def test_a_start_that_is_no_picture_is_refused(start, words):
    with pytest.raises(ValueError, match=words):
        draw_digit(rows, start=start)


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="guess=7 is no function"):
        draw_digit(7)
    with pytest.raises(TypeError, match="prepare=7 is no function"):
        draw_digit(rows, prepare=7)


# --- typed text as tokens ------------------------------------------------------------------------------


def letters(text):
    """Every letter a token, except that some raise and some are no tokens."""
    if "!" in text:
        raise ValueError("no <shouting>")
    return [7] if "7" in text else [(ord(c), c.encode()) for c in text]


def test_each_key_is_read_by_every_function():
    seen = type_text({"letters": letters, "bytes": lambda text: [(b, bytes([b])) for b in text.encode()]}, "né")
    assert seen.rows["letters"] == ([(110, b"n"), (233, "é".encode())], "")
    assert [found for found, _ in seen.rows["bytes"][0]] == list("né".encode())
    seen.box.set_state({"value": "née <b>\n"})  # as the page does it
    assert seen.text == "née <b>\n" and len(seen.rows["letters"][0]) == 8
    assert "7 tokens" not in seen.below.value and "<b>letters</b> · 8 tokens, 9 bytes" in seen.below.value
    assert "&lt;" in seen.below.value and ">↵</span>" in seen.below.value and "⟨C3⟩" in seen.below.value
    assert 'title="233"' in seen.below.value


def test_what_goes_wrong_with_typed_text_is_said_and_the_others_go_on():
    seen = type_text({"letters": letters, "none": lambda text: []}, "a!")
    assert seen.rows == {"letters": ([], "raised ValueError: no <shouting>"), "none": ([], "")}
    assert '<div role="alert">letters raised ValueError: no &lt;shouting&gt;</div>' in seen.below.value
    seen.box.value = "7"
    assert "letters returned 7 for a token, expected (id, bytes)" in seen.below.value
    seen.box.value = "a"
    assert "alert" not in seen.below.value


def test_the_still_of_typed_text_is_how_it_began_and_the_same_every_time():
    bundles = []
    for _ in range(2):
        seen = type_text({"letters": letters}, "né 人")
        seen.box.value = "other"
        data, metadata = seen._repr_mimebundle_()
        data.pop(VIEW)
        bundles.append((data, metadata))
    assert bundles[0] == bundles[1]
    assert data["text/plain"] == "A box to type in. 4 characters. letters: 4 tokens, 7 bytes."
    assert image(data).size == (metadata["image/png"]["width"], metadata["image/png"]["height"])


def test_a_long_text_is_broken_into_lines_that_fit():
    lines = type_text({"letters": letters}, "wide " * 60).lines()
    assert lines[0] == [("letters · 300 tokens, 300 bytes", None)] and len(lines) > 5
    assert "".join(word for line in lines[1:] for word, _ in line).replace("·", " ") == "wide " * 60
    assert all(sum(len(word) + 1.6 for word, _ in line) < 104 for line in lines[1:])


@pytest.mark.parametrize("wrong", [{"read": {"a": 7}}, {"read": {"a": letters}, "start": 7}])
def test_what_cannot_be_typed_is_refused(wrong):
    with pytest.raises(TypeError, match="7"):
        type_text(**wrong)
