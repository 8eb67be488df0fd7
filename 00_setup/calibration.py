"""How good are your predictions? Of those that you gave with 80 %, about 80 in a hundred should hold.

Being right is not the point: always saying 0 to a million is right and worthless, and so is a narrow range
that never holds. Confidence that matches what happens is a skill, and it grows when somebody counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Prediction:
    """What was predicted, how surely (percent), what it was, and whether the prediction held.

    `range` is (low, high), or None for a `choice`. `value` and `held` are None until it was revealed.
    """

    notebook: str
    slug: str
    question: str
    range: tuple[float, float] | None
    choice: str | None
    sure: float
    unit: str = ""
    value: object = None
    held: bool | None = None
    time: str = ""


def settle(records: list[dict]) -> list[Prediction]:
    """The predictions in `records`, in the order in which they were made; of each the last word before its answer.

    A prediction changed after the answer was seen does not count: knowing afterwards is no prediction.
    """
    made: dict[tuple[str, str], Prediction] = {}
    answered: set[tuple[str, str]] = set()
    for record in records:
        key = record["notebook"], record["slug"]
        if key in answered or not isinstance(record.get("sure", 0), int | float):
            continue
        if record["kind"] == "predict":
            made[key] = predicted(record)
        elif key in made:
            answered.add(key)
            made[key] = replace(made[key], value=record["value"], held=holds(made[key], record["value"]))
    return list(made.values())


def predicted(record: dict) -> Prediction:
    """The prediction that a record of the log tells of."""
    low, high, choice = record.get("low"), record.get("high"), record.get("choice")
    bounds = (low, high) if isinstance(low, int | float) and isinstance(high, int | float) else None
    where = record["notebook"], record["slug"], record["question"]
    return Prediction(*where, bounds, choice, record["sure"], record.get("unit") or "", time=record["t"])


def holds(prediction: Prediction, value: object) -> bool | None:
    """Was it so? None where the value cannot be compared with what was predicted."""
    if prediction.range is None:
        return prediction.choice == value
    low, high = prediction.range
    return low <= value <= high if isinstance(value, int | float) else None


@dataclass(frozen=True)
class Share:
    """Of `count` predictions given with about `sure` percent, `held` did."""

    label: str
    sure: float  # their mean
    held: int
    count: int


def shares(predictions: list[Prediction]) -> list[Share]:
    """The settled predictions by confidence, in bins of ten percent.

    >>> settled = [Prediction("n", "a", "?", (0, 1), None, 80, held=True), Prediction("n", "b", "?", (0, 1), None, 85)]
    >>> shares(settled)
    [Share(label='80 %', sure=80.0, held=1, count=1)]
    """
    bins: dict[int, list[Prediction]] = {}
    for each in predictions:
        if each.held is not None:
            bins.setdefault(int(each.sure // 10), []).append(each)
    found = []
    for ten, inside in sorted(bins.items()):
        levels = {each.sure for each in inside}
        label = f"{min(levels):g} %" if len(levels) == 1 else f"{10 * ten}–{10 * ten + 9} %"
        mean = sum(each.sure for each in inside) / len(inside)
        found.append(Share(label, mean, sum(each.held for each in inside), len(inside)))
    return found
