"""Widgets in a real JupyterLab and a real browser: hands move them, pictures change, nothing complains.

First every kind of control, on a notebook made for it; then each notebook of the course that has a widget.
Screenshots are kept in `screenshots/`, to be looked at.
"""

from __future__ import annotations

import re
import time

import notebook as course
import pytest
from browser import lab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(bool(lab.missing()), reason=lab.missing() or "there is a browser"),
]

START = """
import sys, time
sys.path.insert(0, {setup!r})
import matplotlib.pyplot as plt, show
from play import explore
from drag import drag_vectors
from sketch import draw_digit
from talk import chat_box
from typed import type_text
show.style()
"""
EXPLORE = """
def waves(k, which, word):
    print("drawn with", k, which, word)
    if k == 8:
        raise ValueError("eight is too many")
    plt.plot([i * k for i in range(9)], marker="o" if which == "dots" else None)
    plt.title(word)
seen = explore(waves, k=(1, 9), which=["line", "dots"], word="king", play="k", alt=lambda k, which, word: f"Slope {k}")
seen
"""
SLOW = """
drawn = []
def slow(k):
    time.sleep(0.3)
    drawn.append(k)
    show.curve([0, 1], {"line": [0, k]})
explore(slow, k=(0, 100))
"""
DRAG = """
def dot(a, b):
    return 1 / 0 if a == [0, 0] else a[0] * b[0] + a[1] * b[1]
dragged = drag_vectors((0.5, 0), (1, 2), readout={"my dot": dot})
dragged
"""
HALF = """
torn = []
def whole(k):
    before = plt.get_fignums()
    time.sleep(0.02)
    torn.append(plt.get_fignums() != before)
    plt.plot([0, k])
explore(whole, k=(0, 100))
"""
HANDLES = {  # of each kind of widget
    "explore": ".noUi-handle, select",
    "drag_vectors": "g.arrow",
    "drag_matrix": "g.arrow",
    "draw_digit": ".sheet canvas",
    "type_text": ".type-here textarea",
}
KEYS = {"draw_digit": " ", "type_text": "x"}  # what to press where it is not an arrow
TORN = "print(len(torn) > 5, any(torn))"
SKETCH = """
def by_row(picture):
    if picture.T[-1].any():
        raise ValueError("ink at the lower edge")
    rows = picture.T[4:24].reshape(10, -1).sum(1)
    return rows / rows.sum()
sketched = draw_digit(by_row, prepare=lambda picture: picture.T)
sketched
"""
SKETCHED = "print(sketched.picture.max(), sketched.answered, sketched.picture.sum().round())"
TYPED = """
def letters(text):
    if "!" in text:
        raise ValueError("no shouting")
    return [(ord(character), character.encode()) for character in text]
typed = type_text({"letters": letters}, "né")
typed
"""
TALK = """
def slowly(messages):
    for n in range(200):
        yield f"{n} " if messages[-1]["content"] != "break" else 1 / 0
        time.sleep(0.0 if len(messages) == 1 and n < 3 else 0.1)
        if len(messages) == 1 and n == 2:
            return
talked = chat_box(slowly, "count")
talked
"""
WHAT = "print(repr(typed.text), len(typed.rows['letters'][0]))"
SAID = "print(seen.values, seen.error, seen.frames, '| drawn', drawn, '|', dragged.a, dragged.b)"
STARTED = """
import numpy as np
shades = np.arange(784).reshape(28, 28) % 256 / 255
shades[-1] = 0
started = draw_digit(by_row, prepare=lambda picture: picture.T, start=shades)
started
"""
KEPT = "print(started.answered, np.abs(started.picture - shades)[:, :14].max(), started.picture[10, 20])"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """JupyterLab on a copy of the course, with the notebook of these tests beside it."""
    folder = lab.course(tmp_path_factory.mktemp("a course"))
    sketches = (SKETCH, SKETCHED, "sketched", STARTED, KEPT)
    source = lab.notebook(
        START.format(setup=str(folder / "00_setup")),
        EXPLORE,
        SLOW,
        DRAG,
        SAID,
        HALF,
        TORN,
        *sketches,
        TYPED,
        WHAT,
        TALK,
    )
    (folder / "widgets.ipynb").write_text(source)
    with lab.Lab(folder, tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture(scope="module")
def chromium():
    with lab.browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(server, chromium):
    """The notebook of these tests, run."""
    opened = lab.Page(server, chromium, "widgets.ipynb")
    opened.run(3)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def no_complaint(request):
    """No test here ends with an error in the page or in its console."""
    yield
    if "page" in request.fixturenames:
        assert request.getfixturevalue("page").errors == []


def slider(page, cell):
    return page.output(cell).locator(".noUi-handle").first


def kernel(page) -> str:
    """What the kernel knows now."""
    page.run(4, above=False)
    return page.output(4).inner_text()


def test_events_that_come_while_a_frame_is_drawn_leave_it_whole(page):
    """JupyterLab delivers them in another thread, after which IPython closes all figures."""
    page.run(5, above=False)
    slider(page, 5).focus()
    for _ in range(30):
        slider(page, 5).press("ArrowRight")
        page.tab.wait_for_timeout(35)
    page.run(6, above=False)
    assert page.output(6).inner_text().strip() == "True False"


def test_keyboard_moves_a_slider(page):
    before = page.calm(1)
    assert before, "no picture under the controls"
    page.shot("explore", 1)
    slider(page, 1).focus()
    slider(page, 1).press("ArrowRight")
    page.changed(1, before)
    page.output(1).get_by_text("drawn with 2 line king").wait_for()
    slider(page, 1).press("ArrowLeft")
    page.output(1).get_by_text("drawn with 1 line king").wait_for()
    assert page.calm(1) == before, "the same values gave another picture"


def test_mouse_moves_a_slider(page):
    before = page.calm(1)
    page.drag(slider(page, 1), right=60)
    page.changed(1, before)


def test_the_picture_keeps_its_own_size(page):
    page.calm(1)
    sizes = """async image => { await image.decode();  // before it has arrived, a picture has no size of its own
      return [image.width, image.height, image.naturalWidth, image.naturalHeight] }"""
    shown = page.output(1).locator("img").evaluate(sizes)
    assert shown[:2] == shown[2:]


def test_a_choice_and_a_text(page):
    before = page.calm(1)
    page.output(1).locator("select").select_option("dots")
    before = page.changed(1, before)
    box = page.output(1).locator("input[type=text]")
    box.fill("queen")
    box.press("Enter")
    page.changed(1, before)
    page.output(1).get_by_text("dots queen").wait_for()


def test_words_for_those_who_listen_follow_the_picture(page):
    slider(page, 1).press("Home")
    page.output(1).get_by_text("drawn with 1 ").wait_for()
    assert page.output(1).locator("[aria-live]").first.inner_text() == "Slope 1"


def test_an_error_is_shown_and_the_next_good_frame_clears_it(page):
    slider(page, 1).press("End")
    page.output(1).get_by_text("drawn with 9 ").wait_for()
    good = page.calm(1)
    slider(page, 1).press("ArrowLeft")
    alert = page.output(1).locator("[role=alert]")
    alert.wait_for()
    page.shot("explore-error", 1)
    assert re.search(r"No picture for waves\(k=8.*ValueError: eight is too many", alert.inner_text())
    assert page.calm(1) == good, "the last good picture stays"
    assert page.output(1).locator("img").evaluate("image => getComputedStyle(image).opacity") == "0.35"
    slider(page, 1).press("ArrowRight")
    alert.wait_for(state="detached")


def test_the_play_button_runs_through_the_frames(page):
    slider(page, 1).press("Home")
    page.output(1).get_by_text("drawn with 1 ").wait_for()
    before = page.calm(1)
    page.output(1).locator(".jupyter-widgets.widget-play button").first.click()
    after = page.changed(1, before)
    page.changed(1, after)
    page.output(1).locator(".jupyter-widgets.widget-play button").first.click()


def test_frames_that_nobody_waits_for_are_not_drawn(page):
    before = page.calm(2)
    slider(page, 2).focus()
    for _ in range(20):
        slider(page, 2).press("ArrowRight")
    page.changed(2, before)
    page.tab.wait_for_timeout(1500)  # as long as five frames take, should they come
    said = kernel(page)
    assert "drawn [" in said, said
    drawn = [int(k) for k in re.search(r"drawn \[([\d, ]*)\]", said)[1].split(",")]
    assert drawn[-1] == 20, "the last frame is the one that was asked for last"
    assert len(drawn) < 15, f"20 quick steps of a slow picture drew {drawn}"


def test_vectors_by_keyboard(page):
    before = page.calm(3)
    b = page.output(3).locator("g.arrow.b")
    b.focus()
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowDown"):
        b.press(key)
    page.changed(3, before)
    page.output(3).get_by_text("(1.1, 0.9)").wait_for()
    page.output(3).get_by_text("0.55", exact=True).wait_for()  # 0.5 · 1.1, by the function of the notebook
    assert "[1.1, 0.9]" in kernel(page)


def test_vectors_by_mouse(page):
    before = page.calm(3)
    page.drag(page.output(3).locator("g.arrow.a .grip"), right=76, up=114)
    page.changed(3, before)
    page.output(3).get_by_text("(2.5, 3)").wait_for()
    page.output(3).get_by_text("5.45", exact=True).wait_for()
    page.shot("drag-vectors", 3)


def test_vectors_by_touch(page):
    grip = page.output(3).locator("g.arrow.a .grip")
    grip.scroll_into_view_if_needed()
    box, before = grip.bounding_box(), page.calm(3)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page.tab)
    for kind, where in (("Start", [(x, y)]), ("Move", [(x - 20, y)]), ("Move", [(x - 38, y + 38)]), ("End", [])):
        points = [{"x": px, "y": py} for px, py in where]
        finger.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    page.changed(3, before)
    page.output(3).get_by_text("(1.5, 2)").wait_for()


def test_an_error_of_the_readers_function_is_shown_beside_the_vectors(page):
    a = page.output(3).locator("g.arrow.a")
    page.drag(a.locator(".grip"), right=-57, up=-76)
    alert = page.output(3).get_by_role("alert")
    alert.get_by_text("my dot([0.0, 0.0], [1.1, 0.9]) raised ZeroDivisionError").wait_for()
    page.shot("drag-vectors-error", 3)
    a.press("ArrowRight")
    page.output(3).get_by_text("0.11", exact=True).wait_for()
    assert alert.inner_text() == ""


# --- a digit to draw -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sketch(page):
    """The output with the canvas, on which nothing is drawn yet."""
    page.run(7, above=False)
    page.output(7).get_by_text("nothing drawn yet").wait_for()
    return page.output(7)


def kept(page) -> tuple[float, int, float]:
    """The brightest pixel, the answers so far and the sum of the ink, as the kernel knows them."""
    page.run(8, above=False)
    brightest, answers, ink = page.output(8).inner_text().split()
    return float(brightest), int(answers), float(ink)


def line(page, sketch, *points):
    """Draw through these points of the canvas, given in pixels of the picture, with the mouse."""
    canvas = sketch.locator(".sheet canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    (x, y), *more = [
        (box["x"] + column * box["width"] / 28, box["y"] + row * box["height"] / 28) for column, row in points
    ]
    page.tab.mouse.move(x, y)
    page.tab.mouse.down()
    for x, y in more:
        page.tab.mouse.move(x, y, steps=12)
        page.tab.wait_for_timeout(120)
    page.tab.mouse.up()


def test_a_digit_drawn_with_the_mouse_is_read_and_what_the_network_sees_is_shown(page, sketch):
    empty, (_, before, _) = page.calm(7), kept(page)
    line(page, sketch, (7, 9), (20, 9))
    sketch.get_by_text("reads 2").wait_for()  # rows 8 and 9 are the third pair from row 4 on
    best = sketch.locator(".row.best")
    assert best.locator(".digit").inner_text() == "2"
    assert float(best.locator(".share").inner_text()) > 0.5
    assert best.locator(".bar").bounding_box()["width"] > 50
    drawn, small = page.calm(7).split()
    assert drawn != empty.split()[0] and small != empty.split()[1]
    brightest, answers, ink = kept(page)
    assert brightest == 1 and 30 < ink < 60 and answers > before
    line(page, sketch, (20, 9), (13, 14), (12, 24))
    page.changed(7, f"{drawn} {small}")
    page.calm(7)
    page.shot("draw-digit", 7)


def test_a_stroke_is_as_soft_as_those_of_mnist(page, sketch):
    """MNIST's upright ones have 2.3 to 3.2 of ink in a row; a third of the inked pixels is neither dark nor bright."""
    sketch.get_by_role("button").click()
    line(page, sketch, (14.2, 5), (14.2, 22))
    sketch.get_by_text("reads").wait_for()
    _, _, ink = kept(page)
    assert 2.3 < ink / (22 - 5 + 2.7) < 3.2


def test_a_long_stroke_is_told_ten_times_a_second_at_most(page, sketch):
    _, before, _ = kept(page)
    began = time.monotonic()
    line(page, sketch, *[(column, row) for row in (6, 10, 14, 18, 22) for column in (6, 22)])
    page.calm(7)
    lasted = time.monotonic() - began
    assert 3 < kept(page)[1] - before < lasted * 10 + 2


def test_clear_empties_the_canvas(page, sketch):
    before = page.calm(7)
    sketch.get_by_role("button", name="Clear the canvas").click()
    page.changed(7, before)
    sketch.get_by_text("nothing drawn yet").wait_for()
    assert sketch.locator(".share").all_inner_texts() == ["–"] * 10
    assert kept(page)[::2] == (0, 0)


def test_a_digit_drawn_with_the_keys(page, sketch):
    canvas = sketch.locator(".sheet canvas")
    canvas.focus()
    empty = page.calm(7)
    for key in ("ArrowUp", "Shift+ArrowLeft", "ArrowUp"):
        canvas.press(key)
    sketch.get_by_text("pen up, column 11, row 13").wait_for()
    assert page.calm(7) == empty, "a pen that is up draws nothing"
    canvas.press("Space")
    for _ in range(8):
        canvas.press("ArrowRight")
    sketch.get_by_text("pen down, column 19, row 13").wait_for()
    sketch.get_by_text("reads 4").wait_for()
    page.shot("draw-digit-keys", 7)
    canvas.press("Space")
    drawn = page.calm(7)
    canvas.press("ArrowDown")
    assert page.calm(7) == drawn, "the pen was lifted"
    for key in ("Delete", "Escape"):
        canvas.press(key)
        sketch.get_by_text("nothing drawn yet").wait_for()
        canvas.press("Space")
        sketch.get_by_text("reads 5").wait_for()  # a dot in the middle, where the pen begins anew
    canvas.blur()
    canvas.focus()
    canvas.press("ArrowUp")
    sketch.get_by_text("pen up, column 15, row 14").wait_for()  # who leaves the canvas lifts the pen
    canvas.press("Delete")
    sketch.get_by_text("nothing drawn yet").wait_for()
    assert kept(page)[2] == 0


def test_a_digit_drawn_with_a_finger(page, sketch):
    canvas = sketch.locator(".sheet canvas")
    canvas.scroll_into_view_if_needed()
    box, before = canvas.bounding_box(), page.calm(7)
    finger = page.context.new_cdp_session(page.tab)
    for kind, where in (("Start", [(80, 185)]), ("Move", [(140, 185)]), ("Move", [(200, 185)]), ("End", [])):
        points = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in where]
        finger.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    page.changed(7, before)
    sketch.get_by_text("reads 7").wait_for()


def test_an_error_of_the_guess_is_shown_beneath_the_canvas(page, sketch):
    line(page, sketch, (14, 27), (20, 27))
    alert = sketch.get_by_role("alert")
    alert.get_by_text("guess raised ValueError: ink at the lower edge").wait_for()
    assert sketch.locator(".verdict").inner_text() == "no guess"
    page.calm(7)
    page.shot("draw-digit-error", 7)
    sketch.get_by_role("button").click()
    sketch.get_by_text("nothing drawn yet").wait_for()
    assert alert.inner_text() == ""


def test_a_second_view_follows_the_first(page, sketch):
    """The same canvas, shown by another cell, has what is drawn in the first and can go on with it."""
    page.run(9, above=False)
    second = page.output(9).locator(".sheet canvas")
    second.wait_for()
    line(page, sketch, (7, 9), (20, 9))
    page.output(9).get_by_text("reads 2").wait_for()
    drawn = [page.calm(number).split()[0] for number in (7, 9)]  # the large canvas, without what the network sees
    line(page, page.output(9), (7, 17), (20, 17))
    page.calm(9)
    assert page.calm(7).split()[0] != drawn[0] and page.calm(9).split()[0] != drawn[1]
    line(page, sketch, (7, 13), (20, 13))
    page.calm(9)
    assert kept(page)[2] > 100, "three strokes, of which each view drew some"


def test_a_picture_to_begin_with_keeps_every_shade_beside_what_is_drawn_on_it(page, sketch):
    page.run(10, above=False)
    page.output(10).get_by_text("reads").wait_for()
    before = page.calm(10)
    line(page, page.output(10), (18, 10.5), (24, 10.5))
    page.changed(10, before)
    page.calm(10)
    page.run(11, above=False)
    answers, difference, drawn = page.output(11).inner_text().split()
    assert int(answers) > 1
    assert (float(difference), float(drawn)) == (0, 1)


# --- typed text as tokens ------------------------------------------------------------------------------


def test_tokens_follow_every_key(page):
    page.run(12, above=False)
    box, tokens = page.output(12).locator("textarea"), page.output(12).locator(".token")
    tokens.first.wait_for()
    assert tokens.all_inner_texts() == ["n", "é"]
    box.focus()
    box.press("End")
    box.press_sequentially("e 人")
    tokens.nth(4).wait_for()
    assert tokens.all_inner_texts() == ["n", "é", "e", "·", "人"]
    assert tokens.nth(4).get_attribute("title") == "20154"
    page.output(12).get_by_text("5 tokens, 8 bytes").first.wait_for()
    page.shot("type-text", 12)
    page.run(13, above=False)
    assert page.output(13).inner_text().strip() == "'née 人' 5"


def test_an_error_is_shown_in_the_place_of_the_tokens_until_the_text_is_mended(page):
    box, alert = page.output(12).locator("textarea"), page.output(12).locator("[role=alert]")
    box.focus()
    box.press("End")
    box.press("!")
    alert.get_by_text("letters raised ValueError: no shouting").wait_for()
    box.press("Backspace")
    page.output(12).locator(".token").nth(4).wait_for()
    assert alert.count() == 0


# --- a chat --------------------------------------------------------------------------------------------


def test_an_answer_streams_and_is_stopped(page):
    page.run(14, above=False)
    box = page.output(14)
    box.get_by_text("0 1 2").wait_for()
    box.locator(".say-here textarea").fill("on & on <b>")
    box.get_by_role("button", name="Send").click()
    box.get_by_text("on & on <b>").wait_for()
    box.get_by_text("3 4 5").wait_for()  # it comes while the kernel is busy with it
    page.shot("chat-streams", 14)
    box.get_by_role("button", name="Stop").click()
    box.get_by_text("stopped").wait_for()
    said = box.inner_text()
    page.tab.wait_for_timeout(500)
    assert box.inner_text() == said and "199" not in said, "it went on after Stop"
    assert box.locator("[role=alert]").count() == 0


# --- the widgets of the course -------------------------------------------------------------------------


def widgets():
    """(notebook, widget, number of its cell): the first of each kind in each notebook of the course."""
    for path in course.notebooks():
        for kind in HANDLES:
            found = [n for n, cell in enumerate(course.cells(path)) if cell.kind == "code" and calls(cell.source, kind)]
            if found:
                yield pytest.param(path, kind, found[0], id=f"{course.noun(path)}-{kind}")


def calls(source: str, kind: str) -> bool:
    """Is there a line that begins with a call of `kind`?

    >>> calls("seen = explore(draw, k=(1, 8))", "explore"), calls("def explore(draw):", "explore")
    (True, False)
    """
    return bool(re.search(rf"^(?:\w+ = )?{kind}\(", source, re.MULTILINE))


@pytest.mark.parametrize("path, kind, number", list(widgets()))
def test_the_widgets_of_the_course(server, chromium, path, kind, number):
    opened = lab.Page(server, chromium, path.relative_to(course.ROOT).as_posix())
    try:
        opened.run(number)
        handles = opened.output(number).locator(HANDLES[kind])
        name = f"{course.noun(path)}-{kind}"
        opened.shot(f"{name}-run")  # what there is to see if the next line fails
        handles.first.wait_for()
        sliders = opened.output(number).locator(".noUi-handle")
        handle = sliders.first if sliders.count() else handles.first
        handle.focus()
        if sliders.count():  # from one end to the other: one step need not change what is drawn
            handle.press("Home")
        before = opened.calm(number)
        opened.shot(f"{name}-before", number)
        assert before, "a widget without a picture"
        if kind == "explore" and not sliders.count():
            handle.select_option(index=1)
        else:
            handle.press("End" if sliders.count() else KEYS.get(kind, "ArrowRight"))
        opened.changed(number, before)
        before = opened.calm(number)
        if sliders.count():
            opened.drag(handle, right=-300)
            opened.changed(number, before)
        elif kind not in ("explore", "type_text"):
            opened.drag(handle if kind == "draw_digit" else handle.locator(".grip"), right=70)
            opened.changed(number, before)
        opened.shot(f"{name}-after", number)
        assert opened.output(number).locator("[role=alert]:not(:empty)").count() == 0, "the widget shows an error"
        assert opened.errors == []
    finally:
        opened.close()
