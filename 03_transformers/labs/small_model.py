"""What SmolLM2-135M-Instruct can and cannot do: 84 short tasks, asked on the course's own code and graded by program.

    python 03_transformers/labs/small_model.py      # writes 03_transformers/recorded/small_model.json

Greedy, in the chat frame, at most 40 tokens an answer. About twenty minutes on one core.

The tasks were written before any answer was seen. What was changed afterwards, with the answers known:

- After a first run of our own: answers ended after 24 tokens, in the middle of many sums, now after 40; the last
  number in an answer was taken for the result, now it is the one behind the equals sign; "not specif" was added to
  the ways to say that one does not know, and the row of questions without an answer hangs on it (6 of 12 with it, 1
  without).
- After a reader: four tasks were replaced or reworded and asked anew ("The sun rises in the", "She opened the door
  with a", "Yesterday he was here, today he" had several right ends; "one a line" became "one per line"). An answer
  from a text must not name the wrong thing as well (`not`), nor say that it does not know: a parrot that prints the
  text had 12 of 12, and has 0 now; the model had 7, and has 4. A form counts only with the right content where there
  is one ("beesbees" and "Yes." to the stone had counted), and allows articles and *and* in lists. Sums may end a
  chain of equations, or be said in words; 12.5, -12 and 12 % are not 12.

All other answers are those of the first run, graded again.

Killed, it goes on where it was when it is started again; `--anew` begins from the start.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "00_setup"))

from built import real_weights  # noqa: E402  (the path above comes first)

RESULT = ROOT / "03_transformers" / "recorded" / "small_model.json"
PART = RESULT.with_suffix(".part.jsonl")


def done() -> dict[str, str]:
    """The answers that an earlier run has given: {ask: answer}. A last line that is torn is left out."""
    lines = PART.read_text("utf-8").split("\n")[:-1] if PART.is_file() else []
    return dict(map(json.loads, lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--anew", action="store_true", help="forget the answers of a run that was interrupted")
    if parser.parse_args().anew:
        PART.unlink(missing_ok=True)
    answers, rows = done(), []
    PART.write_text("".join(json.dumps(pair) + "\n" for pair in answers.items()), "utf-8")
    for number, task in enumerate(real_weights.small_tasks(), start=1):
        ask = task["ask"]
        if ask not in answers:
            answers[ask] = real_weights.task_answer(task)
            with PART.open("a", encoding="utf-8") as file:
                file.write(json.dumps([ask, answers[ask]]) + "\n")
        right = real_weights.graded(task, answers[ask])
        rows.append({"kind": task["kind"], "ask": ask, "answer": answers[ask], "right": right})
        print(f"{number:>3} {task['kind']:<13} {'right' if right else 'wrong'}  {answers[ask]!r}", flush=True)
    result = {
        "command": "python 03_transformers/labs/small_model.py",
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.system()}, {platform.machine()}, Python {platform.python_version()}",
        "versions": f"torch {version('torch')}",
        "model": "SmolLM2-135M-Instruct.Q4_1.gguf, float32, greedy, at most 40 tokens",
        "rows": rows,
    }
    RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
    PART.unlink()


if __name__ == "__main__":
    main()
