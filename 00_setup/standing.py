"""Where you stand: the course laid beside the log. What is done, what comes next, what to do this week.

Nothing of it is stored. It is computed each time from `course.toml`, the notebooks and the log, so it cannot
disagree with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import built
import calibration
import course
import notebook
import progress

SOLVED = ("unaided", "with hints", "solution seen")
WEEK = 300  # minutes: the course is planned in weeks of five hours
LEAST = 20  # minutes: nobody opens a notebook for less


@dataclass(frozen=True)
class Place:
    """A notebook and what the learner did in it: `states` by exercise, `spent` in minutes."""

    row: course.Row
    states: dict[str, str]
    spent: float
    done: bool

    @property
    def solved(self) -> int:
        """How many of its exercises are solved, in whichever way."""
        return sum(state in SOLVED for state in self.states.values())

    @property
    def left(self) -> int:
        """Minutes that it may still take, by the estimate and what was spent, in steps of five."""
        return max(LEAST, 5 * round((self.row.minutes - self.spent) / 5))


@dataclass(frozen=True)
class Standing:
    """The whole course, as the board shows it. `plan` is (place, minutes) for the rest of this week."""

    modules: tuple[tuple[course.Module, tuple[Place, ...]], ...]
    yours: int
    core: int
    predictions: tuple[progress.Prediction, ...]
    next: Place | None
    spent: int
    plan: tuple[tuple[Place, int], ...]

    @property
    def shares(self) -> list[calibration.Share]:
        """The settled predictions by confidence."""
        return calibration.shares(list(self.predictions))


def standing(now: datetime | None = None) -> Standing:
    """Read the course, its notebooks and the log. `now` decides which week is this one."""
    whole = course.load()
    states, spent = progress.exercises(), progress.minutes()
    quizzed = {record["notebook"] for record in progress.records("quiz")}
    owners = [state for _, _, state in built.mine()]
    places = {}
    for row in whole.notebooks:
        found = notebook.exercises(notebook.ROOT / f"{row.file}.ipynb") if row.exists else {}
        own = {name: states.get((row.noun, name), "untouched") for name in found}
        finished = all(state in SOLVED for state in own.values()) if own else row.noun in quizzed
        places[row.noun] = Place(row, own, spent.get(row.noun, 0), row.exists and finished)
    rows = tuple((m, tuple(p for p in places.values() if p.row.folder == m.folder)) for m in whole.modules)
    ahead = upcoming(places)
    used = round(sum(progress.minutes(since=monday(now)).values()))
    return Standing(
        modules=rows,
        yours=owners.count("yours"),
        core=len(owners),
        predictions=tuple(progress.predictions()),
        next=ahead[0] if ahead and ahead[0].row.spine else None,
        spent=used,
        plan=plan(ahead, WEEK - used if used < WEEK else WEEK),
    )


def upcoming(places: dict[str, Place]) -> list[Place]:
    """The written notebooks in the order in which they can be done, each after what it needs; branches last."""
    known = {noun for noun, place in places.items() if place.done}
    ahead: list[Place] = []
    for spine in (True, False):
        while ready := [
            place
            for noun, place in places.items()
            if place.row.spine is spine and place.row.exists and noun not in known and known.issuperset(place.row.needs)
        ]:
            ahead.append(ready[0])
            known.add(ready[0].row.noun)
    return ahead


def plan(ahead: list[Place], minutes: int) -> tuple[tuple[Place, int], ...]:
    """What of `ahead` fits into so many minutes, the last one perhaps in part."""
    chosen = []
    for place in ahead:
        if minutes < LEAST:
            break
        part = min(place.left, minutes)
        chosen.append((place, part))
        minutes -= part
    return tuple(chosen)


def monday(now: datetime | None = None) -> datetime:
    """The beginning of this ISO week, in the learner's own time zone.

    >>> monday(datetime.fromisoformat("2026-11-25T18:00:00+00:00")).isoformat()
    '2026-11-23T00:00:00+00:00'
    """
    now = now or datetime.now().astimezone()
    return (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
