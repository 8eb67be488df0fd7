"""Write what follows from `00_setup/course.toml`: parts of README.md, and the first cell of every notebook.

    python tests/readme.py            write
    python tests/readme.py --check    say what is out of date, change nothing, exit 1 if anything is

The public address stands in `course.toml` and nowhere else by hand. Whoever moves the repository changes it there,
runs this, and every link, badge and clone follows. Between the markers `<!-- generated: NAME -->` and
`<!-- end of NAME -->` the README belongs to this file; the rest of it is written by people.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "00_setup"), str(ROOT / "tests")]

import course  # noqa: E402  (the path above comes first)
import merge  # noqa: E402
from start_cell import first_cell  # noqa: E402

PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end of \2 -->)", re.DOTALL)


def hours(minutes: int) -> str:
    """Minutes as whole hours.

    >>> hours(6885)
    '115 hours'
    """
    return f"{round(minutes / 60)} hours"


def title(row: course.Row) -> str:
    """The name of a notebook as a link, or plain if it is still to be written."""
    name = row.file.split("/")[1]
    return f"[{name}]({row.file}.ipynb)" if row.exists else name


def links(of: course.Course) -> str:
    """Buttons that open the first notebook without installing anything. They claim no test run."""
    first = of.row("start_here")
    return (
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({of.colab(first)})\n"
        f"[![Open on Binder](https://mybinder.org/badge_logo.svg)]({of.binder(first)})\n"
    )


def get(of: course.Course) -> str:
    """The lines to type."""
    return (
        f"```\ngit clone {of.address}\ncd {of.slug.split('/')[1]}\n"
        "python3 learn.py\n```\n\n"
        "(Windows: `py learn.py` in place of the last line.) It opens the first notebook in JupyterLab.\n"
        "And this re-runs every cell of every notebook, compares what comes out, and runs all the tests:\n\n"
        "```\npython3 learn.py test\n```\n"
    )


def map_table(of: course.Course) -> str:
    """A row a notebook: what it asks, what you build, how long it takes. ★ is the spine."""
    lines = []
    for module in of.modules:
        lines += [f"### {module.folder} · {module.title}", "", module.about, ""]
        lines += ["| | notebook | question | you build | minutes |", "|---|---|---|---|---|"]
        for row in of.notebooks:
            if row.folder == module.folder:
                star, builds = "★" if row.spine else "", row.builds if row.exists else f"*to come:* {row.builds}"
                lines.append(f"| {star} | {title(row)} | {row.question} | {builds} | {row.minutes} |")
        lines.append("")
    return "\n".join(lines)


def totals(of: course.Course) -> str:
    """How much there is, how much of it is written, how long it takes."""
    spine, whole = [r for r in of.notebooks if r.spine], of.notebooks
    weeks = [round(sum(r.minutes for r in rows) / 60 / 5) for rows in (spine, whole)]
    return (
        f"★ is the spine: {len(spine)} notebooks, about {hours(sum(r.minutes for r in spine))}, so some {weeks[0]} "
        f"weeks of five hours. The other {len(whole) - len(spine)} are branches that nothing on the spine needs; with "
        f"them it is about {weeks[1]} weeks. The minutes are estimates. "
        f"{sum(r.exists for r in whole)} of the {len(whole)} notebooks are written so far; the others are marked *to "
        "come*.\n"
    )


def fast_lane(of: course.Course) -> str:
    """The notebooks for whoever needs the words next month."""
    names = [title(of.row(noun)) + ("" if of.row(noun).exists else " *(to come)*") for noun in of.fast_lane]
    return " → ".join(names) + "\n"


def elsewhere(of: course.Course) -> str:
    """How a single notebook is opened in Colab or Binder."""
    rows = [row for row in of.notebooks if row.exists]
    lines = ["| | | |", "|---|---|---|"]
    lines += [f"| {row.file} | [Colab]({of.colab(row)}) | [Binder]({of.binder(row)}) |" for row in rows]
    return "\n".join(lines) + "\n"


PARTS = {
    "links": links,
    "get": get,
    "fast_lane": fast_lane,
    "totals": totals,
    "map": map_table,
    "elsewhere": elsewhere,
}


def readme(text: str, of: course.Course) -> str:
    """README.md with its generated parts written anew. Raises ValueError if a part has no markers, or a typo in one."""
    found = [match[2] for match in PART.finditer(text)]
    if sorted(found) != sorted(PARTS) or text.count("<!-- generated:") != len(PARTS):
        raise ValueError(f"README.md has the markers of {found}, expected one pair for each of {list(PARTS)}")
    return PART.sub(lambda match: f"{match[1]}{PARTS[match[2]](of)}{match[3]}", text)


def with_first_cell(path: Path) -> str:
    """The text of a notebook with its generated cell as it should be; everything else as it is."""
    text = path.read_text("utf-8")
    notebook, wanted = json.loads(text), first_cell(path).rstrip("\n")
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    if "".join(first["source"]) == wanted:
        return text
    first["source"] = wanted.splitlines(keepends=True)
    return merge.write(notebook)


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit status."""
    if set(arguments) - {"--check"}:
        print(__doc__)
        return 2
    of = course.load(ROOT)
    page = ROOT / "README.md"
    wanted = {page: readme(page.read_text("utf-8"), of)}
    wanted |= {path: with_first_cell(path) for path in sorted(ROOT.glob("[0-9][0-9]_*/[0-9][0-9]_*.ipynb"))}
    stale = [path for path, text in wanted.items() if path.read_text("utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT)} is out of date: python3 tests/readme.py")
        else:
            path.write_text(wanted[path], encoding="utf-8", newline="\n")
            print(f"{path.relative_to(ROOT)} written")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
