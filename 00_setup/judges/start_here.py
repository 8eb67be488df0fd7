"""What the exercises of `00_setup/01_start_here` are judged by."""

from judges import Judge, Mistake, Question, Verdict


def policies(rng):
    """Waits that never reach the cap, that reach it, that start above it; no attempts, and fewer than none."""
    yield 1, 2, 60, 4
    yield 1, 2, 60, 8
    yield 100, 2, 60, 3
    yield 1, 2, 60, 0
    yield 1, 2, 60, -1
    yield 100, 0.5, 60, 4
    for _ in range(40):
        yield rng.randint(1, 5), rng.randint(1, 4), rng.randint(5, 90), rng.randint(1, 9)


GUARD = "    if attempts < 0:\n        raise ValueError(attempts)\n"

EXERCISES = {
    "retry_delays": Judge(
        cases=policies,
        hints=(
            "Write the waits for n = 0, 1, 2 on paper: base, base · factor, base · factor · factor.",
            "A list comprehension over `range(attempts)`, with `min(cap, …)` around each wait.",
            "`range(-1)` is empty, not an error: test `attempts` first and raise a ValueError that names it.",
        ),
        mistakes={
            "no-cap": Mistake(
                "Right until the waits grow large: nothing stops them at `cap`. Try eight retries by hand.",
                "def retry_delays(base, factor, cap, attempts):\n"
                + GUARD
                + "    return [base * factor**n for n in range(attempts)]",
            ),
            "starts-late": Mistake(
                "Your first wait has already grown once. What is factor to the power of 0?",
                "def retry_delays(base, factor, cap, attempts):\n"
                + GUARD
                + "    return [min(cap, base * factor**n) for n in range(1, attempts + 1)]",
            ),
            "linear": Mistake(
                "Your waits grow by the same amount each time. They should grow by the same *factor*.",
                "def retry_delays(base, factor, cap, attempts):\n"
                + GUARD
                + "    return [min(cap, base + n * factor) for n in range(attempts)]",
            ),
            "stops-at-cap": Mistake(
                "Waits above the cap are missing from your list. They should be cut to the cap, not dropped.",
                "def retry_delays(base, factor, cap, attempts):\n"
                + GUARD
                + "    return [w for n in range(attempts) if (w := base * factor**n) <= cap]",
            ),
            "unchecked": Mistake(
                "All waits are right. For a negative number of attempts you return a list where the docstring promises an error.",
                "def retry_delays(base, factor, cap, attempts):\n"
                "    return [min(cap, base * factor**n) for n in range(attempts)]",
            ),
            "off-by-one-again": Mistake(
                "Two small things at once: your first wait has already grown, and a negative number of attempts passes.",
                "def retry_delays(base, factor, cap, attempts):\n"
                "    return [min(cap, base * factor**n) for n in range(1, attempts + 1)]",
            ),
            "linear-unchecked": Mistake(
                "Your waits grow by addition: base, base + factor, and so on. The docstring multiplies (and caps, and refuses).",
                "def retry_delays(base, factor, cap, attempts):\n"
                "    return [base + factor * n for n in range(attempts)]",
            ),
            "clipped-early": Mistake(
                "You cap the running wait and go on from there. With a factor below 1 that is another list: by hand, "
                "what are the waits for base 100, factor 0.5, cap 60?",
                "def retry_delays(base, factor, cap, attempts):\n"
                + GUARD
                + "    waits = []\n    for _ in range(attempts):\n        base = min(cap, base)\n"
                "        waits.append(base)\n        base = base * factor\n    return waits",
            ),
            "first-uncapped": Mistake(
                "The first wait is not capped: base may be above the cap from the start.",
                "def retry_delays(base, factor, cap, attempts):\n"
                + GUARD
                + "    return [base if n == 0 else min(cap, base * factor**n) for n in range(attempts)]",
            ),
            "capped-base": Mistake(
                "You cap the base once; the waits then grow past the cap.",
                "def retry_delays(base, factor, cap, attempts):\n"
                + GUARD
                + "    return [min(cap, base) * factor**n for n in range(attempts)]",
            ),
            "no-cap-unchecked": Mistake(
                "Nothing stops the waits at `cap`: try eight retries by hand. (And what about negative attempts?)",
                "def retry_delays(base, factor, cap, attempts):\n"
                "    return [base * factor**n for n in range(attempts)]",
            ),
        },
        also=(
            "def retry_delays(base, factor, cap, attempts):\n"
            + GUARD
            + "    waits, wait = [], base\n    for _ in range(attempts):\n        waits.append(min(wait, cap))\n"
            "        wait *= factor\n    return waits",
        ),
    ),
}

QUIZ = (
    Question(
        "cap",
        "In the widget, base 1 and factor 2: the smallest cap at which none of the eight waits is cut?",
        (
            ("60", "Two waits are above 60: the seventh and the eighth."),
            ("64", "That lets the seventh wait through; the eighth is larger."),
            ("128", "Two to the power of seven: eight waits, counted from zero."),
            ("256", "One doubling too many: the first wait is not doubled."),
        ),
        right=2,
    ),
    Question(
        "herd",
        "In our outage: why does full jitter help, when each client still retries four times?",
        (
            (
                "It spreads the same requests over time",
                "The sum is the same, the peak is not, and peaks break services.",
            ),
            (
                "It makes every client wait for longer",
                "On average it waits half as long: uniform between 0 and the delay.",
            ),
            ("It lets the fastest client win the race", "There is no race to win; the point is that few come at once."),
            (
                "It halves the number of retries in all",
                "In our outage each client still retries four times. Where some succeed, the number falls as well.",
            ),
        ),
        right=0,
    ),
    Question(
        "unsolved",
        "You leave an exercise unsolved. What does a later notebook get when it imports that function?",
        (
            ("An error that sends you back to solve it", "Nothing ever blocks you here."),
            ("Your empty function, which returns None", "An empty or failing attempt never reaches a later notebook."),
            ("The published solution, until yours passes", "And it says whose version it is."),
            (
                "The last version of yours, working or not",
                "Only a version that passed its check on exactly that source.",
            ),
        ),
        right=2,
    ),
)

REVIEWS = {
    "running-product": Verdict(
        of="retry_delays",
        right=False,
        why="For factors of 1 and more the two agree, up to rounding, as long as the power can be computed (a float power "
        "overflows after a thousand doublings, and there the new version is the better one). With a factor below 1 and a base above the cap the "
        "old version starts at the cap and stays there until the true product falls below it; the new one shrinks at "
        "once. The docstring allows such a factor, and a test that only ever doubles says nothing about it.",
        cases=policies,
        witness=(100, 0.5, 60, 4),
    ),
}
