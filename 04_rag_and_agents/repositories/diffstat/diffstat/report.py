"""Plain text reports."""


def shorten(path, width):
    """Shorten *path* from the left to at most *width* characters."""
    if len(path) <= width:
        return path
    return "..." + path[len(path) - width + 3:]


def _bar(stat, scale):
    """Return the histogram of one file; any change shows at least one mark."""
    plus = max(1, round(stat.added * scale)) if stat.added else 0
    minus = max(1, round(stat.removed * scale)) if stat.removed else 0
    return "+" * plus + "-" * minus


def _plural(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _summary(stat):
    parts = [_plural(len(stat.files), "file") + " changed"]
    if stat.added:
        parts.append(_plural(stat.added, "insertion") + "(+)")
    if stat.removed:
        parts.append(_plural(stat.removed, "deletion") + "(-)")
    return ", ".join(parts)


def format_stat(stat, name_width=40, bar_width=20):
    """Return the report for a DiffStat as text."""
    if not stat.files:
        return ""
    names = [shorten(f.path, name_width) for f in stat.files]
    pad = max(map(len, names))
    largest = max(f.total for f in stat.files)
    digits = len(str(largest))
    scale = bar_width / largest if largest > bar_width else 1
    lines = []
    for name, item in zip(names, stat.files):
        if item.binary:
            detail = "Bin"
        else:
            detail = f"{item.total:>{digits}} {_bar(item, scale)}".rstrip()
        lines.append(f" {name:<{pad}} | {detail}")
    lines.append(" " + _summary(stat))
    return "\n".join(lines)
