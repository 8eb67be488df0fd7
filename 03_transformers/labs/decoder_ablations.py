"""Small character models that differ in one part, trained in pairs: which of Llama's changes is seen at this size?

    python 03_transformers/labs/decoder_ablations.py             # about half an hour, on one thread
    python 03_transformers/labs/decoder_ablations.py --quick     # a few minutes, to see that it works

Both write 03_transformers/recorded/decoder_ablations.json; a quick run is marked as one, and a full one replaces it.

Models, training and measure are those of 04_modern_decoder. In every round all variants see the same passages in the
same order, and their weights are drawn from the same seed. The file is written after every model: when it is
interrupted, call it again, and it goes on with the model that was in progress.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

import torch
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "00_setup"))

from built import modern_decoder  # noqa: E402  (the path above comes first)

RESULT = ROOT / "03_transformers" / "recorded" / "decoder_ablations.json"
EVERY = 10  # steps that a point of a curve is the mean of
FULL = {"seeds": 5, "steps": 300, "passages": 256}
QUICK = {"seeds": 4, "steps": 20, "passages": 32}


def settings(given: argparse.Namespace) -> dict:
    """What has to be the same for two files to be of the same run."""
    small = QUICK if given.quick else FULL
    return {
        "quick": given.quick,
        "seeds": given.seeds or small["seeds"],
        "steps": given.steps or small["steps"],
        "passages": small["passages"],
        "every": EVERY,
        "shape": modern_decoder.SMALL,
        "variants": json.loads(json.dumps(modern_decoder.VARIANTS)),
    }


def begun(wanted: dict, path: Path) -> list:
    """The runs that the file holds already, if they were made with these settings; else none."""
    if not path.exists():
        return []
    found = json.loads(path.read_text("utf-8"))
    return found["runs"] if found["settings"] == wanted else []


def run(variant: str, seed: int, wanted: dict, bar: tqdm) -> dict:
    """Train one model and measure it."""
    model, losses, begin = modern_decoder.ablated(variant, seed), [], time.perf_counter()
    for loss in modern_decoder.training(model, seed, wanted["steps"]):
        losses.append(loss)
        bar.update()
    took = time.perf_counter() - begin
    points = [losses[at : at + EVERY] for at in range(0, len(losses), EVERY)]
    return {
        "variant": variant,
        "seed": seed,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "held_out": modern_decoder.held_out_bits(model, wanted["passages"]),
        "curve": [round(statistics.mean(point), 4) for point in points],
        "seconds": round(took, 1),
    }


def write(found: dict, path: Path) -> None:
    """Write the file whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    os.replace(partial, path)


def main() -> None:
    """Train what is not in the file yet, and say what came out."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="20 steps each, to see that everything works")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--seeds", type=int, help="rounds of all variants (5)")
    options.add_argument("--steps", type=int, help="steps for each model (300)")
    options.add_argument("--out", type=Path, default=RESULT)
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    wanted = settings(given)
    runs = begun(wanted, given.out)
    todo = [(seed, variant) for seed in range(wanted["seeds"]) for variant in wanted["variants"]]
    done = {(one["seed"], one["variant"]) for one in runs}
    found = {
        "command": " ".join(["python 03_transformers/labs/decoder_ablations.py", *sys.argv[1:]]),
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.system()}, {platform.machine()}, {given.threads} threads",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "settings": wanted,
        "runs": runs,
    }
    with tqdm(total=len(todo) * wanted["steps"], initial=len(done) * wanted["steps"], unit="step") as bar:
        for seed, variant in todo:
            if (seed, variant) not in done:
                bar.set_description(f"{variant}, seed {seed}")
                runs.append(run(variant, seed, wanted, bar))
                write(found, given.out)
    for variant in wanted["variants"]:
        bits = [one["held_out"] for one in runs if one["variant"] == variant]
        print(f"{variant:20}", *(f"{one:.3f}" for one in bits))


if __name__ == "__main__":
    main()
