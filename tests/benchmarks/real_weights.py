"""What `05_real_weights` built against gguf and transformers, interleaved in one run.

    python tests/benchmarks/real_weights.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import results

results.prepare()

import assets  # noqa: E402
import gguf  # noqa: E402
import torch  # noqa: E402
from built import real_weights as rw  # noqa: E402

torch.set_num_threads(1)


def readers(share: int) -> dict:
    """The real file, its tables read and nothing else. (There is one size of it.)"""
    path = assets.path("smollm2")
    return {"read_gguf": lambda: rw.read_gguf(path), "GGUFReader": lambda: gguf.GGUFReader(path)}


def unpacking(rows: int) -> dict:
    """So many rows of a matrix in Q4_1, as float32."""
    raw = rw.smollm2_gguf().tensors["blk.0.ffn_up.weight"].raw[: rows * 360]
    table = raw.reshape(rows, 360)
    kind = gguf.GGMLQuantizationType.Q4_1
    return {"unpack_q4_1": lambda: rw.unpack_q4_1(raw), "gguf.dequantize": lambda: gguf.dequantize(table, kind)}


def forward(T: int) -> dict:
    """All logits of T tokens, without a cache."""
    model, ids = rw.load_smollm2()[0], torch.arange(1000, 1000 + T)[None]
    theirs = rw.as_transformers(model)

    def without(call):
        with torch.no_grad():
            return call()

    return {
        "Llama": lambda: without(lambda: model(ids)),
        "LlamaForCausalLM": lambda: without(lambda: theirs(ids, use_cache=False).logits),
    }


if __name__ == "__main__":
    rows = [
        *results.compare("read the tables of a file of 98 MB", readers, (1, 1), rounds=5),
        *results.compare("unpack Q4_1, 1,536 rows of 576", unpacking, (384, 1536)),
        *results.compare("logits of 128 tokens", forward, (32, 128), rounds=5),
    ]
    results.report("05_real_weights", rows)
