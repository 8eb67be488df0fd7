"""The general repair policy at work in every repository, with the whole agent of 15_coding_agent around it.

    python 04_rag_and_agents/labs/repairs.py            # writes 04_rag_and_agents/recorded/repairs.json

No model and no network. Where the system has walls, all commands run in the sandbox.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import sys
from pathlib import Path

from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "00_setup"))

from built import coding_agent, tool_use  # noqa: E402  (the path above comes first)

RESULT = ROOT / "04_rag_and_agents" / "recorded" / "repairs.json"
SETS = {  # by what their authors were told; no author saw the policy
    "of a kind named beforehand": "crontab framecodec ledgerbook mailmerge ratelimit stockroom taskgraph wordindex",
    "one line, as in histories": "changelog converter diffstat eventbus outline paginator",
    "as it comes": "cache renamer router spreadsheet validator",
}


def main() -> None:
    """Work through all repositories and write the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--most", type=int, default=150, help="edits to try in each repository")
    given = options.parse_args()
    names = [(name, told) for told, listed in SETS.items() for name in listed.split()]
    rows = []
    for name, told in tqdm(names, unit="repository"):
        row = coding_agent.repair_row(name, given.most)
        end = "all tests pass" if row["mended"] else f"{row['edits']} edits tried and taken back"
        rows.append({"name": name, "set": told, "end": end} | row)
    found = {
        "command": "python 04_rag_and_agents/labs/repairs.py" + (f" --most {given.most}" if given.most != 150 else ""),
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.system()}, {platform.machine()}, Python {platform.python_version()}",
        "sandbox": tool_use.has_walls(),
        "rows": rows,
    }
    RESULT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{sum(row['mended'] for row in rows)} of {len(rows)} mended: {RESULT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
