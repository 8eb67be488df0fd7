"""What the exercises of `02_neural_nets/06_pytorch` are judged by: cases, known mistakes, quiz, reviews."""

import contextlib
import os
import stat
import tempfile
from collections import OrderedDict
from pathlib import Path

import torch
from torch import nn

from judges import Judge, Mistake, Question, Verdict, swap, with_unchecked

# --- named_parameters: a tree is written down as a dict, {attribute: number | dict | [numbers] | "=path" | "frozen" | "plain" | None}---


def trees(rng):
    """Modules: flat, deep, parts before parameters, shared parameters and parts, lists, equal numbers, others' values."""
    yield ({"weight": 1, "bias": 2},)
    yield ({},)
    yield ({"a": {"weight": 1}, "weight": 2, "b": {"weight": 3}, "bias": 4},)
    yield ({"a": {"b": {"c": {"weight": 1}, "bias": 2}, "bias": 3}},)
    yield ({"weight": 1, "tied": "=weight"},)
    yield ({"first": {"weight": 1, "bias": 2}, "last": {"weight": "=first.weight", "bias": 3}},)
    yield ({"one": {"weight": 1}, "two": "=one"},)
    yield ({"last": {"weight": 1}, "tied": "=last.weight"},)
    yield ({"weight": 5, "other": 5},)
    yield ({"weight": 1, "layers": [2, 3], "name": None},)
    yield ({"part": {"layers": [1]}, "_hidden": 2},)
    yield ({"weight": 1, "mask": "plain", "part": {"mean": "plain", "bias": 2}},)
    yield ({"weight": "frozen", "bias": 2, "part": {"weight": "frozen"}},)
    yield ({"a": {"weight": 1, "deep": {"weight": 2}}, "b": {"weight": 3}},)
    yield ({"a": {"weight": 1}, "b": {"c": "=a", "bias": 2}, "tied": "=a.weight"},)
    for _ in range(8):
        yield (grown(rng, 3),)


def grown(rng, deep):
    """A tree at random."""
    names = rng.sample(["weight", "bias", "scale", "a", "b", "c"], rng.randint(1, 4))
    return {
        name: rng.randint(1, 9) if len(name) > 1 or not deep else grown(rng, deep - 1) if rng.random() < 0.7 else None
        for name in names
    }


def planted(tree, kind, root=None):
    """The module of class `kind` that a tree says."""
    module = kind()
    root = module if root is None else root
    for name, what in tree.items():
        if isinstance(what, dict):
            value = planted(what, kind, root)
        elif what == "plain":
            value = torch.tensor([7.0])
        elif what == "frozen":
            value = nn.Parameter(torch.tensor([8.0]), requires_grad=False)
        elif isinstance(what, str):
            value = root
            for step in what[1:].split("."):
                value = getattr(value, step)
        elif isinstance(what, list):
            value = [nn.Parameter(torch.tensor([float(number)])) for number in what]
        else:
            value = what if what is None else nn.Parameter(torch.tensor([float(what)]))
        setattr(module, name, value)
    return module


def modules(rng):
    """The same trees as modules of the published page."""
    from built.pytorch import Module  # the page is read when somebody asks for its reviews

    for (tree,) in trees(rng):
        yield (planted(tree, Module),)


def walked(named_parameters, tree):
    """What the answer finds in a tree: [(name, number)] in its order. The class is that of the answer's own page."""
    module = planted(tree, named_parameters.__globals__["Module"])
    found = named_parameters(module)
    if not isinstance(found, dict):
        return found
    return [(name, value.item() if isinstance(value, nn.Parameter) else value) for name, value in found.items()]


NAMED = """def named_parameters(module):
    def walk(part, prefix):
        for name, value in vars(part).items():
            if isinstance(value, nn.Parameter):
                yield prefix + name, value
        for name, value in vars(part).items():
            if isinstance(value, Module):
                yield from walk(value, f"{prefix}{name}.")

    found, seen = {}, set()
    for name, parameter in walk(module, ""):
        if id(parameter) not in seen:
            seen.add(id(parameter))
            found[name] = parameter
    return found"""

# --- ResumableSampler: a script of "next", "save" (keep the state), and states to load --------------------------------


def plays(rng):
    """Epochs that divide and that do not, states of the beginning, the middle and the end of an epoch; then bad ones."""
    yield 5, 2, 0, ["next"] * 4 + ["state"]
    yield 6, 3, 1, ["state", "next", "state", "next", "state", "next", "state"]
    yield 4, 4, 2, ["next", "state", "next", "next"]
    yield 3, 10, 0, ["next", "state", "next"]
    yield 1, 1, 3, ["next", "next", "state"]
    yield 10, 3, 7, ["next", {"size": 10, "seed": 7, "epoch": 1, "position": 3}, "next", "next", "state"]
    yield 10, 3, 7, ["next", "next", {"size": 10, "seed": 7, "epoch": 2, "position": 6}, "next", "next", "state"]
    yield 7, 3, 5, ["next", "save", "next", "next", "back", "next", "state"]
    yield 7, 3, 5, ["next", "next", "next", "save", "next", "next", "back", "next", "state"]
    yield 7, 3, 5, [{"size": 7, "seed": 5, "epoch": 2, "position": 6}, "next", "next", "state"]
    yield 9, 4, 0, [{"size": 9, "seed": 0, "epoch": 1, "position": 3}, "next", "state"]
    yield 5, 2, 0, ["next", "spoil", "next", "state"]
    yield 5, 2, 0, ["next", "loop", "state"]
    yield 8, 4, 1, [{"size": 8, "seed": 1, "epoch": 0, "position": 2}, "next", "next", "next"]
    for bad in ({"size": 6}, {"seed": 1}, {"position": 5}, {"position": -1}, {"epoch": -1}, {"position": 6}):
        yield 5, 2, 0, ["next", {"size": 5, "seed": 0, "epoch": 3, "position": 1} | bad, "state", "next"]
    for _ in range(8):
        size, batch = rng.randint(1, 12), rng.randint(1, 6)
        script = [rng.choice(["next", "next", "save", "back", "state"]) for _ in range(10)]
        yield size, batch, rng.randint(0, 9), ["save", *script, "next", "state"]
    yield 0, 2, 0, ["state"]
    yield 5, 0, 0, ["state"]
    yield -1, -1, 0, ["state"]


def played(sampler, size, batch, seed, script):
    """What a sampler says to a script, step by step. "back": a fresh one takes up what was saved last."""
    try:
        one, kept, said = sampler(size=size, batch=batch, seed=seed), None, []
    except ValueError:
        return "refused from the beginning"
    for act in script:
        if act == "next":
            said.append(next(one))
        elif act == "loop":
            try:
                said.append(next(iter(one)))
            except TypeError:
                said.append("no for loop goes over it")
        elif act == "state":
            said.append(dict(one.state_dict()))
        elif act == "save":
            kept = one.state_dict()
        elif act == "back":
            one = sampler(size=size, batch=batch, seed=seed)
            one.load_state_dict(kept)
        elif act == "spoil":
            one.state_dict()["position"] = 0  # the state is a dict of the caller's own
        else:
            try:
                one.load_state_dict(act)
                said.append("taken up")
            except ValueError:
                said.append("refused")
            except AssertionError:
                said.append("refused by an AssertionError")
    return said


SAMPLER = """class ResumableSampler:
    def __init__(self, size, batch, seed):
        if size < 1 or batch < 1:
            raise ValueError(size, batch)
        self.size, self.batch, self.seed = size, batch, seed
        self.epoch = self.position = 0

    def __iter__(self):
        return self

    def __next__(self):
        order = epoch_order(self.size, self.seed, self.epoch)
        rows = order[self.position : self.position + self.batch]
        self.position += len(rows)
        if self.position == self.size:
            self.epoch, self.position = self.epoch + 1, 0
        return rows

    def state_dict(self):
        return {"size": self.size, "seed": self.seed, "epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state):
        same = (state["size"], state["seed"]) == (self.size, self.seed)
        if not same or not 0 <= state["position"] < self.size or state["epoch"] < 0:
            raise ValueError(state)
        self.epoch, self.position = state["epoch"], state["position"]"""
BEGIN_CHECKS = """        if size < 1 or batch < 1:
            raise ValueError(size, batch)
"""
SAMPLER_CHECKS = """        same = (state["size"], state["seed"]) == (self.size, self.seed)
        if not same or not 0 <= state["position"] < self.size or state["epoch"] < 0:
            raise ValueError(state)
"""

# --- what_differs ------------------------------------------------------------------------------------------------------

NAN = float("nan")


def states(rng):
    """States that are equal and that are not: values, tensors by a bit, dtypes, shapes, NaN, minus zero, what is missing."""
    one, square = torch.tensor([1.0, 2.0]), torch.arange(4.0).reshape(2, 2)
    yield {"step": 3, "rng": [1, 2]}, {"step": 3, "rng": [1, 5], "loss": 0.5}
    yield {"a": one}, {"a": one.clone()}
    yield {"a": one}, {"a": torch.nextafter(one, one + 1)}
    yield {"a": one}, {"a": one.double()}
    yield {"a": torch.tensor([1, 2])}, {"a": torch.tensor([1, 2], dtype=torch.int32)}
    yield {"a": one}, {"a": one.reshape(2, 1)}
    yield {"a": torch.zeros(2)}, {"a": torch.zeros(2, dtype=torch.int32)}
    yield {"a": square}, {"a": square.T}
    yield {"a": square.T}, {"a": square.T.contiguous()}
    yield {"a": square[1]}, {"a": square[1].clone()}
    yield {"a": [1, 2], "b": [1]}, {"a": [1], "b": [1, 2]}
    yield {"a": {"x": 1}, "b": [1]}, {"a": OrderedDict(x=1), "b": (1,)}
    yield {"a": OrderedDict(x=1)}, {"a": {"x": 1}}
    yield {"a": torch.tensor([NAN])}, {"a": torch.tensor([NAN])}
    yield {"a": torch.tensor([0.0])}, {"a": torch.tensor([-0.0])}
    yield {"a": torch.tensor(1.5)}, {"a": torch.tensor(1.5)}
    yield {"a": torch.zeros(0)}, {"a": torch.zeros(0)}
    yield {"a": torch.ones(2, dtype=torch.bfloat16)}, {"a": torch.ones(2, dtype=torch.bfloat16)}
    yield {"a": torch.ones(2, 3).T}, {"a": torch.ones(3, 2)}
    yield {"a": NAN, "b": 0.0, "c": 0.1}, {"a": NAN, "b": -0.0, "c": 0.1 + 1e-16}
    yield {"a": 1, "b": True, "c": [1]}, {"a": 1.0, "b": 1, "c": (1,)}
    yield {"a": {"b": {"c": 1, "d": 2}}, "e": 3}, {"a": {"b": {"c": 2, "d": 2}}, "e": 4}
    yield {"a": {"b": 1}}, {"a": {}}
    yield {"a": None, "b": 1}, {"b": 1}
    yield {"b": 1, "a": 2}, {"a": 2, "b": 1}
    yield {"b": 1, "a": 2}, {"z": 0, "a": 3, "y": 0, "b": 2}
    yield {"x": {"b": 1, "a": 2}}, {"x": {"a": 3, "b": 4, "c": 5}}
    yield {"groups": [{"lr": 0.1}, {"lr": 0.2}]}, {"groups": [{"lr": 0.1}, {"lr": 0.3}, {"lr": 0.4}]}
    yield {"state": {0: {"step": 1}, 1: {"step": 2}}}, {"state": {0: {"step": 1}, 1: {"step": 3}}}
    yield {"a": one}, {"a": [1.0, 2.0]}
    yield {"state": {0: 1}}, {"state": {"0": 1}}
    yield ({"pair": (1, (2, 3))}, {"pair": (1, (2, 4))})
    yield 1, 1
    yield 1, 2, "step"
    yield {}, {}
    for _ in range(6):
        made = {key: rng.choice([one * rng.randint(1, 2), rng.randint(0, 2), [rng.randint(0, 2)]]) for key in "abc"}
        yield made, {key: rng.choice([made.get(key, 0), one, 1]) for key in "abcd" if rng.random() < 0.8}


WHAT = """def what_differs(saved, found, name=""):
    if type(saved) is not type(found):
        return [name]
    if isinstance(saved, torch.Tensor):
        alike = (saved.dtype, saved.shape) == (found.dtype, found.shape)
        as_bytes = [tensor.detach().reshape(-1).view(torch.uint8).tolist() for tensor in (saved, found)]
        return [] if alike and as_bytes[0] == as_bytes[1] else [name]
    if isinstance(saved, (list, tuple)):
        saved, found = dict(enumerate(saved)), dict(enumerate(found))
    if not isinstance(saved, dict):
        return [] if repr(saved) == repr(found) else [name]
    names = []
    for key in [*saved, *(key for key in found if key not in saved)]:
        inner = f"{name}.{key}" if name else str(key)
        both = key in saved and key in found
        names += what_differs(saved[key], found[key], inner) if both else [inner]
    return names"""
BYTES = """        as_bytes = [tensor.detach().reshape(-1).view(torch.uint8).tolist() for tensor in (saved, found)]
        return [] if alike and as_bytes[0] == as_bytes[1] else [name]"""

# --- write_atomically: what is on the disk at each moment ---------------------------------------------------------------


def writings(rng):
    """A new file, one that replaces another, with an error in the middle, an empty one, a large one: (old bytes or
    None, new bytes, what stops it, how the path is given, what a dead process left under the partial name).
    """
    yield None, b"first", False, "Path", None
    yield b"old", b"newer than the old", False, "Path", None
    yield b"old", b"newer than the old", True, "Path", None
    yield None, b"half of it", True, "Path", None
    yield b"old", b"newer", False, "str", None
    yield b"old and longer", b"", False, "Path", None
    yield None, b"x", False, "str", None
    yield b"old", b"newer", True, "str", None
    yield b"old", b"newer", "stopped", "Path", None
    yield None, b"a bare name", False, "bare str", None
    yield b"old", b"a bare name", False, "bare Path", None
    yield b"old", b"newer", False, "Path", b"half of what another one wrote"
    yield None, b"newer", True, "Path", b"half"
    yield b"old", bytes(rng.randint(0, 255) for _ in range(20_000)), False, "Path", None


class Disk:
    """Watches what happens to `path` while an answer runs: what was synced, replaced, and in which state."""

    def __init__(self, path, payload):
        self.path, self.payload, self.steps = path, payload, []
        self.real, self.there = (os.fsync, os.replace, os.rename), path.exists()

    def fsync(self, handle):
        info = os.fstat(getattr(handle, "fileno", lambda: handle)())
        if stat.S_ISDIR(info.st_mode):
            self.steps.append("folder synced")
        else:
            whole = info.st_size == len(self.payload)
            self.steps.append("file synced" if whole else "file synced before all of it had left the buffer")
        self.real[0](handle)

    def replace(self, source, target, **more):
        source = Path(source)
        inside = source.resolve().parent == self.path.resolve().parent
        whole = source.stat().st_size == len(self.payload)
        words = (
            f"replaced by {source.name if inside else 'a file of another folder'}{'' if whole else ', not all written'}"
        )
        self.steps.append(words + ("" if self.path.exists() == self.there else ", with the old file gone already"))
        self.real[1](source, target, **more)

    @contextlib.contextmanager
    def watched(self):
        """The three calls of the operating system go through here for as long as this lasts."""
        os.fsync, os.replace, os.rename = self.fsync, self.replace, self.replace
        try:
            yield self
        finally:
            os.fsync, os.replace, os.rename = self.real


def written(write_atomically, old, payload, fails, given, leftover):
    """What is on the disk in the middle of the writing and at the end, and the steps between."""
    seen = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.pt"
        if old is not None:
            path.write_bytes(old)
        if leftover is not None:
            path.with_name("state.pt.partial").write_bytes(leftover)
        where = path.name if given.startswith("bare") else path

        def write(stream):
            half = len(payload) // 2
            stream.write(payload[:half])
            stream.flush()
            seen["a process killed in the middle leaves"] = path.read_bytes() if path.exists() else None
            seen["it writes to"] = sorted(os.listdir(folder))
            if fails:
                raise KeyboardInterrupt if fails == "stopped" else OSError("no space left on device")
            stream.write(payload[half:])

        disk = Disk(path, payload)
        with disk.watched(), contextlib.chdir(folder if where is not path else "."):
            try:
                seen["returned"] = write_atomically(str(where) if given.endswith("str") else Path(where), write)
            except (OSError, KeyboardInterrupt) as error:
                seen["raised"] = f"{type(error).__name__} {error}".strip()
        seen["steps"] = disk.steps
        seen["at the end"] = path.read_bytes() if path.exists() else None
        seen["files"] = sorted(os.listdir(folder))
    return seen


WRITE = """def write_atomically(path, write):
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    try:
        with open(partial, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)"""
CLEAN = """    except BaseException:
        partial.unlink(missing_ok=True)
        raise
"""
SYNC = "            stream.flush()\n            os.fsync(stream.fileno())\n"

EXERCISES = {
    "named_parameters": Judge(
        cases=trees,
        drive=walked,
        hints=(
            "`vars(module)` is the dict of a module's attributes, in the order in which they were set.",
            "Go through them twice: first the parameters, then the modules. A part's own walk gets the prefix with a dot.",
            "Keep the `id` of each parameter that you have listed, and leave out what you have met already.",
        ),
        mistakes={
            "one-level": Mistake(
                "You look at the module itself and at its parts, and no deeper. A part may have parts: let the walk call itself.",
                "def named_parameters(module):\n    found = {n: v for n, v in vars(module).items() if isinstance(v, nn.Parameter)}\n"
                "    for name, part in vars(module).items():\n        if isinstance(part, Module):\n"
                "            found |= {f'{name}.{n}': v for n, v in vars(part).items() if isinstance(v, nn.Parameter)}\n"
                "    seen, kept = set(), {}\n    for n, v in found.items():\n        if id(v) not in seen:\n"
                "            seen.add(id(v))\n            kept[n] = v\n    return kept",
            ),
            "own-only": Mistake(
                "Only the module's own parameters. Its parts are attributes as well: ask each of them, and put its name in front.",
                "def named_parameters(module):\n"
                "    return {name: value for name, value in vars(module).items() if isinstance(value, nn.Parameter)}",
            ),
            "in-values": Mistake(
                "`in` asks with `==`, which compares tensors number by number: it is an error for other shapes, and wrong for "
                "equal numbers. Ask for identity, with `is` or `id`.",
                swap(NAMED, ("if id(parameter) not in seen:", "if parameter not in found.values():")),
            ),
            "in-values-by-part": Mistake(
                "You look for a part's parameters by `in`, and `in` asks with `==`: an error for tensors of other shapes, and wrong for "
                "equal numbers. Ask for identity, with `is` or `id`.",
                "def named_parameters(module):\n    found = {}\n    for k, v in vars(module).items():\n"
                "        if isinstance(v, nn.Parameter) and not any(v is o for o in found.values()):\n            found[k] = v\n"
                "    for k, v in vars(module).items():\n        if isinstance(v, Module):\n"
                "            for n, p in named_parameters(v).items():\n                if p not in found.values():\n"
                "                    found[k + '.' + n] = p\n    return found",
            ),
            "breadth-first": Mistake(
                "Level by level: first all parts, then all parts of parts. Torch finishes a part, with all that is in it, before the next.",
                "def named_parameters(module):\n    found, seen, queue = {}, set(), [('', module)]\n    while queue:\n"
                "        prefix, part = queue.pop(0)\n        for k, v in vars(part).items():\n"
                "            if isinstance(v, nn.Parameter) and id(v) not in seen:\n                seen.add(id(v))\n                found[prefix + k] = v\n"
                "            elif isinstance(v, Module):\n                queue.append((prefix + k + '.', v))\n    return found",
            ),
            "remembers-modules": Mistake(
                "You remember the modules that you have met. Two modules may share one parameter, and one module may hold it "
                "under two names: remember the parameters.",
                "def named_parameters(module):\n    found, seen = {}, set()\n    def walk(part, prefix):\n        if id(part) in seen:\n            return\n"
                "        seen.add(id(part))\n        for k, v in vars(part).items():\n            if isinstance(v, nn.Parameter):\n                found[prefix + k] = v\n"
                "        for k, v in vars(part).items():\n            if isinstance(v, Module):\n                walk(v, prefix + k + '.')\n"
                "    walk(module, '')\n    return found",
            ),
            "plain-tensors": Mistake(
                "You list plain tensors as well. An optimiser would move a mask, or a running mean: only an `nn.Parameter` counts.",
                swap(NAMED, ("isinstance(value, nn.Parameter)", "isinstance(value, torch.Tensor)")),
            ),
            "only-trained": Mistake(
                "You skip frozen parameters. They do not learn, and they belong to the network: a checkpoint without them is none.",
                swap(
                    NAMED,
                    ("isinstance(value, nn.Parameter)", "isinstance(value, nn.Parameter) and value.requires_grad"),
                ),
            ),
            "pairs": Mistake(
                "You give pairs, as torch does. Here a dict is asked for.",
                swap(NAMED, ("    return found", "    return list(found.items())")),
            ),
            "generator": Mistake(
                "You yield pairs, as torch does. Here a dict is asked for, and each parameter in it once.",
                "def named_parameters(module):\n    for n, v in vars(module).items():\n        if isinstance(v, nn.Parameter):\n            yield n, v\n"
                "    for n, v in vars(module).items():\n        if isinstance(v, Module):\n"
                "            for m, w in named_parameters(v):\n                yield f'{n}.{m}', w",
            ),
            "as-they-come": Mistake(
                "Right names, and another order: you go into a part as soon as you meet it. A module's own parameters come first.",
                "def named_parameters(module):\n    def walk(part, prefix):\n        for name, value in vars(part).items():\n"
                "            if isinstance(value, nn.Parameter):\n                yield prefix + name, value\n"
                "            elif isinstance(value, Module):\n                yield from walk(value, f'{prefix}{name}.')\n"
                "    found, seen = {}, set()\n    for name, parameter in walk(module, ''):\n        if id(parameter) not in seen:\n"
                "            seen.add(id(parameter))\n            found[name] = parameter\n    return found",
            ),
            "as-they-come-twice": Mistake(
                "You go into a part as soon as you meet it, and list a shared parameter twice. Own parameters first, each once.",
                "def named_parameters(module, prefix=''):\n    found = {}\n    for name, value in vars(module).items():\n"
                "        if isinstance(value, nn.Parameter):\n            found[prefix + name] = value\n"
                "        elif isinstance(value, Module):\n            found |= named_parameters(value, f'{prefix}{name}.')\n    return found",
            ),
            "twice": Mistake(
                "A parameter that is reachable by two ways is listed twice: an optimiser would move it twice in each step.",
                swap(NAMED, ("if id(parameter) not in seen:", "if True:")),
            ),
            "by-value": Mistake(
                "You leave out a parameter because another one has the same numbers. It is another one: compare identity.",
                swap(NAMED, ("id(parameter)", "tuple(parameter.tolist())")),
            ),
            "last-name": Mistake(
                "A shared parameter is listed once, and under its last name. The first one counts.",
                swap(
                    NAMED,
                    (
                        "    return found",
                        "    names = {id(p): n for n, p in walk(module, '')}\n"
                        "    return {names[id(p)]: p for p in found.values()}",
                    ),
                ),
            ),
            "no-prefix": Mistake(
                "A part's names lack the part: two parts with a `weight` each overwrite one another.",
                swap(NAMED, ('f"{prefix}{name}."', '""')),
            ),
            "prefix-lost": Mistake(
                "Only the innermost part is named. Put what stands before it in front: the prefix grows with each level.",
                swap(NAMED, ('f"{prefix}{name}."', 'f"{name}."')),
            ),
            "no-dot": Mistake(
                "Names are joined by dots: without them `a` and `bias` cannot be told from `ab` and `ias`.",
                swap(NAMED, ('f"{prefix}{name}."', 'f"{prefix}{name}"')),
            ),
            "looks-into-lists": Mistake(
                "You look into lists. It would be kind; torch does not, and names that only one side has load into nothing.",
                swap(
                    NAMED,
                    (
                        "                yield prefix + name, value\n",
                        "                yield prefix + name, value\n            if isinstance(value, list):\n"
                        "                yield from ((f'{prefix}{name}.{n}', p) for n, p in enumerate(value))\n",
                    ),
                ),
            ),
            "no-underscore": Mistake(
                "You leave out names with an underscore. A parameter that nobody is to touch is still to be trained.",
                swap(NAMED, ("isinstance(value, nn.Parameter)", "isinstance(value, nn.Parameter) and name[0] != '_'")),
            ),
            "sorted": Mistake(
                "In alphabetical order. The order in which the attributes were set counts; optimisers number by it.",
                swap(NAMED, ("vars(part).items()", "sorted(vars(part).items())")),
            ),
        },
        also=(
            "def named_parameters(module):\n    found, waiting = {}, [('', module)]\n    while waiting:\n"
            "        prefix, part = waiting.pop(0)\n"
            "        for name in part.__dict__:\n            value = getattr(part, name)\n"
            "            if isinstance(value, torch.nn.Parameter) and all(value is not p for p in found.values()):\n"
            "                found[prefix + name] = value\n"
            "        waiting = [(f'{prefix}{n}.', p) for n, p in vars(part).items() if isinstance(p, Module)] + waiting\n"
            "    return found",
        ),
    ),
    "ResumableSampler": Judge(
        cases=plays,
        drive=played,
        hints=(
            "Five numbers are enough: size, batch, seed, epoch, position. Everything else follows from them.",
            "`__next__`: take the order of this epoch, cut out from position to position + batch, move the position.",
            "If the position has reached the size, the epoch is over: one more epoch, position 0, in the same call.",
        ),
        mistakes=with_unchecked(
            [BEGIN_CHECKS, SAMPLER_CHECKS],
            {
                "no-iter": Mistake(
                    "No `__iter__`: `next` works and a `for` loop does not, and a DataLoader uses the loop. It may give `self`.",
                    swap(SAMPLER, ("    def __iter__(self):\n        return self\n\n", "")),
                ),
                "iter-resets": Mistake(
                    "A `for` loop begins the epoch anew: `__iter__` sets the position back. It should only return `self`.",
                    swap(
                        SAMPLER,
                        (
                            "        return self\n\n    def __next__",
                            "        self.position = 0\n        return self\n\n    def __next__",
                        ),
                    ),
                ),
                "aligned": Mistake(
                    "You round the position to whole batches. It counts examples, since the batch size may have been another one.",
                    swap(
                        SAMPLER,
                        (
                            'self.epoch, self.position = state["epoch"], state["position"]',
                            'self.epoch, self.position = state["epoch"], state["position"] // self.batch * self.batch',
                        ),
                    ),
                ),
                "wraps": Mistake(
                    "You fill each batch up, over the end of the epoch. Some examples are seen twice before others once.",
                    swap(
                        SAMPLER,
                        (
                            """        order = epoch_order(self.size, self.seed, self.epoch)
        rows = order[self.position : self.position + self.batch]
        self.position += len(rows)
        if self.position == self.size:
            self.epoch, self.position = self.epoch + 1, 0
""",
                            """        rows = []
        while len(rows) < self.batch:
            rows.append(epoch_order(self.size, self.seed, self.epoch)[self.position])
            self.position += 1
            if self.position == self.size:
                self.epoch, self.position = self.epoch + 1, 0
""",
                        ),
                    ),
                ),
                "vars-updated": Mistake(
                    "`vars(self)` is the dict in which you live, not a copy of it, and you take a state up before you have looked "
                    "at it. Name the four numbers, in both directions.",
                    swap(
                        SAMPLER,
                        (
                            '        return {"size": self.size, "seed": self.seed, "epoch": self.epoch, "position": self.position}',
                            "        return vars(self)",
                        ),
                        (
                            SAMPLER_CHECKS + '        self.epoch, self.position = state["epoch"], state["position"]',
                            "        vars(self).update(state)\n"
                            '        if not 0 <= state["position"] < self.size or state["epoch"] < 0:\n            raise ValueError(state)',
                        ),
                    ),
                ),
                "asserted": Mistake(
                    "`assert` raises an AssertionError, and nothing at all under `python -O`. What comes from outside is refused by a ValueError.",
                    swap(
                        SAMPLER,
                        (
                            SAMPLER_CHECKS,
                            """        assert (state["size"], state["seed"]) == (self.size, self.seed)
        assert 0 <= state["position"] < self.size and state["epoch"] >= 0
""",
                        ),
                    ),
                ),
                "nothing-at-all": Mistake(
                    "Right for what is right, and nothing is looked at: neither size and batch at the beginning nor a state.",
                    swap(SAMPLER, (BEGIN_CHECKS, ""), (SAMPLER_CHECKS, "")),
                ),
                "begins-with-nothing": Mistake(
                    "A batch of 0 is taken: `next` gives empty lists for ever, and the training hangs. Refuse it, and a size of 0, at once.",
                    swap(SAMPLER, (BEGIN_CHECKS, "")),
                ),
                "one-order": Mistake(
                    "Each epoch has the same order. The number of the epoch belongs to what the order is made from.",
                    swap(SAMPLER, ("self.seed, self.epoch)", "self.seed, 0)")),
                ),
                "history": Mistake(
                    "A generator that goes on from epoch to epoch: whoever takes up the third epoch would have to shuffle "
                    "the first two. Make the order from seed and epoch alone.",
                    swap(
                        SAMPLER,
                        (
                            "        self.epoch = self.position = 0\n",
                            "        self.epoch = self.position = 0\n        self.rng = np.random.default_rng(seed)\n        self.order = self.rng.permutation(size).tolist()\n",
                        ),
                        (
                            "        order = epoch_order(self.size, self.seed, self.epoch)\n",
                            "        order = self.order\n",
                        ),
                        (
                            "            self.epoch, self.position = self.epoch + 1, 0\n",
                            "            self.epoch, self.position = self.epoch + 1, 0\n            self.order = self.rng.permutation(self.size).tolist()\n",
                        ),
                    ),
                ),
                "position-in-batches": Mistake(
                    "Your position counts batches. With another batch size the same state would be another place: count examples.",
                    swap(
                        SAMPLER,
                        (
                            "order[self.position : self.position + self.batch]",
                            "order[self.position * self.batch : (self.position + 1) * self.batch]",
                        ),
                        ("self.position += len(rows)", "self.position += 1"),
                        ("if self.position == self.size:", "if self.position * self.batch >= self.size:"),
                    ),
                ),
                "last-dropped": Mistake(
                    "The last, smaller batch of an epoch is dropped: some examples of each epoch are never seen.",
                    swap(SAMPLER, ("if self.position == self.size:", "if self.position + self.batch > self.size:")),
                ),
                "position-past-the-end": Mistake(
                    "Your position moves by a whole batch even where less was left, so it jumps over the end of the epoch.",
                    swap(
                        SAMPLER,
                        ("self.position += len(rows)", "self.position += self.batch"),
                        ("if self.position == self.size:", "if self.position > self.size:"),
                    ),
                ),
                "end-noticed-late": Mistake(
                    "After the last batch your state still says the old epoch, with a position at its end. It should say where "
                    "the next batch comes from: epoch one more, position 0.",
                    swap(
                        SAMPLER,
                        (
                            "        order = epoch_order",
                            "        if self.position == self.size:\n            self.epoch, self.position = self.epoch + 1, 0\n        order = epoch_order",
                        ),
                        (
                            "        if self.position == self.size:\n            self.epoch, self.position = self.epoch + 1, 0\n        return rows",
                            "        return rows",
                        ),
                    ),
                ),
                "end-noticed-late-and-past": Mistake(
                    "At the end of an epoch your position is past it, and the epoch still the old one. It should say where the next "
                    "batch comes from: epoch one more, position 0.",
                    swap(
                        SAMPLER,
                        (
                            "        order = epoch_order",
                            "        if self.position >= self.size:\n            self.epoch, self.position = self.epoch + 1, 0\n        order = epoch_order",
                        ),
                        (
                            "        self.position += len(rows)\n        if self.position == self.size:\n            self.epoch, self.position = self.epoch + 1, 0\n        return rows",
                            "        self.position += self.batch\n        return rows",
                        ),
                    ),
                ),
                "order-kept": Mistake(
                    "You keep the order of an epoch, which is good, and go on in the old one after another epoch was taken up.",
                    swap(
                        SAMPLER,
                        (
                            "        self.epoch = self.position = 0\n",
                            "        self.epoch = self.position = 0\n        self.order = epoch_order(size, seed, 0)\n",
                        ),
                        (
                            "        order = epoch_order(self.size, self.seed, self.epoch)\n",
                            "        order = self.order\n",
                        ),
                        (
                            "            self.epoch, self.position = self.epoch + 1, 0\n",
                            "            self.epoch, self.position = self.epoch + 1, 0\n            self.order = epoch_order(self.size, self.seed, self.epoch)\n",
                        ),
                    ),
                ),
                "batches-across": Mistake(
                    "Your last batch is filled up from the next epoch, so some examples are seen twice before others once.",
                    swap(
                        SAMPLER,
                        (
                            "        self.position += len(rows)\n        if self.position == self.size:\n            self.epoch, self.position = self.epoch + 1, 0\n",
                            "        self.position += len(rows)\n        if self.position == self.size:\n            self.epoch, self.position = self.epoch + 1, 0\n"
                            "            if len(rows) < self.batch:\n                more = epoch_order(self.size, self.seed, self.epoch)[: self.batch - len(rows)]\n"
                            "                rows, self.position = rows + more, len(more)\n",
                        ),
                    ),
                ),
                "epoch-not-loaded": Mistake(
                    "The position is taken up and the epoch is not, so you go on in the order of the first epoch.",
                    swap(
                        SAMPLER,
                        (
                            'self.epoch, self.position = state["epoch"], state["position"]',
                            'self.position = state["position"]',
                        ),
                    ),
                ),
                "position-not-loaded": Mistake(
                    "The epoch is begun again: the position in it is not taken up.",
                    swap(
                        SAMPLER,
                        (
                            'self.epoch, self.position = state["epoch"], state["position"]',
                            'self.epoch, self.position = state["epoch"], 0',
                        ),
                    ),
                ),
                "seed-plus-epoch": Mistake(
                    "Seed plus epoch: a run with the next seed sees your second epoch first. Give both to `epoch_order`.",
                    swap(SAMPLER, ("self.seed, self.epoch)", "self.seed + self.epoch, 0)")),
                ),
                "live-state": Mistake(
                    "`state_dict` hands out the dict in which you keep your own state: a saved one moves on, and a spoilt one spoils you.",
                    swap(
                        SAMPLER,
                        (
                            '        return {"size": self.size, "seed": self.seed, "epoch": self.epoch, "position": self.position}',
                            "        return self.__dict__",
                        ),
                    ),
                ),
                "ahead": Mistake(
                    "You move the position before you cut out the batch, so the first batch of each epoch is missing.",
                    swap(
                        SAMPLER,
                        (
                            "        rows = order[self.position : self.position + self.batch]\n        self.position += len(rows)\n",
                            "        self.position = min(self.size, self.position + self.batch)\n        rows = order[self.position : self.position + self.batch]\n",
                        ),
                    ),
                ),
                "half-taken-up": Mistake(
                    "A bad state is refused, and by then you have taken up half of it. Look first, then set.",
                    swap(
                        SAMPLER,
                        (
                            SAMPLER_CHECKS + '        self.epoch, self.position = state["epoch"], state["position"]',
                            '        self.epoch, self.position = state["epoch"], state["position"]\n'
                            + SAMPLER_CHECKS.rstrip("\n"),
                        ),
                    ),
                ),
                "nothing-checked": Mistake(
                    "A state of another data set, or a position that there is not, is taken up without a word.",
                    swap(SAMPLER, (SAMPLER_CHECKS, "")),
                ),
            },
        ),
        also=(
            "class ResumableSampler:\n    def __init__(self, size, batch, seed):\n        if min(size, batch) <= 0:\n            raise ValueError('nothing')\n        self.batch = batch\n"
            "        self.at = dict(size=size, seed=seed, epoch=0, position=0)\n"
            "    def __iter__(self):\n        return self\n"
            "    def __next__(self):\n        at = self.at\n        order = epoch_order(at['size'], at['seed'], at['epoch'])\n"
            "        end = min(at['position'] + self.batch, at['size'])\n        rows = [order[i] for i in range(at['position'], end)]\n"
            "        self.at = at | ({'position': end} if end < at['size'] else {'epoch': at['epoch'] + 1, 'position': 0})\n        return rows\n"
            "    def state_dict(self):\n        return dict(self.at)\n"
            "    def load_state_dict(self, state):\n"
            "        if any(state[k] != self.at[k] for k in ('size', 'seed')) or state['epoch'] < 0 or state['position'] not in range(self.at['size']):\n"
            "            raise ValueError('no state of mine')\n        self.at = dict(state)",
        ),
    ),
    "what_differs": Judge(
        cases=states,
        hints=(
            "Four kinds of things: tensors, dicts, lists and tuples, everything else. Ask for the type first.",
            "A list is a dict whose keys are 0, 1, 2 …, so one loop is enough. It calls the function again with a longer name.",
            "Bytes of a tensor: `tensor.reshape(-1).view(torch.uint8)`. Compare dtype and shape besides. All else by `repr`.",
        ),
        mistakes={
            "torch-equal": Mistake(
                "`torch.equal` says that NaN is not itself and that 0.0 is −0.0. After a division by zero a run must still "
                "be the same run. Compare bytes.",
                swap(WHAT, (BYTES, "        return [] if alike and torch.equal(saved, found) else [name]")),
            ),
            "torch-equal-alone": Mistake(
                "`torch.equal` looks at the numbers: NaN is not itself for it, 0.0 is −0.0, and a dtype more or less does not matter.",
                swap(
                    WHAT,
                    (
                        "        alike = (saved.dtype, saved.shape) == (found.dtype, found.shape)\n" + BYTES,
                        "        return [] if torch.equal(saved, found) else [name]",
                    ),
                ),
            ),
            "allclose": Mistake(
                "Close is not the same. One bit off now is another model in a thousand steps.",
                swap(
                    WHAT,
                    (BYTES, "        return [] if alike and torch.allclose(saved, found, equal_nan=True) else [name]"),
                ),
            ),
            "numpy": Mistake(
                "numpy has no bfloat16, so `.numpy()` raises an error for half of all checkpoints. Look at the bytes by "
                "`view(torch.uint8)`.",
                swap(
                    WHAT,
                    (
                        "tensor.detach().reshape(-1).view(torch.uint8).tolist()",
                        "tensor.detach().numpy().tobytes()",
                    ),
                ),
            ),
            "numpy-array-equal": Mistake(
                "numpy has no bfloat16, and it compares numbers, not bits. Look at the bytes by `view(torch.uint8)`.",
                swap(
                    WHAT,
                    (BYTES, "        return [] if alike and np.array_equal(saved.numpy(), found.numpy()) else [name]"),
                ),
            ),
            "none-for-missing": Mistake(
                "`get` gives None for what is not there, so a key that holds None and a key that is missing are the same.",
                swap(
                    WHAT,
                    ("        both = key in saved and key in found\n", ""),
                    (
                        "names += what_differs(saved[key], found[key], inner) if both else [inner]",
                        "names += what_differs(saved.get(key), found.get(key), inner)",
                    ),
                ),
            ),
            "dicts-only": Mistake(
                "Only dicts are looked into, and lists are compared whole, with `!=`. An optimiser keeps its rates in a list.",
                "def what_differs(saved, found, name=''):\n    names = []\n    for key in saved:\n"
                "        inner = f'{name}.{key}' if name else str(key)\n        if key not in found:\n            names.append(inner)\n"
                "        elif isinstance(saved[key], dict):\n            names += what_differs(saved[key], found[key], inner)\n"
                "        elif isinstance(saved[key], torch.Tensor):\n            names += [] if torch.equal(saved[key], found[key]) else [inner]\n"
                "        elif saved[key] != found[key]:\n            names.append(inner)\n"
                "    return names + [key for key in found if key not in saved]",
            ),
            "dtype-ignored": Mistake(
                "The dtype is not compared: 32 bits saved and 64 taken up are another run. ",
                swap(
                    WHAT,
                    (
                        "        alike = (saved.dtype, saved.shape) == (found.dtype, found.shape)\n" + BYTES,
                        "        alike = saved.shape == found.shape\n        as_bytes = [t.detach().double().reshape(-1).view(torch.uint8).tolist() for t in (saved, found)]\n"
                        "        return [] if alike and as_bytes[0] == as_bytes[1] else [name]",
                    ),
                ),
            ),
            "bytes-alone": Mistake(
                "Bytes and shape are compared, and the dtype is not: two zeros are the same eight bytes as floats and as whole numbers.",
                swap(WHAT, ("(saved.dtype, saved.shape) == (found.dtype, found.shape)", "saved.shape == found.shape")),
            ),
            "storage": Mistake(
                "The storage is all the memory of which a tensor is a view. A table and its transpose share it, and a slice has "
                "more than itself in it.",
                swap(
                    WHAT,
                    ("tensor.detach().reshape(-1).view(torch.uint8).tolist()", "tensor.untyped_storage().tolist()"),
                ),
            ),
            "subclasses": Mistake(
                "`isinstance` takes an OrderedDict for a dict. It is another type, and who loads it may get another order.",
                swap(WHAT, ("if type(saved) is not type(found):", "if not isinstance(found, type(saved)):")),
            ),
            "lists-and-tuples": Mistake(
                "A list and a tuple of the same items are taken for the same. Ask for the type before you look into them.",
                "def what_differs(saved, found, name=''):\n    if isinstance(saved, dict) and isinstance(found, dict):\n        out = []\n"
                "        for k in [*saved, *(k for k in found if k not in saved)]:\n            n = f'{name}.{k}' if name else str(k)\n"
                "            out += what_differs(saved[k], found[k], n) if k in saved and k in found else [n]\n        return out\n"
                "    if isinstance(saved, (list, tuple)) and isinstance(found, (list, tuple)):\n"
                "        return what_differs(dict(enumerate(saved)), dict(enumerate(found)), name)\n"
                "    if isinstance(saved, torch.Tensor) and isinstance(found, torch.Tensor):\n"
                "        same = saved.dtype == found.dtype and saved.shape == found.shape and (\n"
                "            saved.detach().flatten().view(torch.uint8).tolist() == found.detach().flatten().view(torch.uint8).tolist())\n"
                "        return [] if same else [name]\n    return [] if type(saved) is type(found) and repr(saved) == repr(found) else [name]",
            ),
            "beyond-the-end": Mistake(
                "You take item after item of `saved` out of `found`, which may be shorter: an IndexError. What only one side has is a difference.",
                swap(
                    WHAT,
                    (
                        "        saved, found = dict(enumerate(saved)), dict(enumerate(found))\n",
                        "        found = dict(enumerate([found[n] for n in range(len(saved))] + list(found[len(saved) :])))\n"
                        "        saved = dict(enumerate(saved))\n",
                    ),
                ),
            ),
            "sorted-saved": Mistake(
                "The keys of `saved` are sorted. Their own order is asked for: first what comes first in the checkpoint.",
                swap(
                    WHAT,
                    (
                        "[*saved, *(key for key in found if key not in saved)]",
                        "[*sorted(saved, key=str), *(key for key in found if key not in saved)]",
                    ),
                ),
            ),
            "shape-ignored": Mistake(
                "The same bytes in another shape are another tensor.",
                swap(WHAT, ("(saved.dtype, saved.shape) == (found.dtype, found.shape)", "saved.dtype == found.dtype")),
            ),
            "equals": Mistake(
                "`==` on plain values: 1 equals 1.0 and True, 0.0 equals −0.0, and NaN not itself.",
                swap(
                    WHAT,
                    ("repr(saved) == repr(found)", "saved == found"),
                    (
                        "    if type(saved) is not type(found):\n        return [name]\n",
                        "    if isinstance(saved, (torch.Tensor, dict, list, tuple)) and type(saved) is not type(found):\n        return [name]\n",
                    ),
                ),
            ),
            "equals-typed": Mistake(
                "`==` on plain values: NaN is not itself for it, and 0.0 is −0.0. `repr` tells every bit of a float.",
                swap(WHAT, ("repr(saved) == repr(found)", "saved == found")),
            ),
            "new-keys-unseen": Mistake(
                "What only the found state has goes unseen.",
                swap(WHAT, ("[*saved, *(key for key in found if key not in saved)]", "saved")),
            ),
            "lost-keys-unseen": Mistake(
                "What only the saved state has goes unseen, and that is what a checkpoint is for.",
                swap(
                    WHAT,
                    (
                        "[*saved, *(key for key in found if key not in saved)]",
                        "[key for key in saved if key in found] + [key for key in found if key not in saved]",
                    ),
                ),
            ),
            "first-only": Mistake(
                "You stop at the first difference. The list of all of them tells which part was forgotten.",
                swap(WHAT, ("    return names", "    return names[:1]")),
            ),
            "zipped": Mistake(
                "`zip` stops at the shorter list: what the longer one has besides goes unseen.",
                swap(
                    WHAT,
                    (
                        "saved, found = dict(enumerate(saved)), dict(enumerate(found))",
                        "n = min(len(saved), len(found))\n        saved, found = dict(enumerate(saved[:n])), dict(enumerate(found[:n]))",
                    ),
                ),
            ),
            "lists-whole": Mistake(
                "Lists are compared whole. An optimiser keeps its learning rates in one: say which item.",
                swap(
                    WHAT,
                    (
                        "    if isinstance(saved, (list, tuple)):\n        saved, found = dict(enumerate(saved)), dict(enumerate(found))\n",
                        "",
                    ),
                ),
            ),
            "leading-dot": Mistake(
                "Names begin with a dot: there is nothing before the first key to be joined to.",
                swap(WHAT, ('f"{name}.{key}" if name else str(key)', 'f"{name}.{key}"')),
            ),
            "sorted-names": Mistake(
                "Sorted by name. The order of `saved` is asked for: first what comes first in the checkpoint.",
                swap(
                    WHAT, ("[*saved, *(key for key in found if key not in saved)]", "sorted({*saved, *found}, key=str)")
                ),
            ),
            "name-forgotten": Mistake(
                "Only the last key is named: `step` of what? Put the way to it in front.",
                swap(WHAT, ('f"{name}.{key}" if name else str(key)', "str(key)")),
            ),
        },
        also=(
            "def what_differs(saved, found, name=''):\n"
            "    def flat(value, at, out):\n"
            "        if isinstance(value, (dict, list, tuple)):\n"
            "            pass\n        return out\n"
            "    def same(a, b):\n"
            "        if isinstance(a, torch.Tensor):\n"
            "            a, b = a.detach().contiguous(), b.detach().contiguous()\n"
            "            return a.dtype == b.dtype and a.shape == b.shape and bytes(a.flatten().view(torch.uint8).numpy()) == bytes(b.flatten().view(torch.uint8).numpy())\n"
            "        return repr(a) == repr(b)\n"
            "    if type(saved) != type(found):\n        return [name]\n"
            "    if not isinstance(saved, (dict, list, tuple)):\n        return [] if same(saved, found) else [name]\n"
            "    keys = list(saved) if isinstance(saved, dict) else list(range(len(saved)))\n"
            "    others = list(found) if isinstance(found, dict) else list(range(len(found)))\n"
            "    out = []\n    for key in keys + [k for k in others if k not in keys]:\n"
            "        way = '.'.join(filter(None, [name, str(key)]))\n"
            "        if key in keys and key in others:\n            out.extend(what_differs(saved[key], found[key], way))\n"
            "        else:\n            out.append(way)\n    return out",
        ),
    ),
    "write_atomically": Judge(
        cases=writings,
        drive=written,
        hints=(
            'Open the partial file with mode "wb", give the stream to `write`, and let `os.replace` put it in the place of the other.',
            "Before the replacing: `stream.flush()`, then `os.fsync(stream.fileno())`, while the stream is still open.",
            "`try: … except BaseException:` remove the partial file, then `raise`. After all that, `sync_folder(path.parent)`.",
        ),
        mistakes={
            "in-place": Mistake(
                "You write over the old file. Whoever is killed in the middle has neither the old one nor the new one.",
                "def write_atomically(path, write):\n    with open(path, 'wb') as stream:\n        write(stream)\n        stream.flush()\n"
                "        os.fsync(stream.fileno())\n    sync_folder(Path(path).parent)",
            ),
            "in-place-plain": Mistake(
                "You write over the old file, and leave it to the system when it reaches the disk. Killed in the middle, both are gone.",
                "def write_atomically(path, write):\n    with open(path, 'wb') as stream:\n        write(stream)",
            ),
            "appended": Mistake(
                "Opened for appending: what a dead process has left in the partial file stands before your bytes.",
                swap(WRITE, ('open(partial, "wb")', 'open(partial, "ab")')),
            ),
            "written-over": Mistake(
                "You write over what a dead process has left in the partial file; where it was longer, its end stays.",
                swap(WRITE, ('open(partial, "wb")', 'open(partial, "r+b" if partial.exists() else "wb")')),
            ),
            "unlinked-before": Mistake(
                "You remove the old file before the new one gets its name: between the two there is none. `os.replace` needs no room.",
                swap(
                    WRITE,
                    (
                        "        os.replace(partial, path)",
                        "        path.unlink(missing_ok=True)\n        os.replace(partial, path)",
                    ),
                ),
            ),
            "no-parent": Mistake(
                "The folder of a bare name such as `state.pt` is '' for `os.path.dirname`, and no folder is called so. `Path.parent` gives '.'.",
                swap(WRITE, ("sync_folder(path.parent)", "sync_folder(os.path.dirname(path))")),
            ),
            "no-sync": Mistake(
                "Nothing is synced: after a power failure the new name may belong to a file without content.",
                swap(WRITE, (SYNC, "")),
            ),
            "neither-synced": Mistake(
                "Renamed, and neither the file nor the folder is synced: that survives kill −9, and no power failure.",
                swap(WRITE, (SYNC, ""), ("\n    sync_folder(path.parent)", "")),
            ),
            "plain-rename": Mistake(
                "Written beside and renamed: that survives kill −9. It does not survive a power failure, since nothing is synced, and "
                "if `write` raises, half a file is left behind.",
                "def write_atomically(path, write):\n    partial = str(path) + '.partial'\n    with open(partial, 'wb') as stream:\n"
                "        write(stream)\n    os.replace(partial, path)",
            ),
            "only-exceptions": Mistake(
                "`except Exception` lets KeyboardInterrupt pass: whoever stops the cell leaves half a file behind. BaseException, or `finally`.",
                swap(WRITE, ("except BaseException", "except Exception")),
            ),
            "no-flush": Mistake(
                "You sync what has arrived at the system, and part of it is still in Python's buffer. Flush first.",
                swap(WRITE, ("            stream.flush()\n", "")),
            ),
            "no-folder": Mistake(
                "The file is on the disk, its new name is not: that belongs to the folder. `sync_folder`.",
                swap(WRITE, ("\n    sync_folder(path.parent)", "")),
            ),
            "folder-first": Mistake(
                "The folder is synced before the file has its new name.",
                swap(
                    WRITE,
                    (
                        "        os.replace(partial, path)\n",
                        "        sync_folder(path.parent)\n        os.replace(partial, path)\n",
                    ),
                    ("        raise\n    sync_folder(path.parent)", "        raise"),
                ),
            ),
            "synced-late": Mistake(
                "Replaced first and synced afterwards: between the two the name may already belong to a file without content.",
                swap(
                    WRITE,
                    (SYNC, "            stream.flush()\n"),
                    (
                        "        os.replace(partial, path)\n",
                        "        os.replace(partial, path)\n        handle = os.open(path, os.O_RDONLY)\n        os.fsync(handle)\n        os.close(handle)\n",
                    ),
                ),
            ),
            "elsewhere": Mistake(
                "Your partial file lies in another folder. A rename across file systems is a copy, and a copy can be half.",
                swap(
                    WRITE,
                    (
                        'path.with_name(path.name + ".partial")',
                        '(os.makedirs(path.parent / "other", exist_ok=True), path.parent / "other" / (path.name + ".partial"))[1]',
                    ),
                ),
            ),
            "other-name": Mistake(
                "The partial file has another name than the specification says. Whoever looks for leftovers looks for `.partial` "
                "behind the whole name.",
                swap(WRITE, ('path.with_name(path.name + ".partial")', 'path.with_suffix(".partial")')),
            ),
            "left-over": Mistake(
                "If `write` raises, half a file is left behind, and a disk that was full stays full.",
                swap(WRITE, (CLEAN, "    finally:\n        pass\n")),
            ),
            "swallowed": Mistake(
                "The error of `write` is swallowed: the caller believes that there is a checkpoint.",
                swap(
                    WRITE,
                    (CLEAN, "    except BaseException:\n        partial.unlink(missing_ok=True)\n        return\n"),
                ),
            ),
            "deleted-first": Mistake(
                "You remove the old file before the new one has its name: between the two there is none.",
                swap(WRITE, ("    partial = path", "    path.unlink(missing_ok=True)\n    partial = path")),
            ),
            "replaced-anyway": Mistake(
                "The file is replaced even when `write` has failed: half a state has the good name now.",
                swap(
                    WRITE,
                    (
                        "        os.replace(partial, path)\n    except BaseException:\n        partial.unlink(missing_ok=True)\n        raise\n",
                        "    finally:\n        os.replace(partial, path)\n",
                    ),
                ),
            ),
            "copied": Mistake(
                "Copied, not renamed: copying is writing over the old file, with all that can happen in the middle.",
                swap(
                    WRITE,
                    (
                        "        os.replace(partial, path)\n",
                        "        path.write_bytes(partial.read_bytes())\n        partial.unlink()\n",
                    ),
                ),
            ),
            "open-still": Mistake(
                "Replaced while the stream is open and its buffer not empty.",
                swap(
                    WRITE,
                    (
                        SYNC + "        os.replace(partial, path)\n",
                        "            os.replace(partial, path)\n            stream.flush()\n            os.fsync(stream.fileno())\n",
                    ),
                ),
            ),
        },
        also=(
            "def write_atomically(path, write):\n    path = str(path)\n    handle = os.open(path + '.partial', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)\n"
            "    done = False\n    try:\n        with os.fdopen(handle, 'wb') as stream:\n            write(stream)\n            stream.flush()\n            os.fsync(handle)\n"
            "        os.rename(path + '.partial', path)\n        done = True\n    finally:\n        if not done and os.path.exists(path + '.partial'):\n            os.remove(path + '.partial')\n"
            "    sync_folder(os.path.dirname(path) or '.')",
        ),
    ),
}

QUIZ = (
    Question(
        "timeline",
        "From 8 to 1,024 digits: which part of a step takes about as long as before, and why?",
        (
            (
                "The backward pass: its gradients have the shape of the weights",
                "They have, and are sums over every example: look at its bar again.",
            ),
            (
                "The batch: picking rows out of a table costs next to nothing",
                "Little, and several times as much for 1,024 rows as for 8.",
            ),
            (
                "The optimizer: it goes over the weights, which stay as many",
                "And fused it goes over them in fewer operations.",
            ),
            (
                "The forward pass: a product of matrices runs in parallel anyway",
                "Its work grows with the rows: look at its bar again.",
            ),
        ),
        right=2,
    ),
    Question(
        "first-loss",
        "A resumed run's first loss equals the old one to the bit, the second does not. What was surely in the checkpoint?",
        (
            (
                "Weights, generators and position, and perhaps not the optimiser's means",
                "What made the first loss was right; what moves the weights after it need not be.",
            ),
            (
                "Weights, the optimiser's means and the schedule, and perhaps not the generators",
                "Other dropout, or other noise, would show in the first loss already.",
            ),
            (
                "Weights, position and the optimiser's means, and perhaps not numpy's generator",
                "Other noise on the pixels would show in the first loss already.",
            ),
            (
                "Weights, generators and the optimiser's means, and perhaps not the position",
                "Another batch would show in the first loss already.",
            ),
        ),
        right=0,
    ),
    Question(
        "prefetch",
        "Your loader's workers read ahead. Which position belongs in the checkpoint?",
        (
            (
                "That of the sampler, since it knows where it is",
                "It knows what was handed out, not what was trained on.",
            ),
            ("That behind the last batch that was trained on", "Commit after processing, not after polling."),
            ("That of the slowest of all the workers", "It may be ahead of the training, too."),
            ("None, if the order is shuffled anew anyway", "Then some examples are seen twice, others not."),
        ),
        right=1,
    ),
    Question(
        "bfloat",
        "All weights and updates are kept in bfloat16, and the loss stops falling early. What is the likely reason?",
        (
            ("Its largest number is too small for the loss", "It reaches as far as float32."),
            ("Its smallest number is too large for gradients", "That is float16; bfloat16 has float32's exponent."),
            ("Products in 16 bits are wrong in every digit", "They have two to three digits, which is enough."),
            (
                "Updates below half the gap to the next number vanish",
                "The weight stays, in every step, without a word.",
            ),
        ),
        right=3,
    ),
    Question(
        "once",
        "What does snapshot plus offset promise for a training run that was killed and taken up on the same machine?",
        (
            (
                "Each step has run once, and has told its metrics once",
                "Steps after the snapshot ran again, and told theirs again.",
            ),
            (
                "State as if each step had run once, whatever lines there are",
                "The lines may come twice, so their consumer needs a key: the step.",
            ),
            (
                "Each line of metrics once, whatever steps have run twice",
                "Nobody takes back a line that is out; the state is what is kept in one piece.",
            ),
            (
                "State as if each step had run once, on any number of machines",
                "Another order of additions, other last bits.",
            ),
        ),
        right=1,
    ),
)

REVIEWS = {
    "storage": Verdict(
        of="what_differs",
        right=False,
        why="A tensor is a view: a shape, strides and a place in a storage. A square table and its transpose have one storage, "
        "dtype and shape, and other numbers: nothing would be found. And a row that was cut out of a table differs from its "
        "copy, since the whole table lies in its storage. `reshape` copies for a reason: it puts the numbers in their order.",
        cases=states,
        witness=({"a": torch.arange(4.0).reshape(2, 2)}, {"a": torch.arange(4.0).reshape(2, 2).T}),
    ),
    "by-identity": Verdict(
        of="named_parameters",
        right=True,
        why="`is` asks what `id` asked, and what is listed is alive, so no identity can be used again. For some hundreds of "
        "parameters the square does not matter.",
        cases=modules,
        witness=None,
    ),
}
