"""What `08_kv_cache` built against transformers and llama.cpp, on the same float32 weights, interleaved in one run.

    python tests/benchmarks/kv_cache.py        prints a table; --write puts it into RESULTS.md

512 tokens of prompt, 48 new ones, greedily; then what 16 times the prompt does to each. Tokens a second are medians
of interleaved rounds; the ratio is to transformers, whose weights are copied so that they begin where torch likes it.
THREADS=2 gives everybody two threads. llama.cpp takes part if xllamacpp can be imported: `pip install xllamacpp`. It
reads a GGUF in F32 that is written here.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import results

results.prepare()
THREADS = int(os.environ.get("THREADS", "1"))
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(THREADS)

import assets  # noqa: E402
import gguf  # noqa: E402
import torch  # noqa: E402
from built import kv_cache as kv  # noqa: E402
from built import real_weights as rw  # noqa: E402

torch.set_num_threads(THREADS)
PROMPT, NEW, ROUNDS = (int(os.environ.get(name, n)) for name, n in (("PROMPT", 512), ("NEW", 48), ("ROUNDS", 5)))
SHORT, LONG = 128, 2048
MISSING = "no llama.cpp here: `pip install xllamacpp` (prebuilt, no compiler needed), and run again"


def ours(model):
    """Write with our own loop: a function of ids to (tokens of the prompt a second, further tokens a second)."""

    def write(ids):
        begin, times = perf_counter(), []
        for _ in kv.generate(model, ids, 1 + NEW):
            times.append(perf_counter())
        return len(ids) / (times[0] - begin), NEW / (times[-1] - times[0])

    return write


def transformers():
    """Write with transformers' generate: one token, then all of them; the difference is the decoding."""
    theirs = rw.as_transformers(rw.load_smollm2()[0])
    for weight in theirs.parameters():
        weight.data = weight.data.clone()

    def taken(ids, new):
        begin = perf_counter()
        theirs.generate(torch.tensor([ids]), max_new_tokens=new, do_sample=False, eos_token_id=None, pad_token_id=0)
        return perf_counter() - begin

    def write(ids):
        first = taken(ids, 1)
        return len(ids) / first, NEW / (taken(ids, 1 + NEW) - first)

    return write


def in_f32(path):
    """Write the model's GGUF anew, every tensor in float32."""
    reader = gguf.GGUFReader(assets.path("smollm2"))
    writer = gguf.GGUFWriter(path, "llama")
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key in ("general.architecture", "general.file_type"):
            continue
        kind, element = field.types[0], field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(key, field.contents(), kind, sub_type=element)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, gguf.dequantize(tensor.data, tensor.tensor_type))
    for step in ("write_header_to_file", "write_kv_data_to_file", "write_tensors_to_file", "close"):
        getattr(writer, step)()


def llama_cpp(folder):
    """Write with llama.cpp, on float32 weights; None if it is not here. It reports its own times."""
    try:
        import xllamacpp
    except ImportError:
        return None
    path = Path(folder) / "smollm2-f32.gguf"
    in_f32(path)
    settings = xllamacpp.CommonParams()
    settings.model.path, settings.n_ctx, settings.n_parallel = str(path), max(PROMPT, LONG) + NEW + 8, 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = THREADS
    settings.n_gpu_layers, settings.warmup, settings.verbosity = 0, True, 0
    server = xllamacpp.Server(settings)

    def write(ids):
        asked = {"prompt": ids, "n_predict": 1 + NEW, "temperature": 0, "cache_prompt": False, "ignore_eos": True}
        found = server.handle_completions(asked)["timings"]
        return found["prompt_per_second"], found["predicted_per_second"]

    return write


def measured_paces(writers, prompt=PROMPT, rounds=ROUNDS):
    """{name: [(prefill, decode) of each round]}, the writers taking turns."""
    ids = (rw.load_smollm2()[1].encode(kv.STORY) * (prompt // 40 + 1))[:prompt]
    found = {name: [] for name in writers}
    for _ in range(rounds):
        for name, write in writers.items():
            found[name].append(write(ids))
    return found


def report_rows(found):
    """A row for each writer: medians, their spread, and the ratio to transformers."""
    middle = {name: [statistics.median(side) for side in zip(*paces, strict=True)] for name, paces in found.items()}
    rows = []
    for name, paces in found.items():
        row = [name]
        for side, peer, pace in zip(zip(*paces, strict=True), middle["transformers"], middle[name], strict=True):
            row += [f"{pace:.1f}", f"{min(side):.1f}–{max(side):.1f}", f"{pace / peer:.2f}"]
        rows.append(row)
    return rows


def growth_rows(writers):
    """How many times as long the first token and each further one take behind `LONG` tokens as behind `SHORT`."""
    short, long = (measured_paces(writers, length, rounds=2) for length in (SHORT, LONG))
    rows = []
    for name in writers:
        (first, more), (first_long, more_long) = (map(max, zip(*found[name], strict=True)) for found in (short, long))
        rows.append([name, f"{first / first_long * LONG / SHORT:.1f}", f"{more / more_long:.1f}"])
    return rows


def products_pace(fast):
    """Tokens of a prompt a second if nothing were computed but its products with the matrices of the layers."""
    held = [m for layer in fast.layers for m in layer.values() if isinstance(m, torch.Tensor)]
    arrows, took = {len(one): torch.ones(PROMPT, len(one)) for one in held}, []
    for _ in range(ROUNDS):
        begin = perf_counter()
        for one in held:
            arrows[len(one)] @ one
        took.append(perf_counter() - begin)
    return PROMPT / statistics.median(took)


def read_speed(fast):
    """(decoding steps a second if the weights were only read, GB a second)."""
    held = [fast.head, *(m for layer in fast.layers for m in layer.values() if isinstance(m, torch.Tensor))]
    took = []
    for _ in range(15):
        begin = perf_counter()
        for one in held:
            one.sum()
        took.append(perf_counter() - begin)
    return 1 / min(took), sum(one.nbytes for one in held) / min(took) / 1e9


if __name__ == "__main__":
    fast = kv.fast_smollm2()
    with tempfile.TemporaryDirectory() as folder:
        writers = {"Packed": ours(fast), "transformers": transformers(), "first version": ours(rw.load_smollm2()[0])}
        if other := llama_cpp(folder):
            writers["llama.cpp, F32"] = other
        rows, growth = report_rows(measured_paces(writers)), growth_rows(writers)
    steps, speed = read_speed(fast)
    products, peer = products_pace(fast), next(float(row[1]) for row in rows if row[0] == "transformers")
    rows.append(["its products alone", f"{products:.1f}", "", f"{products / peer:.2f}", "", "", ""])
    rows.append(["weights only read", "", "", "", f"{steps:.1f}", f"{speed:.1f} GB/s", ""])
    columns = ["who", "prefill, tokens/s", "spread", "ratio", "decode, tokens/s", "spread", "ratio"]
    note = f"\n\nA prompt of {PROMPT} tokens, {NEW} new ones, {ROUNDS} rounds, threads: {THREADS}."
    body = results.table(columns, rows) + note + ("" if other else f" ({MISSING}.)") + "\n\n"
    body += results.table([f"{LONG:,} tokens for {SHORT}", "the first token, times", "each further one, times"], growth)
    print(body)
    if "--write" in sys.argv:
        results.write("08_kv_cache", f"python tests/benchmarks/{Path(sys.argv[0]).name} --write", body)
