"""What OpenSearch indexes of an article, and how: the counterpart of `schema`.

Texts are cut into words, folded and stemmed here, by `analysis`, and sent as words with spaces between them, which
the cluster only splits. So both engines match alike by construction, whatever the cluster's own analyzers do.

    title, body             surface words with positions
    title_stem, body_stem   their stems with positions
    words, text_stem        what title and body hold together, without positions: the cluster copies it
    ranked                  stems of both, each with its ranking key: weight << 8 | length byte
    author                  words of the authors' names, a gap between two
    source, author_name, section, topic, language
                            whole values, folded; NAME_forms has each as "folded, US, display form"
    id, date                the article's id; seconds of publication
    length, title_length    words of title and body, and of the title
    article                 the article itself, kept and not indexed
    digest                  of its content, to know it again
    ingest, written_after   the run that wrote it, and the commit that was the latest then

The score of a stem is `scoring`'s, from the same weights and the same approximated lengths (Whoosh's length byte b
stands for (1.033 ** b - 1) * 27 words). The average length is passed as the boost of the query, since a similarity
knows only its own field's statistics.
"""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import orjson

from indexer.analysis import Stemmer, whole_value, words
from indexer.article import Article
from indexer.fields import BODY_START, MAX_FREQUENCY, MAX_TITLE_WORDS, TITLE_BONUS, VALUE_FIELDS, field_values
from indexer.query.scoring import K1, B
from indexer.segment.format import length_bytes

Document = dict[str, Any]

# The version of all this; an index of another is refused.
FORMAT: Final = 1
FORMS_SUFFIX: Final = "_forms"
SEPARATOR: Final = "\x1f"
# Lucene takes no longer terms than 32,766 bytes: words and values are cut to so many characters, here and in queries.
LONGEST_TERM: Final = 4_000
# OpenSearch takes no longer ids, in bytes: another article is filed under a hash of its id.
_LONGEST_KEY: Final = 512
# What no word of an article can be.
_NO_WORD: Final = "."
# A ranking key reaches the similarity as a float, which is exact up to 24 bits, and those of an article must not add up
# to more than 31 bits.
_LENGTH_BITS: Final = 8

# `weight` is what the first script has made of the term and its field, once a query.
_IDF_SCRIPT: Final = "return Math.log(field.docCount / (term.docFreq + 1.0)) + 1"
_SHARE_SCRIPT: Final = f"""
int key = (int) doc.freq;
double frequency = key >> {_LENGTH_BITS};
double length = Math.round((Math.pow(1.033, key & 255) - 1) * 27);
double norm = {K1} * ({1 - B} + {B} * length / query.boost);
return weight * frequency * {K1 + 1} / (frequency + norm)
"""


def index_body(language: str, shards: int, replicas: int | None) -> Document:
    """Settings and mappings of a new index. `replicas` None: one where there is more than one node."""
    settings: Document = {
        "number_of_shards": shards,
        # A commit makes everything visible at once, so nothing becomes visible by itself.
        "refresh_interval": "-1",
        "codec": "best_compression",
        "analysis": {
            "tokenizer": {"spaces": {"type": "whitespace", "max_token_length": 4 * LONGEST_TERM}},
            "filter": {"keys": {"type": "delimited_term_freq", "delimiter": "|"}},
            "analyzer": {
                "words": {"type": "custom", "tokenizer": "spaces"},
                "weighted": {"type": "custom", "tokenizer": "spaces", "filter": ["keys"]},
            },
        },
        "similarity": {
            "bm25f": {
                "type": "scripted",
                "weight_script": {"source": _IDF_SCRIPT},
                "script": {"source": " ".join(_SHARE_SCRIPT.split())},
            },
            # Its explanations tell how often a stem occurs in all.
            "statistics": {"type": "scripted", "script": {"source": "return doc.freq"}},
        },
    }
    settings |= {"auto_expand_replicas": "0-1"} if replicas is None else {"number_of_replicas": replicas}
    positions = _text(index_options="positions")
    together = _text(index_options="docs")
    counted = _text(index_options="freqs", similarity="statistics")
    ranked = {**_text(index_options="freqs", similarity="bm25f"), "analyzer": "weighted", "search_analyzer": "words"}
    whole = {"type": "keyword"}
    unread = {"type": "keyword", "index": False, "doc_values": False}
    properties: Document = {
        "title": positions | {"copy_to": "words"},
        "body": positions | {"copy_to": "words"},
        "words": together,
        "title_stem": positions | {"copy_to": "text_stem"},
        "body_stem": positions | {"copy_to": "text_stem"},
        "text_stem": counted,
        "ranked": ranked,
        # No phrase spans two names.
        "author": positions | {"position_increment_gap": BODY_START},
        **dict.fromkeys((*VALUE_FIELDS, *(name + FORMS_SUFFIX for name in VALUE_FIELDS)), whole),
        "id": whole,
        "date": {"type": "date", "format": "epoch_second"},
        "length": {"type": "integer", "index": False},
        "title_length": {"type": "integer", "index": False},
        "article": {"type": "object", "enabled": False},
        "digest": unread,
        "ingest": unread,
        "written_after": {"type": "long"},
    }
    mappings = {
        "dynamic": "strict",
        "_meta": {"broadsheet": {"format": FORMAT, "language": language}},
        "_source": {"includes": ["article", "digest", "ingest"]},
        "properties": properties,
    }
    return {"settings": {"index": settings}, "mappings": mappings}


def _text(**options: Any) -> Document:
    return {"type": "text", "analyzer": "words", "norms": False, **options}


def key(article_id: str) -> str:
    """The name under which OpenSearch files an article."""
    encoded = article_id.encode()
    return article_id if len(encoded) <= _LONGEST_KEY else "#" + blake2b(encoded, digest_size=32).hexdigest()


def digest(article: Article) -> str:
    """The content of an article in a few characters: equal only for equal articles."""
    return blake2b(orjson.dumps(article.to_dict()), digest_size=16).hexdigest()


def document(article: Article, stemmer: Stemmer) -> Document:
    """What is sent for an article, but for `written_after`."""
    title = cut(words(article.title)[:MAX_TITLE_WORDS])
    body = cut(words(article.body))
    title_stems, body_stems = stemmer.stems(title), stemmer.stems(body)
    length = len(title) + len(body)
    found: Document = {
        "article": article.to_dict(),
        "digest": digest(article),
        "id": article.id,
        "date": int(article.date.timestamp()) if article.date else None,
        "length": length,
        "title_length": len(title),
        "title": " ".join(title),
        "body": " ".join(body),
        "title_stem": " ".join(title_stems),
        "body_stem": " ".join(body_stems),
        # An article without words counts as one in scores.
        "ranked": " ".join(_ranked(title_stems, body_stems, length)) or f"{_NO_WORD}|1",
        "author": [" ".join(cut(words(name))) for name in article.authors],
    }
    for name in VALUE_FIELDS:
        values = field_values(article, name)
        folded = [term(whole_value(value)) for value in values]
        found[name] = list(dict.fromkeys(filter(None, folded)))
        found[name + FORMS_SUFFIX] = [
            f"{form}{SEPARATOR}{value[:LONGEST_TERM]}" for form, value in zip(folded, values, strict=True) if form
        ]
    return found


def article_of(source: Document) -> Article:
    """The article of a stored document."""
    return Article.from_dict(source["article"])


def term(text: str) -> str:
    """A word or value as it is indexed: Lucene has a longest term."""
    return text[:LONGEST_TERM]


def cut(found: list[str]) -> list[str]:
    """Words as they are indexed."""
    return list(map(term, found))


def _ranked(title_stems: list[str], body_stems: list[str], length: int) -> list[str]:
    """Each stem with its ranking key, as the filter `delimited_term_freq` reads them."""
    byte = int(length_bytes(np.array([length]))[0])
    in_title = set(title_stems)
    return [
        f"{stem}|{(min(count, MAX_FREQUENCY) + (TITLE_BONUS if stem in in_title else 0)) << _LENGTH_BITS | byte}"
        for stem, count in Counter(title_stems + body_stems).items()
    ]
