"""One finding of the doctor, and the report that shows them all: a table in a notebook, lines anywhere else."""

from __future__ import annotations

import html
from dataclasses import dataclass

from say import KINDS


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `mend` is empty where all is well; `needed` by the lessons, or good to know."""

    what: str
    found: str
    mend: str = ""
    needed: bool = False

    @property
    def kind(self) -> str:
        """How it is shown: good, wrong (needed and missing), hint (could be better), info."""
        if self.mend:
            return "wrong" if self.needed else "hint"
        return "good" if self.needed else "info"


class Report:
    """What `doctor()` shows: a table in a notebook, lines anywhere else."""

    def __init__(self, findings: list[Finding]):
        self.findings = findings

    @property
    def ready(self) -> bool:
        """Is everything there that the lessons need?"""
        return not any(one.needed and one.mend for one in self.findings)

    @property
    def headline(self) -> str:
        """ "Ready: n of n checks passed", or how many did not."""
        needed = [one for one in self.findings if one.needed]
        passed = sum(not one.mend for one in needed)
        return f"{'Ready' if self.ready else 'Not ready'}: {passed} of {len(needed)} checks passed"

    def __repr__(self) -> str:
        width = max(len(one.what) for one in self.findings)
        lines = [self.headline, ""]
        for one in self.findings:
            lines.append(f"{KINDS[one.kind][0]} {one.what:<{width}}  {one.found}")
            lines += [f"  {'':<{width}}  to mend it: {one.mend}"] if one.mend else []
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = []
        for one in self.findings:
            mark, colour = KINDS[one.kind]
            mend = f"<br>to mend it: <code>{html.escape(one.mend)}</code>" if one.mend else ""
            rows.append(
                f'<tr><td style="color:{colour};font-weight:bold">{mark}</td>'
                f'<th scope="row" style="text-align:left;font-weight:normal">{html.escape(one.what)}</th>'
                f'<td style="text-align:left">{html.escape(one.found)}{mend}</td></tr>'
            )
        return f"<p><b>{self.headline}</b></p><table>{''.join(rows)}</table>"
