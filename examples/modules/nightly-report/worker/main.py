"""Sums up every column of numbers in the CSV files that come in."""

import csv
import io
from datetime import datetime, timezone


def run(inputs, options):
    """The name of each input file and its bytes come in; the report goes back under a name with the date in it."""
    today = datetime.now(timezone.utc)
    lines = [f"# Report of {today:%d %B %Y, %H:%M} UTC", ""]
    for name, data in sorted(inputs.items()):
        lines += [f"## {name}", ""]
        lines += summary(data.decode("utf-8-sig", "replace"))
    if not inputs:
        lines.append("There was nothing to report.")
    return {f"report-{today:%Y-%m-%d}.md": "\n".join(lines) + "\n"}


def summary(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    lines = [f"- rows: {len(rows)}"]
    for column in rows[0] if rows else []:
        numbers = [number for row in rows if (number := as_number(row.get(column))) is not None]
        if numbers:
            lines.append(f"- {column}: {sum(numbers):g} in all, {sum(numbers) / len(numbers):g} on average")
    return [*lines, ""]


def as_number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
