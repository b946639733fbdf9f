"""One JSON object to an Article or a Page: our own field names, and those of the tools that feed us.

Known as they come: our own export, to the letter; the output of trafilatura, newspaper4k, news-please, Fundus and
Media Cloud. Names are compared in lower case; of several names for one thing the first that holds something wins.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, get_args
from urllib.parse import urlsplit

from indexer.article import Article, DatePrecision, host_of, one_line
from indexer.errors import PageError
from indexer.page import Page

# Where Media Cloud's extractor puts what it is less sure of.
_UNSURE = "other"
# Names of one field, most telling first.
_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "_id", "article_id", "stories_id", "uuid", "uid"),
    "url": (
        *("url", "canonical_url", "canonical_link", "original_url", "link", "permalink", "web_url"),
        *("article_url", "page_url", "responded_url", "requested_url"),
    ),
    "title": ("title", "headline", "article_title", "title_page", "title_rss"),
    "body": (
        *("body", "maintext", "plaintext", "article_text", "articlebody", "article_body", "text", "text_content"),
        *("story_text", "full_text", "fulltext", "cleaned_text", "plain_text", "content", "textcontent", "raw_text"),
    ),
    "summary": ("summary",),
    "html": ("html", "raw_html", "html_content"),
    "date": (
        *("date", "date_publish", "publish_date", "publishing_date", "publication_date", "published"),
        *("date_published", "datepublished", "published_date", "published_at", "publishedat", "pub_date", "pubdate"),
        "publishedtime",
    ),
    "source": (
        *("source", "sitename", "site_name", "meta_site_name", "source-hostname", "media_name", "publisher"),
        *("source_name", "outlet", "publication"),
    ),
    "host": ("source_domain", "hostname", "canonical_domain", "media_url", "source_url", "domain"),
    "authors": ("authors", "author", "byline", "creator", _UNSURE),
    "credits": ("credits",),
    "section": ("section", "category", "categories", "articlesection", "section_name"),
    "topics": ("topics", "tags", "meta_keywords", "keywords"),
    # newspaper4k's "language" is the one that it was told to expect.
    "language": ("meta_lang", "language", "lang", "inlanguage", "language_code"),
    "date_precision": ("date_precision",),
    "date_method": ("date_method",),
    "fetched": ("date_download", "fetched", "crawl_date", "download_date"),
}
_OWN = frozenset(field.name for field in fields(Article))
_NO_DATE = frozenset(("", "none", "null", "nan", "nat", "n/a", "unknown", "undateable", "0000-00-00", "0"))
_AMBIGUOUS_DATE = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2\d{2}(?:\d\d)?(?!\d)")
_ADDRESS = re.compile(r"https?://", re.I)
_BYLINE = re.compile(r"by\s", re.I)
_BETWEEN_NAMES = re.compile(r"[,;&/]|\s(?:and|AND|e|en|et|och|og|und|y)\s")
_AROUND_NAME = " \"'“”"
# As in "Fog,Ferries", which a tool took from a page without taking it apart; not as in "10,000 steps".
_TIGHT_COMMA = re.compile(r"(?<=[^\s\d]),(?=\S)|(?<=\S),(?=[^\s\d])")
# A list as Python and NumPy print it, which is what becomes of one in a table: "['Fog', 'Ferries']".
_PRINTED_ITEM = re.compile(r"""'[^'\\]*'|"[^"\\]*\"""")
_PRINTED_LIST = re.compile(rf"\[(?:(?:{_PRINTED_ITEM.pattern})(?:,?\s+(?:{_PRINTED_ITEM.pattern}))*)?\]")
_NAME_KEYS = ("name", "title", "label", "term", "value", "text")
# What Python writes of an element of lxml: the body in trafilatura's Document.as_dict().
_ELEMENT = re.compile(r"<Element \S+ at 0x[0-9a-f]+>")
# What news-please writes for nothing.
_NULL = "NULL"
_NAMED = 8  # fields of a record that a message names

Moment = tuple[datetime, DatePrecision]


def record(values: Mapping[str, Any], place: str, source: str | None) -> Article | Page:
    """The article that a JSON object holds; the page, where it holds raw HTML and no text.

    place   where the object stands, for a Page's reports
    source  the outlet's display name, instead of the object's own

    A field of another type than it can be used as makes the whole record unusable, and so does a date that is
    not understood: an article that is silently left undated is one that no search by date will find.
    Raises PageError, whose message names the field and says what to write.
    """
    if values.keys() == _OWN and (exported := _exported(values)):
        return replace(exported, source=one_line(source)) if source else exported
    if isinstance(stored := values.get("_source"), dict):  # a document as Elasticsearch and OpenSearch hand it out
        values = {"id": values.get("_id"), **stored}
    present = _present(tuple(values))
    url = _url(values, present)
    title = _text(values, present["title"])
    body = _body(values, present["body"])
    outlet = source or _source(values, present, url)
    markup = _text(values, present["html"]) if not body and present["html"] else ""
    if markup or _is_page(body):
        return Page(
            data=markup or body,
            place=place,
            kind="html",
            url=url or None,
            fetched=_fetched(values, present["fetched"]),
            source=outlet or None,
            id=_id(values, present["id"]) or None,
        )
    body = body or _body(values, present["summary"])
    id = _id(values, present["id"])
    if not (id or title or body or present["title"] or present["body"]) and values:
        known = ", ".join(f'"{key[:40]}"' for key in list(values)[:_NAMED])
        raise PageError(f'no title and no text under any known name, but {known}; call them "title" and "text"')
    date = _date(values, present["date"])
    precision = _text(values, present["date_precision"])
    return Article.build(
        id=id,
        url=url,
        title=title,
        body=body,
        source=outlet,
        date=date[0] if date else None,
        date_precision=_precision(precision, date),
        date_method=_text(values, present["date_method"]) or "input",
        authors=_authors(values, present["authors"]),
        credits=_list(values, present["credits"]),
        section=_section(values, present["section"]),
        topics=_topics(values, _topic_names(present["topics"])),
        language=_language(_text(values, present["language"])),
    )


def publication_date(value: object) -> Moment | None:
    """When `value` says, to the precision that it says it; None for the usual ways to write "no date".

    A text in ISO 8601 or RFC 2822 or in prose, or seconds or milliseconds since 1970. A time without a zone is UTC.
    Midnight sharp means the day: that is how tools write a date of which they know no time.
    Raises PageError where it is no date, or may be one of two.
    """
    if isinstance(value, str):
        return _date_in_text(value.strip())
    if value is None or value == 0 or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _date_in_number(value)
    raise PageError(f"{_kind(value)} is no date; write it as in 2024-12-03 or 2024-12-03T19:17:00Z")


def names(value: object) -> list[str]:
    """The people in an author field: a list, or a text with semicolons between them.

    A name that is several ("Ann Lee and Bo Chen") is taken apart where each of them is a person's full name.
    """
    if isinstance(value, str):
        value = _split(value, ";")
    found: list[str] = []
    for name in _items(value):
        if _BYLINE.match(name):
            from indexer.cleaning.metadata import byline

            found.extend(byline(name) or [name[3:]])
        elif len(parts := _BETWEEN_NAMES.split(name)) > 1:
            from indexer.cleaning.metadata import is_full_name

            people = [part.strip(_AROUND_NAME) for part in parts]
            found.extend(people if all(map(is_full_name, people)) else [name])
        elif name != _NULL:
            found.append(name)
    return found


def _exported(values: Mapping[str, Any]) -> Article | None:
    """The article of which these are the `to_dict`, if there is one: nothing in it is taken for markup or a byline."""
    if values["date_precision"] not in (None, *get_args(DatePrecision)):
        return None
    try:
        article = Article.build(**{**values, "date": values["date"] and datetime.fromisoformat(values["date"])})
    except (TypeError, ValueError, AttributeError, PageError):
        return None
    return article if article.to_dict() == values else None


@lru_cache(maxsize=256)
def _present(keys: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """For each field the keys that hold it. Cached, because a file's objects hardly differ in their keys."""
    spelling = {key.lower(): key for key in reversed(keys)}
    return {field: tuple(spelling[name] for name in known if name in spelling) for field, known in _NAMES.items()}


def _text(values: Mapping[str, Any], keys: Iterable[str]) -> str:
    for key in keys:
        value = values[key]
        if isinstance(value, str):
            if value and not value.isspace() and value != _NULL:
                return value
        elif not _is_nothing(value):
            raise PageError(f'"{key}" is {_kind(value)}; write it as text')
    return ""


def _id(values: Mapping[str, Any], keys: Iterable[str]) -> str:
    for key in keys:
        value = values[key]
        if isinstance(value, str):
            if value and not value.isspace():
                return value
        elif isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        elif isinstance(value, float) and value.is_integer():
            return str(int(value))
        elif not _is_nothing(value):
            raise PageError(f'"{key}" is {_kind(value)}; write the id as text or a whole number')
    return ""


def _url(values: Mapping[str, Any], present: Mapping[str, tuple[str, ...]]) -> str:
    url = _text(values, present["url"])
    if not url:
        # trafilatura calls the page's address "source". A bare host would give all articles of a site one id.
        for key in present["source"][:1]:
            value = values[key]
            if isinstance(value, str) and _ADDRESS.match(value) and _path(value):
                return value
    return url


def _body(values: Mapping[str, Any], keys: Iterable[str]) -> str:
    for key in keys:
        value = values[key]
        if isinstance(value, dict):
            value = list(_fundus_paragraphs(value))
        if isinstance(value, list) and None not in (parts := [_name(part) for part in value]):
            value = "\n\n".join(filter(None, parts))
        if not isinstance(value, str):
            if _is_nothing(value):
                continue
            raise PageError(f'"{key}" is {_kind(value)}; write it as text, or as a list of paragraphs')
        if not value or value.isspace() or value == _NULL:
            continue
        if value.lstrip()[0] == "<":
            if _ELEMENT.fullmatch(value):
                continue
            if "</" in value and not _is_page(value):
                from indexer.sources.markup import text_of

                value = text_of(value)
        return value
    return ""


def _fundus_paragraphs(body: Mapping[str, Any]) -> Iterable[str]:
    """The paragraphs of Fundus' structured body: a summary, then sections of headline and paragraphs."""
    yield from _items(body.get("summary"))
    sections = body.get("sections")
    for section in sections if isinstance(sections, list) else ():
        if isinstance(section, dict):
            yield from _items(section.get("headline"))
            yield from _items(section.get("paragraphs"))


def _is_page(text: str) -> bool:
    return text.lstrip()[:14].lower().startswith(("<!doctype html", "<html")) and "</" in text


def _source(values: Mapping[str, Any], present: Mapping[str, tuple[str, ...]], url: str) -> str:
    address = ""
    for key in present["source"]:
        value = values[key]
        name = _name(value)
        if name is None:
            if _is_nothing(value):
                continue
            raise PageError(f'"{key}" is {_kind(value)}; write the name of the outlet as text')
        if _ADDRESS.match(name):
            address = address or name
        elif name and not name.isspace():
            return name
    domain = _text(values, present["host"]).strip()
    if domain and not _ADDRESS.match(domain):
        return domain.partition("/")[0].removeprefix("www.")
    return host_of(url) or host_of(domain) or host_of(address)


def _date(values: Mapping[str, Any], keys: Iterable[str]) -> Moment | None:
    for key in keys:
        try:
            found = publication_date(values[key])
        except PageError as error:
            raise PageError(f'"{key}": {error}') from None
        if found:
            return found
    return None


def _fetched(values: Mapping[str, Any], keys: Iterable[str]) -> datetime | None:
    try:
        found = _date(values, keys)
    except PageError:  # it only helps to judge the page's own dates
        return None
    return found[0].replace(tzinfo=found[0].tzinfo or UTC) if found else None


def _date_in_text(text: str) -> Moment | None:
    # The usual forms at the speed of C; the rest is parsed as dates on pages are.
    if text[4:5] == "-" and text[7:8] == "-":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            if 1500 <= moment.year < 9999:
                if not (moment.hour or moment.minute or moment.second):
                    return moment.replace(tzinfo=UTC), "day"
                return moment, "second" if text[16:17] == ":" else "minute"
    if text.lower() in _NO_DATE or text.startswith(("0000-00-00", "0001-01-01")):
        return None
    if found := _AMBIGUOUS_DATE.match(text):
        first, second = int(found[1]), int(found[3])
        if first <= 12 and second <= 12 and first != second:
            raise PageError(f"{text[:40]!r} may be one of two days; write it as in 2024-12-03")
    from indexer.cleaning.dates import parse_timestamp

    parsed = parse_timestamp(text)
    if parsed is None:
        raise PageError(
            f"{text[:40]!r} is no date that is understood; write it as in 2024-12-03 or 2024-12-03T19:17:00Z,"
            " or null for none"
        )
    return parsed.when, parsed.precision


def _date_in_number(number: float) -> Moment:
    if 19000101 <= number <= 21001231 and (day := _date_in_digits(str(number))):
        return day
    seconds = number
    while 1e11 <= abs(seconds) < 1e20:  # milli-, micro- or nanoseconds: as seconds it would be the year 5138
        seconds /= 1000
    if 0 < number < 10000 or not -1e10 < seconds < 1e11:
        raise PageError(f"{number} is no date; write it as in 2024-12-03, or null for none")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), "second"


def _date_in_digits(digits: str) -> Moment | None:
    try:
        return datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC), "day"
    except ValueError:
        return None


def _precision(given: str, date: Moment | None) -> DatePrecision | None:
    if date is None:
        return None
    if not given:
        return date[1]
    if given not in get_args(DatePrecision):
        raise PageError(f'"date_precision" is {given[:40]!r}; write one of {", ".join(get_args(DatePrecision))}')
    return given  # type: ignore[return-value]


def _authors(values: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    for key in keys:
        value = values[key]
        if key == _UNSURE:
            value = value.get("authors") if isinstance(value, dict) else None
        if found := names(value):
            return found
    return []


def _section(values: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    for key in keys:
        value = values[key]
        if isinstance(value, str) and key.lower() == "categories":
            value = _split(value, ";")
        for name in _items([value] if isinstance(value, str) else value):
            return name
    return None


def _topic_names(keys: tuple[str, ...]) -> tuple[str, ...]:
    """newspaper4k's "keywords" are guessed from the text; only beside its "meta_keywords" are they known for it."""
    return tuple(key for key in keys if key != "keywords") if "meta_keywords" in keys else keys


def _topics(values: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    topics = _list(values, keys)
    # Most are in order, and one look at all of them is quicker than one at each.
    return [part for topic in topics for part in _TIGHT_COMMA.split(topic)] if "," in "".join(topics) else topics


def _list(values: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    for key in keys:
        value = values[key]
        if isinstance(value, str):
            value = _split(value, ";" if ";" in value else ",")
        if found := list(_items(value)):
            return found
    return []


def _split(text: str, border: str) -> list[str]:
    if text[:1] == "[" and _PRINTED_LIST.fullmatch(text):
        return [item[1:-1] for item in _PRINTED_ITEM.findall(text)]
    return text.split(border)


def _items(value: object) -> Iterable[str]:
    """The texts in a list: strings, numbers, and objects that have a name. What else it holds is passed over."""
    if isinstance(value, dict):
        value = [value]
    for item in value if isinstance(value, list) else ():
        name = str(item) if isinstance(item, (int, float)) else _name(item)
        if name and not name.isspace():
            yield name.strip()


def _name(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return next((name for key in _NAME_KEYS if isinstance(name := value.get(key), str) and name), None)
    return None


def _language(tag: str) -> str | None:
    if not tag:
        return None
    if len(tag) == 2 and tag.isalpha():
        return tag.lower()
    from indexer.cleaning.language import primary_tag

    return primary_tag(tag)


def _is_nothing(value: object) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, float) and math.isnan(value))


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "text"}
    return kinds.get(type(value), "a number")


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.strip("/")
    except ValueError:
        return ""
