"""Eight prompts, nine ways to choose a token, 128 tokens each: the texts that `06_sampling` measures.

    python 03_transformers/labs/sampling_choices.py      # writes 03_transformers/recorded/sampling_choices.json

The model's steps are those of transformers, with its KV cache, on the weights of SmolLM2-135M-Instruct: nine texts of
one prompt go through it as one batch, one token at a time. Every token is chosen by the notebook's `Sampling`. Then
the notebook's own model reads each finished text in one pass, without a cache, as a batch of one, and every choice is
made again on its logits; what differs is counted. About ten minutes on one core of a busy machine.

A row is one text: ids, whether it ended by itself, its surprise in bits under the model as it is (temperature 1,
nothing cut), for each token the gap between the two best logits, and how the two ways to compute it compare.
"""

from __future__ import annotations

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

import torch  # noqa: E402  (the path above comes first)
from built.real_weights import ENDS, as_messages, as_transformers, chat_prompt, load_smollm2  # noqa: E402
from built.sampling import PROMPTS, WAYS_TO_CHOOSE, Sampling  # noqa: E402

RESULT = ROOT / "03_transformers" / "recorded" / "sampling_choices.json"
LIMIT = 128


def written(theirs, ids: list[int], ways: list[Sampling]) -> tuple[list[list[int]], torch.Tensor]:
    """One text for each way, behind the same prompt: their ids, and the logits of all steps (ways, LIMIT, V)."""
    texts, seen, cache = [[] for _ in ways], [], None
    fresh = torch.tensor([ids] * len(ways))
    for _ in range(LIMIT):
        out = theirs(fresh, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache, logits = out.past_key_values, out.logits[:, -1]
        seen.append(logits)
        for text, way, row in zip(texts, ways, logits, strict=True):
            text.append(way.choose(row, ids + text))
        fresh = torch.tensor([[text[-1]] for text in texts])
    return texts, torch.stack(seen, dim=1)


def until_end(text: list[int]) -> list[int]:
    """A text up to its first end token, which is kept."""
    end = next((n for n, i in enumerate(text) if i in ENDS), None)
    return text if end is None else text[: end + 1]


def measured(model, ids: list[int], text: list[int], way: Sampling, steps: torch.Tensor) -> dict:
    """What one text says, and how our one pass over it compares with the steps that wrote it."""
    logits, steps = model(torch.tensor([ids + text]))[0, len(ids) - 1 : -1], steps[: len(text)]
    again = [way.choose(row, ids + text[:n]) for n, row in enumerate(logits)]
    chances = steps.double().log_softmax(dim=-1)
    best = steps.topk(2, dim=-1).values
    halves = {str(kind)[6:]: steps.to(kind).float().topk(2, dim=-1).values for kind in (torch.bfloat16, torch.float16)}
    return {
        "bits": round(-chances[torch.arange(len(text)), text].sum().item() / 0.6931471805599453, 2),
        "gaps": [round(gap, 5) for gap in (best[:, 0] - best[:, 1]).tolist()],
        "ties": {kind: int((two[:, 0] == two[:, 1]).sum()) for kind, two in halves.items()},
        "apart": f"{(steps - logits).abs().max().item():.1e}",
        "other best": int((steps.argmax(-1) != logits.argmax(-1)).sum()),
        "other choice": sum(a != b for a, b in zip(again, text, strict=True)),
    }


def main() -> None:
    model, _ = load_smollm2()
    theirs, rows = as_transformers(model), []
    for number, prompt in enumerate(PROMPTS):
        ids = chat_prompt(as_messages([("user", prompt)]))
        ways = [Sampling(**settings, seed=number) for settings in WAYS_TO_CHOOSE.values()]
        with torch.no_grad():
            texts, steps = written(theirs, ids, ways)
            for name, way, text, logits in zip(WAYS_TO_CHOOSE, ways, map(until_end, texts), steps, strict=True):
                row = {"prompt": number, "way": name, "ids": text, "ended": text[-1] in ENDS}
                rows.append(row | measured(model, ids, text, way, logits))
                print(number, name, len(text), {key: rows[-1][key] for key in ("bits", "apart", "other choice")})
    result = {
        "command": "python 03_transformers/labs/sampling_choices.py",
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.system()}, {platform.machine()}, Python {platform.python_version()}, one thread",
        "versions": f"torch {version('torch')}, transformers {version('transformers')}",
        "model": f"SmolLM2-135M-Instruct.Q4_1.gguf, float32, at most {LIMIT} tokens; the seed is the prompt's number",
        "rows": rows,
    }
    RESULT.write_text(json.dumps(result, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
