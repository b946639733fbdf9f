"""An invented archive with what is awkward on a page: markup in texts, two directions, gaps in time, odd ids."""

from __future__ import annotations

import html
from typing import Any

OUTLETS = ("Northern Ledger", "Gulf Herald", 'Tips & "Tides" <weekly>')
DESKS = ("Ida Vesterby", "Tomas Okafor")
# Nothing appeared in August 2023.
MONTHS = (*(f"2023-{month:02}" for month in range(1, 13) if month != 8), "2024-01", "2024-02")

MONTHLY: tuple[dict[str, Any], ...] = tuple(
    {
        "id": f"{month}-{number}",
        "title": f"Tide table {number + 1} of {month} is late" + (" for the ferry" if number == 0 else ""),
        "body": f"The printers of {outlet} had no ink.\n\nThe tide came all the same, says harbour warden {desk}, and "
        f"the {'ferry' if number == 0 else 'barge'} sailed on it in {month}.",
        "source": outlet,
        "date": f"{month}-{10 + number:02}T06:0{number}:00Z",
        "authors": [desk],
        "section": "Coast" if number else "Traffic",
        "topics": ["Tides", "Ferries"] if number == 0 else ["Tides"],
        "language": "en",
    }
    for month in MONTHS
    for number, outlet in enumerate(OUTLETS)
    for desk in [DESKS[number % 2]]
)

SCRIPT = "<script>document.title = 'owned'; window.owned = 1</script>"
AWKWARD: tuple[dict[str, Any], ...] = (
    {
        "id": "marked up",
        "title": f'{SCRIPT} tide & "ebb" <b>bold</b>',
        # Tags of a text are taken away at the door; what it says in entities is text.
        "body": "<p>" + html.escape(f"{SCRIPT}<img src=x onerror='window.owned = 1'> The tide is <low>.") + "</p>",
        "source": OUTLETS[2],
        "date": "2024-02-20",
        "authors": ["<i>Nobody</i>"],
        "topics": ['"><script>window.owned = 1</script>'],
        "url": "https://tides.example/?a=1&b=%22%3E",
    },
    {
        "id": "arabic",
        "title": "المد العالي يغمر الرصيف",
        "body": "غمر المد العالي الرصيف صباح الأحد.\n\nقال الحارس إن الماء وصل إلى الباب.",
        "source": "صحيفة الميناء",
        "date": "2023-05",
        "language": "ar",
    },
    {
        "id": "port/ä?b#c%20",
        "title": "An id of odd signs",
        "body": "It was the idea of a system that nobody remembers.",
        "source": "Gulf Herald",
        "date": "2023-06-07T08:09:10Z",
    },
    {
        "id": "long",
        "title": "Donau" + "dampfschifffahrts" * 12 + "gesellschaft",
        "body": "https://long.example/" + "a" * 300 + " 😀 tide 😀 tide.",
        "source": "Gulf" + "Herald" * 30,
        "section": "Verkehr",
    },
)
GAZETTE = (*MONTHLY, *AWKWARD)
