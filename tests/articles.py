"""A small invented archive that the tests of the doors index and search."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import indexer

ARTICLES: tuple[dict[str, Any], ...] = (
    {
        "id": "harbour-1",
        "title": "Harbour council votes for a longer breakwater",
        "body": "The harbour council voted on Monday to lengthen the breakwater.\n\nFishermen had asked for it since "
        "the winter storms, and the council found the money in a reserve for repairs.",
        "source": "Daily Harbour",
        "date": "2024-01-15T08:30:00Z",
        "authors": ["Mara Lindqvist"],
        "section": "Local",
        "topics": ["harbour", "storms"],
        "language": "en",
        "url": "https://daily-harbour.example/breakwater?id=1",
    },
    {
        "id": "harbour-2",
        "title": "Ferry strike enters its second week",
        "body": "Ferry crews stayed ashore for an eighth day.\n\nTalks between the union and the harbour company broke "
        "off on Friday over night shifts.",
        "source": "Daily Harbour",
        "date": "2024-02-02",
        "authors": ["Mara Lindqvist", "Jon Abiola"],
        "section": "Business",
        "topics": ["strike"],
        "language": "en",
    },
    {
        "id": "harbour-3",
        "title": "Storm closes the harbour for two days",
        "body": "A storm with gusts of hurricane force closed the harbour on Tuesday.\n\nNo ship left before Thursday.",
        "source": "Daily Harbour",
        "date": "2024-02-20T19:05:00Z",
        "section": "Local",
        "topics": ["storms"],
        "language": "en",
    },
    {
        "id": "hill/valley/4",
        "title": "Shares of the cable car company fall before the dividend",
        "body": "Shares of the cable car company fell by a tenth.\n\nInvestors fear that the dividend will be cut "
        "after a season without snow.",
        "source": "Hill & Valley",
        "date": "2024-02-21T06:00:00Z",
        "authors": ["Jon Abiola"],
        "section": "Business",
        "topics": ["shares"],
        "language": "en",
    },
    {
        "id": "http://hill.example//5/",
        "title": "Dividend doubled at the dairy",
        "body": "The cooperative dairy doubles its dividend.\n\nMembers cheered in the village hall.",
        "source": "Hill & Valley",
        "date": "2024-03-01",
        "section": "Business",
        "language": "en",
    },
    {
        "id": "hill-6",
        "title": "Señora Núñez reopens the alpine library",
        "body": "The library in the pass has a roof again.\n\nSeñora Núñez, who kept the books dry in her own barn, "
        "cut the ribbon.",
        "source": "Hill & Valley",
        "date": "2024-03-09T12:00:00Z",
        "section": "Culture",
        "topics": ["library"],
        "language": "en",
    },
    {
        "id": "kurier-7",
        "title": "Hafen bleibt nach dem Sturm geschlossen",
        "body": "Der Hafen bleibt bis Donnerstag geschlossen.\n\nDie Fähren liegen fest.",
        "source": "Küstenkurier",
        "date": "2024-02-21",
        "section": "Lokales",
        "language": "de",
    },
    {
        "id": "kurier-8",
        "title": "A recipe for storm soup",
        "body": "Leeks, barley and whatever the sea left.\n\nSimmer while the storm lasts.",
        "source": "Küstenkurier",
        "language": "en",
    },
    {
        "id": "escape-9",
        "title": "Terminal \x1b[31mred\x1b[0m herring sold at the harbour auction",
        "body": "The auction \x1b]0;owned\x07hall sold one herring.\n\nIt was red.",
        "source": "Daily Harbour",
        "date": "2024-03-20",
        "section": "Local",
        "language": "en",
    },
)


def write_jsonl(path: Path, articles: tuple[dict[str, Any], ...] = ARTICLES) -> Path:
    path.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    return path


def build_index(folder: Path) -> Path:
    """An index of ARTICLES below `folder`."""
    path = folder / "news.index"
    with indexer.open_index(path, create=True) as index:
        report = index.ingest([write_jsonl(folder / "articles.jsonl")])
    assert report.added == len(ARTICLES)
    assert not report.rejects
    return path
