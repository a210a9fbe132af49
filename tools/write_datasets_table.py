"""Write the table of all data sets in docs/datasets.md.

    python tools/write_datasets_table.py

Everything comes from the builders.
"""

from __future__ import annotations

from pathlib import Path

from headrace.datasets.dataset_builder import DatasetBuilder
from headrace.datasets.find_builder import builders

__all__ = ["insert_table"]

PAGE = Path(__file__).parents[1] / "docs" / "datasets.md"
START, END = "<!-- The table: python tools/write_datasets_table.py -->", "<!-- End of the table -->"
HEAD = "| name | rows | columns | licence | to download | the parser ran on |\n|---|---|---|---|---|---|"


def insert_table(page: str) -> str:
    """Replace the table between its marks."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    rows = [_make_row(each) for each in builders().values()]
    return "\n".join([before + START, "", HEAD, *rows, "", END + after])


def _make_row(builder: DatasetBuilder) -> str:
    info = builder.info
    rows = "<br>".join(f"{name} {count:,}" for name, count in info.full_rows.items())
    columns = ", ".join(f"`{name}`" for name in info.schema.names[:4])
    columns += f" and {len(info.schema) - 4} more" if len(info.schema) > 4 else ""
    size = sum(each.size for each in builder.downloads)
    by_hand = ", by hand" if any(not each.url for each in builder.downloads) else ""
    download = f"{_show_size(size)}{by_hand}" if size else "in the package"
    cells = [f"`{info.name}`", rows, columns, info.licence, download, builder.parser_ran_on or "real file"]
    return "| " + " | ".join(cells) + " |"


def _show_size(size: int) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if size >= factor:
            return f"{size / factor:,.1f} {unit}"
    return f"{size / 1e3:,.0f} kB"


if __name__ == "__main__":
    PAGE.write_text(insert_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
