"""Bar charts as SVG, drawn by hand: horizontal bars in groups, on a logarithmic scale."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10
from typing import Final

# Told apart in every common colour blindness (Okabe and Ito).
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#666666")
WIDTH: Final = 860
LEFT: Final = 190
RIGHT: Final = 70
BAR: Final = 12
GAP: Final = 10
TOP: Final = 74
LEGEND_COLUMN: Final = 150


def bar_chart(title: str, unit: str, groups: dict[str, dict[str, float]], series: list[str]) -> str:
    """A chart of `groups`: label → series → value above zero; a series that a group lacks has no bar there."""
    values = [value for group in groups.values() for value in group.values()]
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    high = max(high, low + 1)

    def x(value: float) -> float:
        return LEFT + (log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    parts: list[str] = []
    y = TOP
    for label, group in groups.items():
        middle = y + BAR * len(group) / 2
        parts.append(f'<text x="{LEFT - 8}" y="{middle + 4:.0f}" text-anchor="end">{escape(label)}</text>')
        for name in series:
            if name in group:
                end = x(group[name])
                colour = COLOURS[series.index(name) % len(COLOURS)]
                parts.append(
                    f'<rect x="{LEFT}" y="{y}" width="{max(1.0, end - LEFT):.1f}" height="{BAR - 2}" fill="{colour}">'
                    f"<title>{escape(name)}: {group[name]:.3g} {escape(unit)}</title></rect>"
                    f'<text class="value" x="{end + 4:.1f}" y="{y + BAR - 3}">{group[name]:.3g}</text>'
                )
                y += BAR
        y += GAP
    grid = [
        f'<line x1="{x(10.0**power):.1f}" y1="{TOP - 6}" x2="{x(10.0**power):.1f}" y2="{y}"/>'
        f'<text class="value" x="{x(10.0**power):.1f}" y="{y + 14}" text-anchor="middle">{10.0**power:g}</text>'
        for power in range(low, high + 1)
    ]
    columns = (WIDTH - 20) // LEGEND_COLUMN
    legend = [
        f'<rect x="{10 + place % columns * LEGEND_COLUMN}" y="{32 + place // columns * 16}" width="10" height="10"'
        f' fill="{COLOURS[place % len(COLOURS)]}"/>'
        f'<text x="{25 + place % columns * LEGEND_COLUMN}" y="{41 + place // columns * 16}">{escape(name)}</text>'
        for place, name in enumerate(series)
    ]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 36}" viewBox="0 0 {WIDTH} {y + 36}"'
            ' font-family="sans-serif" font-size="12" fill="#222">',
            "<style>.value{font-size:10px} line{stroke:#ddd} .title{font-size:15px;font-weight:bold}</style>",
            f'<rect width="{WIDTH}" height="{y + 36}" fill="#fff"/>',
            f'<text class="title" x="10" y="20">{escape(title)}</text>',
            *legend,
            *grid,
            *parts,
            f'<text x="{WIDTH - 10}" y="{y + 30}" text-anchor="end">{escape(unit)}, logarithmic scale</text>',
            "</svg>",
            "",
        )
    )
