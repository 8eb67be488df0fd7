"""What `06_pytorch` built against torch's own, interleaved in one run.

    python tests/benchmarks/pytorch.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import results

results.prepare()

import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

import torch  # noqa: E402
from built import pytorch as p  # noqa: E402
from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

FOLDER = tempfile.TemporaryDirectory()


def checkpoints(width: int) -> dict:
    """Writing the state of a network so wide: checksum, fsync of file and folder, rename, against a bare torch.save."""
    state = {"step": 1, "weights": dict(p.Reader(width).state_dict())}
    plain = Path(FOLDER.name) / "plain.pt"
    return {
        "save_checkpoint": lambda: p.save_checkpoint(state, FOLDER.name),
        "torch.save": lambda: torch.save(state, plain),
    }


def readings(width: int) -> dict:
    """Reading it again: checksum and weights_only, against torch.load with weights_only."""
    state = {"step": 2, "weights": dict(p.Reader(width).state_dict())}
    p.save_checkpoint(state, FOLDER.name)
    ours, plain = Path(FOLDER.name) / "step-000002.pt", Path(FOLDER.name) / "plain.pt"
    torch.save(state, plain)
    return {
        "load_checkpoint": lambda: p.load_checkpoint(ours),
        "torch.load": lambda: torch.load(plain, weights_only=True),
    }


def epochs(batch: int) -> dict:
    """An epoch of 1,400 digits: own sampler and one indexing a batch, against DataLoader, which takes one by one."""
    X, y = p.handwriting()["learn"]
    batches = -(-len(y) // batch)

    def own():
        sampler = p.ResumableSampler(len(y), batch, 0)
        for _ in range(batches):
            rows = next(sampler)
            X[rows], y[rows]

    def theirs():
        for _ in DataLoader(TensorDataset(X, y), batch_size=batch, shuffle=True):
            pass

    return {"ResumableSampler, indexing": own, "DataLoader, shuffle": theirs}


def walks(depth: int) -> dict:
    """Naming the parameters of so many layers."""
    ours, theirs = p.Module(), nn.Module()
    for n in range(depth):
        setattr(ours, f"layer{n}", p.Affine(2, 2))
        setattr(theirs, f"layer{n}", nn.Linear(2, 2))
    return {
        "named_parameters": lambda: p.named_parameters(ours),
        "torch's named_parameters": lambda: dict(theirs.named_parameters()),
    }


def steps(width: int) -> dict:
    """A step of torch's AdamW, as the timeline shows it: weight by weight, and fused."""

    def stepping(**way):
        torch.manual_seed(0)
        model = p.Reader(width)
        for parameter in model.parameters():
            parameter.grad = torch.randn_like(parameter)
        return torch.optim.AdamW(model.parameters(), **way).step

    return {"AdamW, one by one": stepping(foreach=False), "AdamW, fused": stepping(fused=True)}


if __name__ == "__main__":
    rows = [
        *results.compare("writing a checkpoint of so wide a network", checkpoints, (128, 4096)),
        *results.compare("reading it", readings, (128, 4096)),
        *results.compare("an epoch of 1,400 digits in batches of", epochs, (64, 1024)),
        *results.compare("names of so many layers' parameters", walks, (10, 100)),
        *results.compare("a step of AdamW, of width", steps, (128, 4096)),
    ]
    results.report("06_pytorch", rows)
