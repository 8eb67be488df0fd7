"""The runs of 03_gpt that are too slow for a page: what size and text buy, what each part is for, and a long training.

    python 03_transformers/labs/gpt_runs.py scaling             # 16 runs; writes recorded/gpt_scaling.json
    python 03_transformers/labs/gpt_runs.py ablation            # 35 runs; writes recorded/gpt_ablation.json
    python 03_transformers/labs/gpt_runs.py long                # writes recorded/gpt_long.json and gpt_long.npz

Stopped and called again, each goes on where it was. `--quick` takes a few of the steps, and measures on less, to see
that all works; what it records says so. Models, training and measure are those of the notebook. No network.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import sys
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "00_setup"))
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that wait sleep, which matters on a busy machine

import numpy as np  # noqa: E402  (the path above comes first)
import torch  # noqa: E402
from built import gpt  # noqa: E402
from built.language_models import bits_of, ids_of  # noqa: E402
from built.probability_and_information import text  # noqa: E402
from tqdm import tqdm  # noqa: E402

RECORDED = ROOT / "03_transformers" / "recorded"
SIZES = {32: 1, 64: 2, 96: 3, 128: 4}  # width: heads, of 32 numbers each
LENGTHS = (100, 200, 400, 800)
ABLATION_STEPS = 300
PARTS = ("attention", "MLPs", "norms", "positions", "stream")
ADAM = (0.001, 0.003, 0.01)  # offered to AdamW on every rung
SLOWER = 0.3  # of both rates of the recipe, for the two parts whose lack may ask for it
MEASURED = {"scaling": 99_000, "ablation": 32_768}  # characters of the validation text that a run is measured on
LONG = replace(gpt.RECIPE, context=128, width=192, heads=6)
LONG_STEPS, LONG_BATCH, SAVE_EVERY, SLICE = 1200, 32, 100, 8192


def scaling_runs() -> list[dict]:
    """Each size for each number of steps; every run has a schedule of its own, which ends where it ends."""
    return [
        {"name": f"width {width}", "width": width, "heads": SIZES[width], "steps": n}
        for n in LENGTHS
        for width in SIZES
    ]


def ablation_runs() -> list[dict]:
    """The whole and the whole without each part, with three seeds; without norms and stream at a smaller rate too; then
    the recipe rung by rung, each with the same three rates of AdamW.

    The last of these rungs is a control: AdamW, but the rate of the recipe for tables, norms and biases.
    """
    parts = [
        {"name": part, "lacks": part, "seed": seed, "rate": 1.0} for part in ("nothing", *PARTS) for seed in range(3)
    ]
    parts += [{"name": f"{part}, slower", "lacks": part, "seed": 0, "rate": SLOWER} for part in ("norms", "stream")]
    rungs = [{"name": "GPT-2's layout, AdamW"}]
    rungs.append({"name": "+ rotary positions", "positions": "rotary"})
    rungs.append(rungs[-1] | {"name": "+ squared ReLU", "bend": "relu2"})
    rungs.append(rungs[-1] | {"name": "+ normed queries and keys", "sharp": gpt.PAGE.sharp})
    ladder = [rung | {"seed": 0, "adam": rate, "tables": rate} for rung in rungs for rate in ADAM]
    control = rungs[-1] | {"name": f"+ tables at {gpt.ADAM:g}", "seed": 0, "tables": gpt.ADAM}
    return [run | {"steps": ABLATION_STEPS} for run in parts + ladder + [control | {"adam": rate} for rate in ADAM]]


def carried_out(run: dict, measured: int) -> dict:
    """A run with what came of it: parameters, characters read, losses, bits on the validation text, seconds.

    measured: so many characters of that text
    """
    learn, began = ids_of(text()[0]), time.perf_counter()
    model, by = gpt.begun(run)
    losses = gpt.train_gpt(model, learn[: gpt.LEARNING], run["steps"], by)
    losses = list(tqdm(losses, run["name"], run["steps"], leave=False))
    return run | {
        "measured": measured,
        "parameters": sum(one.numel() for one in model.parameters()),
        "characters": run["steps"] * gpt.BATCH * model.config.context,
        "first": [round(loss, 5) for loss in losses[:5]],
        "bits": round(float(bits_of(model, learn[gpt.LEARNING :][:measured]).mean()), 4),
        "seconds": round(time.perf_counter() - began),
    }


def about(given: argparse.Namespace) -> dict:
    """How this was run."""
    quick, config = " --quick" * given.quick, gpt.PAGE if given.what == "ablation" else gpt.RECIPE
    return {
        "command": f"python 03_transformers/labs/gpt_runs.py {given.what} --threads {given.threads}{quick}",
        "quick": given.quick,
        "recipe": f"{config}, batch {gpt.BATCH}, rates {gpt.MUON} and {gpt.ADAM}",
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.system()}, {platform.machine()}, Python {platform.python_version()}",
    }


def write(path: Path, content: dict) -> None:
    """Write a record whole or not at all."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    os.replace(new, path)


def of(rows: list[dict], run: dict) -> list[dict]:
    """The rows that came of a run: those with all its settings."""
    return [row for row in rows if all(row.get(key) == value for key, value in run.items())]


def table(given: argparse.Namespace, runs: list[dict]) -> None:
    """Carry out the runs that the record does not have yet."""
    path, rows = RECORDED / f"gpt_{given.what}.json", []
    if given.quick:
        runs = [run | {"steps": max(run["steps"] // 20, 5)} for run in runs]
    if path.exists():
        old = json.loads(path.read_text("utf-8"))
        rows = old["rows"] if old["recipe"] == about(given)["recipe"] else []
    for run in tqdm(runs, given.what):
        if not of(rows, run):
            rows.append(carried_out(run, 4096 if given.quick else MEASURED[given.what]))
        write(path, about(given) | {"rows": [row for one in runs for row in of(rows, one)]})
    print(f"{len(runs)} runs: {path.relative_to(ROOT)}")


def save(path: Path, *parts: object) -> None:
    """Save the state of model and optimisers, and how far they are, whole or not at all."""
    new = path.with_suffix(".new")
    torch.save([part.state_dict() if hasattr(part, "state_dict") else part for part in parts], new)
    os.replace(new, path)


def long(given: argparse.Namespace) -> None:
    """Train on all plays but the held-out text, round the weights to 16 bits, and measure what is left."""
    steps = LONG_STEPS // 100 if given.quick else LONG_STEPS
    partial = RECORDED / ("gpt_long_quick.partial" if given.quick else "gpt_long.partial")
    model = gpt.GPT(LONG)
    by, losses, spent = gpt.optimisers(model), [], 0.0
    if partial.exists():
        *states, losses, spent = torch.load(partial)
        for one, state in zip((model, *by), states, strict=True):
            one.load_state_dict(state)
    ids, began = torch.cat([ids_of(text()[0]), ids_of(gpt.other_plays())]), time.perf_counter() - spent
    bar = tqdm(gpt.train_gpt(model, ids, steps, by, LONG_BATCH, start=len(losses)), "long", steps, initial=len(losses))
    for loss in bar:
        losses.append(loss)
        if len(losses) % SAVE_EVERY == 0:
            bar.set_postfix(bits=f"{np.mean(losses[-SAVE_EVERY:]):.3f}")
            save(partial, model, *by, losses, time.perf_counter() - began)
    seconds, before = time.perf_counter() - began, float(bits_of(model, ids_of(text()[1])).mean())
    gpt.save_weights(model, RECORDED / "gpt_long.npz")
    loaded, held_out = gpt.load_weights(RECORDED / "gpt_long.npz", LONG), ids_of(text()[1])
    after = float(bits_of(loaded, held_out).mean())
    found = {
        "width": LONG.width, "heads": LONG.heads, "context": LONG.context, "steps": steps,
        "parameters": sum(one.numel() for one in model.parameters()),
        "characters": steps * LONG_BATCH * LONG.context, "text": len(ids),
        "first": [round(loss, 5) for loss in losses[:5]],
        "curve": [round(float(np.mean(some)), 3) for some in np.array_split(losses, min(100, steps))],
        "bits before rounding": round(before, 4), "bits": round(after, 4),
        "sliced": SLICE, "bits of the slice": round(float(bits_of(loaded, held_out[:SLICE]).mean()), 4),
        "seconds": round(seconds),
    }  # fmt: skip
    write(RECORDED / "gpt_long.json", about(given) | found)
    partial.unlink(missing_ok=True)
    print(f"{after:.3f} bits per character on the held-out text: 03_transformers/recorded/gpt_long.json, gpt_long.npz")


def main() -> None:
    """Do what was asked for."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("what", choices=("scaling", "ablation", "long"))
    options.add_argument("--threads", type=int, default=1, help="of torch (default: 1)")
    options.add_argument("--quick", action="store_true", help="a twentieth of the steps, to see that all works")
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    RECORDED.mkdir(exist_ok=True)
    if given.what == "long":
        long(given)
    else:
        table(given, scaling_runs() if given.what == "scaling" else ablation_runs())


if __name__ == "__main__":
    main()
