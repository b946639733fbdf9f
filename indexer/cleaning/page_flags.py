"""What is special about an HTML page: the reader of an explanation should not wonder why its text is short or long."""

from __future__ import annotations

from typing import Any

from indexer.article import Article
from indexer.cleaning.page_parts import PageParts

_SHORT = 600  # characters
_GALLERY = 12  # pictures with a caption

_TYPES = {
    "LiveBlogPosting": "live-blog",
    "VideoObject": "video",
    "ImageGallery": "gallery",
    "MediaGallery": "gallery",
    "Recipe": "recipe",
    "OpinionNewsArticle": "opinion",
    "ReviewNewsArticle": "review",
    "AdvertiserContentArticle": "advertisement",
}


def flags_of(page: PageParts, article: Article) -> tuple[str, ...]:
    """The flags of a page: "amp", "paywalled", "live-blog", "gallery", "video", "opinion", ..., "short" """
    flags = [
        *(["amp"] if _is_amp(page.tree) else []),
        *(["paywalled"] if _is_paywalled(page) else []),
        *(flag for kind, flag in _TYPES.items() if kind in page.structured.types),
    ]
    kind = next(page.structured.first(("og:type",)), "").lower()
    if kind.startswith("video"):
        flags.append("video")
    if sum(1 for _ in page.tree.iter("figcaption")) >= _GALLERY:
        flags.append("gallery")
    if len(article.body) < _SHORT:
        flags.append("short")
    return tuple(dict.fromkeys(flags))


def _is_amp(tree: Any) -> bool:
    return any("amp" in element.attrib or "⚡" in element.attrib for element in tree.iter("html"))


def _is_paywalled(page: PageParts) -> bool:
    free = [str(value).lower() for value in page.structured.property("isAccessibleForFree")]
    if any(value in ("false", "no", "0") for value in free):
        return True
    tier = next(page.structured.first(("article:content_tier", "og:article:content_tier")), "").lower()
    return tier in ("locked", "metered", "premium", "paid")
