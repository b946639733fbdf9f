"""Site, headline, section and language of an HTML page: what it says for machines first, then what is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from indexer.article import host_of, one_line
from indexer.cleaning import dates, metadata, words
from indexer.cleaning.blocks import HEADINGS, MARKS, WITHIN, Block
from indexer.cleaning.explanation import Found
from indexer.cleaning.language import primary_tag
from indexer.cleaning.page_parts import PageParts, text_of
from indexer.cleaning.structured import names_in, unescaped

_LONGEST_TITLE = 300  # characters
_LONGEST_BYLINE = 80  # characters
_LONGEST_SECTION = 60  # characters
_HOST_LIKE = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.I)
# No credit of a picture, and no date: "(News Photo / A. Hale)", "12/03/2025".
_CRUMB = re.compile(r"[>»›/]\s*((?!.*\d[\d:.]\d)[^>»›/()\[\]]{2,40})$")
_JOINT = re.compile(r"\s*[-_|–—·»«›‹｜]+\s*")  # between the parts of a title, with spaces or without
_JOINT_BEFORE = re.compile(_JOINT.pattern + "$")
_WIDE_JOINT = re.compile(r"(?<=[\u2e80-\u9fff])-+")
_SHORTEST_LINE = 8  # characters
_LONGEST_SITE = 4  # words; what is longer is a slogan or a kicker
_TITLES = ("og:title", "twitter:title", "headline", "dc.title", "title", "parsely-title", "sailthru.title")
_SITES = ("og:site_name", "application-name", "article:publisher_name", "dc.publisher")
_APP = ("apple-mobile-web-app-title",)  # may say what the app is for, or be short for its icon
_NOT_LATIN = re.compile(r"[^\W\d_A-Za-zªºÀ-ɏḀ-ỿ]")
_SECTIONS = ("article:section", "og:article:section", "parsely-section", "section", "category", "dc.subject")
_BETWEEN_SECTIONS = re.compile(r",(?=\S)|;")
_CRUMBS = " ›»>/|·•"
_LONGEST_KICKER = 5  # words
_OF_FRAME = MARKS["social"] | MARKS["appeal"] | MARKS["hidden"] | MARKS["related"]
_ASIDE = MARKS["comment"] | MARKS["related"]


def find_site(page: PageParts) -> Found:
    """The outlet's name."""
    structured = page.structured
    named = [
        *((name, "opengraph") for name in structured.first(_SITES[:1])),
        *((name, "meta") for name in structured.first(_SITES[1:])),
        *((name, "json-ld") for name in (*_publishers(page), *structured.sites)),
        *((name, "meta") for name in structured.first(_APP)),
        *((name, "title") for name in _sites_in_title(page)),
    ]
    label = metadata.domain_label(page.url)
    candidates = [(name, method) for text, method in named if _is_site_name(name := _site_alone(text, label))]
    # A name that agrees with the address is surely the outlet's, not a section's or a template's.
    agreeing = [pair for pair in candidates if metadata.agree(pair[0], label)]
    for name, method in (pair for pair in agreeing if not _HOST_LIKE.fullmatch(pair[0])):
        return Found(*_spelled_out(name, method, candidates), 0.95)
    # Most copyright lines name companies or photographers; one that spells the address is the outlet's.
    owned = next((name for block in page.blocks if (name := metadata.named_like_host(block.text, label))), "")
    for name, method in agreeing:
        return Found(owned, "copyright", 0.8) if owned and name.islower() else Found(name, method, 0.95)
    for name, method in candidates:
        # An address in Latin letters that the page's name is not written in: the page's own romanised name agrees.
        return Found(owned, "copyright", 0.8) if owned and _NOT_LATIN.search(name) else Found(name, method, 0.7)
    if owned:
        return Found(owned, "copyright", 0.7)
    for block in page.blocks:
        holder = metadata.copyright_holder(block.text) if "©" in block.text else ""
        if holder and metadata.agree(holder, label):  # most are of pictures
            return Found(holder, "copyright", 0.6)
    name = _headline_and_site(page, _page_title(page))[1]
    if _is_site_name(name) and name.count(" ") < _LONGEST_SITE:
        return Found(name, "title", 0.6)
    host = host_of(page.url)
    return Found(host, "url" if host else "", 0.5 if host else 0.0)


def _site_alone(text: str, label: str) -> str:
    """A site's name without the section, the slogan or the owner that may stand beside it ("The Eddy | Sports")."""
    name = one_line(text.replace("_", " ")).removeprefix("www.")
    return next((part for part in metadata.title_parts(name) if metadata.agree(part, label)), name)


def _publishers(page: PageParts) -> list[str]:
    return [name for value in page.structured.property("publisher") for name in names_in(value)]


def _spelled_out(name: str, method: str, candidates: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """An abbreviation ("EDN", "Eddy Daily News (EDN)") in full where the page says it so elsewhere."""
    bare = name.partition(" (")[0] if name.endswith(")") else name
    for other, where in candidates:
        if other == bare != name:
            return other, where
    if len(name) <= 5 and name.isupper():
        for full, where in candidates:
            if len(name) > 1 and "".join(word[0] for word in full.split() if word[0].isalpha()).upper() == name:
                return full, where
    return name, method


def _sites_in_title(page: PageParts) -> list[str]:
    """What the page's title adds to the headline, and what it ends in if the address says so, too."""
    title, label = _page_title(page), metadata.domain_label(page.url)
    headings = [block for block in page.blocks if block.tag in HEADINGS]
    rests = [
        metadata.after_separator(title[len(block.text) :])
        for block in headings
        if block.tag == "h1"
        and not block.near & MARKS["page"]
        and len(block.text) >= 3
        and title.startswith(block.text)
    ]
    added = [metadata.title_parts(rest)[-1] for rest in rests if rest]
    # Where the site has the h1, the title adds the headline.
    added = [name for name in added if all(block.text != name for block in headings)]
    named = [part for part in metadata.title_parts(title)[:0:-1] if metadata.agree(part, label)]
    return [*named[:1], *added]


def _headline_and_site(page: PageParts, title: str) -> tuple[str, str]:
    """The line of the page that its title opens with or ends in, and what the title adds ("Flood-Daily"), or ""s."""
    found = ("", "")
    if len(title) > 2 * _LONGEST_TITLE:
        return found
    best = (False, _SHORTEST_LINE - 1)
    for block in page.blocks:
        line, rank = block.text, (block.tag in HEADINGS, len(block.text))
        if rank <= best or rank[1] >= len(title):
            continue
        if title.startswith(line) and (joint := _JOINT.match(title, len(line))):
            best, found = rank, (line, _WIDE_JOINT.split(metadata.title_parts(title[joint.end() :])[-1])[-1])
        elif title.endswith(line) and (joint := _JOINT_BEFORE.search(title, 0, len(title) - len(line))):
            best, found = rank, (line, metadata.title_parts(title[: joint.start()])[0])
    return found


def _is_site_name(name: str) -> bool:
    return 2 <= len(name) <= 60 and not name.startswith("http")


def find_title(page: PageParts, site: str) -> Found:
    """The headline, without the site's name."""
    structured, page_title = page.structured, _page_title(page)
    sites = (
        site,
        *structured.first(_SITES[:1]),
        *_publishers(page),
        metadata.domain_label(page.url),
        host_of(page.url),
    )
    squeezed_sites = {metadata.squeeze(name) for name in sites}
    every_heading = [
        block
        for block in page.blocks
        if block.tag in HEADINGS
        and 3 <= len(block.text) <= _LONGEST_TITLE
        and "{" not in block.text
        and not block.near & _ASIDE
        and metadata.squeeze(block.text) not in squeezed_sites
    ]
    headings = [block for block in every_heading if block.tag in ("h1", "h2")]
    if shown := _shown_headline(page, headings):
        return Found(shown.text, shown.tag, 0.95)
    said_headlines = [value for value in structured.property("headline") if isinstance(value, str)]
    shown_below = {words.fold(block.text) for block in headings if block.tag != "h1"}
    # An h1 that is an entry of a list ends a trail, too, where the headline stands below it once more in other words.
    listed = any(words.fold(unescaped(text)) in shown_below for text in said_headlines)
    tops = [
        block.text
        for block in headings
        if block.tag == "h1" and not (listed and len(block.chain) > 1 and block.chain[-2].tag == "li")
    ]
    claims = [
        (stripped, method)
        for text, method in (
            *((value, "json-ld") for value in said_headlines),
            *((value, "opengraph") for value in structured.first(_TITLES[:1])),
            *((value, "meta") for value in structured.first(_TITLES[1:])),
            (page_title, "title"),
        )
        if (stripped := metadata.without_site(unescaped(text), *sites))
        and metadata.squeeze(stripped) not in squeezed_sites
    ]
    said = {words.fold(text) for text, _ in claims}
    whole = words.fold(page_title)
    parts = metadata.title_parts(page_title)
    # What the page's title names last, under another headline, is the site.
    tops = [text for text in tops if len(parts) < 2 or words.fold(text) != words.fold(parts[-1])] or tops
    for text in tops:
        # A heading that structured data confirms is the headline as readers see it.
        if words.fold(text) in said and words.fold(text) != words.fold(parts[-1] if len(parts) > 1 else ""):
            return Found(text, "h1", 0.98)
    if not any(method == "json-ld" for _, method in claims):
        by_machines = {words.fold(text) for text, method in claims if method != "title"}
        exact = [block for block in every_heading if len(block.text) > 9 and words.fold(block.text) in by_machines]
        confirmed = [block for block in headings if len(block.text) > 9 and words.fold(block.text) in whole]
        # The frame of the page holds the site's own heading; the longest may be a slogan that every title ends in.
        confirmed.sort(
            key=lambda block: (
                block.near & MARKS["page"] != 0 and len(block.text) < len(page_title) / 2,
                not whole.startswith(words.fold(block.text)),
            )
        )
        for block in (*exact, *confirmed):
            return Found(block.text, block.tag, 0.9)
    for text, method in claims:
        if method == "json-ld":
            return Found(text, method, 0.9)
    if len(tops) == 1 and len(tops[0]) > 9:
        return Found(tops[0], "h1", 0.7)
    named = metadata.domain_label(page.url) in words.fold(page_title).split()
    if named and every_heading and not headings and all(method == "title" for _, method in claims):
        # A title that names the site and nothing else to go by: all pages of the site may have it.
        return Found(every_heading[0].text, every_heading[0].tag, 0.5)
    if all(method == "title" for _, method in claims) and (line := _headline_and_site(page, page_title)[0]):
        return Found(line, "text", 0.6)
    for text, method in claims:
        return Found(text, method, 0.8 if method == "opengraph" else 0.6)
    for block in headings:
        return Found(block.text, block.tag, 0.5)
    return Found("", "", 0.0)


def _shown_headline(page: PageParts, headings: Sequence[Block]) -> Block | None:
    """The headline that readers see, where the h1 is written for search engines: the end of a trail of links."""
    above = [None, *page.blocks]
    trails = [block for i, block in enumerate(page.blocks) if block.tag == "h1" and _ends_trail(block, above[i])]
    if not trails:
        return None
    # What a page gives to social networks is the headline as it is seen, with what stands above it or without.
    titles = [words.fold(unescaped(text)) for text in page.structured.first(_TITLES[:1])]
    for block in headings:
        folded = words.fold(block.text)
        if block not in trails and any(title == folded or title.endswith(f": {folded}") for title in titles):
            return block
    return None


def _ends_trail(heading: Block, above: Block | None) -> bool:
    """Whether a heading stands in the navigation, or after links in one line or list with it."""
    if heading.within & WITHIN["nav"]:
        return True
    if above is None or above.linked < 0.8 * len(above.text):
        return False
    return any(element in heading.chain[-3:] for element in above.chain[-2:])


def _page_title(page: PageParts) -> str:
    for element in page.tree.iter("title"):
        return one_line("".join(element.itertext()))
    return ""


def find_credits(page: PageParts) -> Found:
    """Credited outlets of a "Source: ..." line."""
    for block in page.blocks:
        if len(block.text) <= _LONGEST_BYLINE and (names := metadata.credited(block.text)):
            return Found(tuple(names), "text", 0.7)
    return Found((), "", 0.0)


def find_section(page: PageParts, site: str, title: str) -> Found:
    """The section: as structured data names it, else from the breadcrumbs, else the words above the headline."""
    own = {metadata.squeeze(title), metadata.squeeze(site)}
    for value, method, confidence in _sections(page, title, own):
        section = _first_listed(unescaped(value)).strip(_CRUMBS)
        if 1 < len(section) <= _LONGEST_SECTION and metadata.squeeze(section) not in own and _can_be_section(section):
            return Found(section, method, confidence)
    return Found(None, "", 0.0)


def _first_listed(section: str) -> str:
    """The first of several sections that a publishing system writes as one text ("Reviews,Music")."""
    parts = section.split(",")
    # "Arts, Culture and Life" is one.
    return parts[0] if len(parts) > 2 else _BETWEEN_SECTIONS.split(section)[0]


def _can_be_section(name: str) -> bool:
    """Whether a name is no number, no date ("2019") and not the site's own."""
    dated = next(dates.find_dates(name), None)
    own = _HOST_LIKE.fullmatch(name) or words.is_home(words.fold(name))
    return any(map(str.isalpha, name)) and dated is None and not own


def _sections(page: PageParts, title: str, own: set[str]) -> Iterator[tuple[str, str, float]]:
    structured = page.structured
    yield from ((value, "json-ld", 0.9) for value in structured.property("articleSection") if isinstance(value, str))
    yield from ((value, "meta", 0.9) for value in structured.first(_SECTIONS))
    yield from ((value, "microdata", 0.9) for value in structured.items.get("articleSection", []))
    yield from ((text_of(link), "link", 0.8) for link in page.tree.xpath("//a[contains(@rel, 'category')]")[:1])
    label = metadata.domain_label(page.url)
    trail = [name for name in structured.breadcrumbs if not words.is_home(words.fold(name))]
    if len(trail) > 1 and label and metadata.agree(trail[0], label):  # the trail begins with the site
        del trail[0]
    yield from ((name, "breadcrumbs", 0.8) for name in [n for n in trail if metadata.squeeze(n) not in own][:1])
    yield from ((name, "kicker", 0.6) for name in _kickers(page, title))


def _kickers(page: PageParts, title: str) -> list[str]:
    """What stands directly above the headline: the end of a breadcrumb trail, or an entry of the menu."""
    at = next((i for i, block in enumerate(page.blocks) if block.tag == "h1"), None)
    if not at:
        return []
    above, heading = page.blocks[at - 1], page.blocks[at]
    if crumb := _CRUMB.search(above.text):
        return [crumb[1]]
    if above.tag == "li" or any(element.tag in ("nav", "ul") for element in above.chain) or above.near & _OF_FRAME:
        return []
    if len(above.text.split()) > _LONGEST_KICKER or not any(e in heading.chain[-4:-1] for e in above.chain[-3:]):
        return []  # the end of another part of the page
    folded = words.fold(above.text)
    if words.is_furniture(folded) or words.is_related(folded):
        return []
    links = (words.fold(text_of(link)) for link in page.tree.iter("a"))
    return [above.text] if not words.is_home(folded) and folded in links else []


def find_language(page: PageParts) -> Found:
    """The language that the page declares."""
    declared = page.tree.get("lang") or page.tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    tag = primary_tag(declared)
    return Found(tag, "html", 0.95) if tag else Found(None, "", 0.0)
