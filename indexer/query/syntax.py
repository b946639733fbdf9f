r"""The query language: text → plan, forgiving like a search box.

    query    := and_group ("OR" and_group)*
    and_group:= item (["AND"] item)*
    item     := ("-" | "NOT")* [field ":"] ( "(" query ")" | phrase ["~" N] | range | token )
    token    := word | word"*" | wo?d | word"~"[N]
    phrase   := words or a whole value in quotes, in which \" and \\ are a quotation mark and a backslash

Every string is a query. What cannot be understood is taken as plain words and said in a warning with its
offset.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from indexer.analysis import Stemmer, fold, twins, whole_value, words
from indexer.errors import ParameterError
from indexer.invisible import DIRECTION, INVISIBLE
from indexer.parameter import day_span
from indexer.query.closeness import Closeness, closeness
from indexer.query.plan import Plan
from indexer.query.tree import And, Days, Every, Node, Not, Or, Pattern, Phrase, Value, Vocabulary, Words, runs
from indexer.request import Match
from indexer.response import Warning

MAX_WORDS: Final = 1024
MAX_DEPTH: Final = 32
MAX_SLOP: Final = 500
MAX_EDITS: Final = 2

WORD_FIELDS: Final = ("title", "body", "author")
VALUE_FIELDS: Final = ("source", "section", "topic", "language")
DATE_FIELDS: Final = ("date", "since", "until")
FIELDS: Final = (*WORD_FIELDS, *VALUE_FIELDS, *DATE_FIELDS)

_TOKEN: Final = re.compile(
    r"""(?P<open>\() | (?P<close>\))
      | (?P<phrase>"(?P<quoted>(?:[^"\\]++|\\.)*+(?=")|[^"]*)"(?:~(?P<slop>\d++)(?!\.?\w))?) | (?P<quote>")
      | (?P<range>\[[^\]\["()]*\]) | (?P<field>[A-Za-z_]+:(?=[-+]*["(]|\[))
      | (?P<signs>[-+]+(?=["(]|[A-Za-z_]+:(?:[-+]*["(]|\[))) | (?P<chunk>[^\s()"]+)""",
    re.VERBOSE | re.DOTALL,
)
# Inside quotes. Where no quotation mark is left to close them, a backslash is itself.
_ESCAPED: Final = re.compile(r'\\(["\\])')
_FIELDED: Final = re.compile(r"([A-Za-z_]+):(?!//)(.+)\Z", re.DOTALL)
_RANGE: Final = re.compile(r"\[\s*(\S+?)\s+(?:TO|to)\s+(\S+?)\s*\]\Z")
_FUZZY: Final = re.compile(r"(.+)~(\d*)\Z", re.DOTALL)
_SIGN: Final = re.compile(r"[*?~^]")
# Other search engines' weights are among what is told of.
_MARK: Final = re.compile(r"\w~|\^\d")
_MARK_IN_QUOTES: Final = re.compile(r"\*|\w\?\w|\w~")
# Marks of the direction of writing, where they stand around what is written.
_DIRECTION_AROUND: Final = re.compile(rf"(?<![^\s(]){DIRECTION.pattern}+|{DIRECTION.pattern}+(?![^\s)])")
# What a sentence puts around a word, beside a question mark behind it.
_PUNCTUATION: Final = ".,;:!'"


class ParsedQuery(NamedTuple):
    """A query text understood.

    plan       what is to match and to score; `whoosh_form` has it in Whoosh's query classes
    parsed     the same in the query language, normalised: parsing it again gives the same plan
    warnings   what was not understood as written
    closeness  what ranks the best of its matches anew; None for nothing
    """

    plan: Plan
    parsed: str
    warnings: tuple[Warning, ...]
    closeness: Closeness | None = None


def _alike(stem: str) -> float:
    return 1.0


def parse(text: str, *, stemmer: Stemmer, match: Match = "all", weight: Callable[[str], float] = _alike) -> ParsedQuery:
    """Understand a query text; never raises for any text.

    stemmer  the index's stemmer
    match    "all": every bare word must occur; "any": one is enough
    weight   the factor of a stem in this index, see `View.boost`
    """
    parser = _Parser(text, match)
    vocabulary = Vocabulary(stemmer, weight)
    group = parser.query(0)
    if group is None:
        return ParsedQuery(Every().compile(vocabulary), "", tuple(parser.warnings))
    return ParsedQuery(
        group.compile(vocabulary), group.echo(), tuple(parser.warnings), closeness(list(runs(group)), stemmer)
    )


def _restricts(item: Node) -> bool:
    """Whether an item says nothing but values, dates and exclusions."""
    if isinstance(item, (And, Or)):
        return all(map(_restricts, item.items))
    return isinstance(item, (Value, Days, Not)) or (isinstance(item, Pattern) and item.field in VALUE_FIELDS)


class _Parser:
    """One parse: the tokens, where it stands among them, and what it has to warn of."""

    def __init__(self, text: str, match: Match) -> None:
        self.match = match
        self.warnings: list[Warning] = []
        # Where each character that is left stands in the text as written; None where all are left.
        self.places: list[int] | None = None
        if not text.isascii() and (hidden := {found.start() for found in INVISIBLE.finditer(text)}):
            self.places = [place for place in range(len(text) + 1) if place not in hidden]
            text = INVISIBLE.sub("", text)
        text = twins(text).replace("\x00", " ")
        if not text.isascii():
            text = _DIRECTION_AROUND.sub(lambda marks: " " * len(marks[0]), text)
        self.tokens = list(_TOKEN.finditer(text))
        self.at = 0
        self.words_left = MAX_WORDS

    def warn(self, code: str, message: str, start: int, end: int) -> None:
        if self.places:
            start, end = self.places[start], self.places[end]
        self.warnings.append(Warning(code=code, message=message, offset=start, length=end - start))

    def query(self, depth: int, name: str | None = None) -> Node | None:
        """Parse up to the end or, inside parentheses, to the closing one."""
        groups: list[Node] = []
        items: list[list[Node]] = []
        joining = False
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            text = token.group()
            if text == ")":
                if depth:
                    break
                self.warn("unbalanced_parenthesis", "this parenthesis closes nothing", token.start(), token.end())
                self.at += 1
                continue
            if token.lastgroup == "quote":
                self._unclosed(token)
                continue
            if text in ("AND", "OR"):
                self.at += 1
                if items and self._operand_follows():
                    if text == "OR":
                        groups.append(self._and_group(items))
                        items = []
                    else:
                        joining = True
                    continue
                item = self._plain(token, "dangling_operator", f"{text} joins nothing here: taken as a word", name)
            else:
                item = self._item(depth, name)
            if item is not None:
                if joining:
                    items[-1].append(item)
                else:
                    items.append([item])
            joining = False
        if items:
            groups.append(self._and_group(items))
        if not groups:
            return None
        return groups[0] if len(groups) == 1 else Or(tuple(groups))

    def _operand_follows(self) -> bool:
        """Whether the token here can begin an item, so that an operator before it joins something."""
        at = self.at
        if at < len(self.tokens) and self.tokens[at].lastgroup == "quote":
            at += 1
        return at < len(self.tokens) and self.tokens[at].group() not in (")", "AND", "OR")

    def _and_group(self, runs: list[list[Node]]) -> Node:
        """Items between two ORs; `runs` are those joined by AND, side by side."""
        if self.match == "all":
            items = tuple(item for run in runs for item in run)
            return items[0] if len(items) == 1 else And(items)
        # match=any: words are alternatives; whole values, dates and exclusions still hold for all.
        wanted: list[Node] = []
        required: list[Node] = []
        for run in runs:
            item = run[0] if len(run) == 1 else And(tuple(run), " AND ")
            (required if _restricts(item) else wanted).append(item)
        if wanted:
            required.insert(0, wanted[0] if len(wanted) == 1 else Or(tuple(wanted), together=True))
        return required[0] if len(required) == 1 else And(tuple(required))

    def _item(self, depth: int, name: str | None) -> Node | None:
        """One item with its exclusions and its field; None where nothing is left of it."""
        negated = False
        fielded: str | None = None
        unknown: list[Node | None] = []
        dangling: re.Match[str] | None = None
        start = self.tokens[self.at].start()
        while self.at < len(self.tokens) and dangling is None:
            token = self.tokens[self.at]
            if token.lastgroup == "quote":
                self._unclosed(token)
                continue
            if token.lastgroup not in ("signs", "field") and token.group() != "NOT":
                break
            self.at += 1
            if token.lastgroup == "signs":
                if fielded is None:
                    negated |= "-" in token.group()
                elif "-" in token.group():
                    self._sign_behind_colon(fielded, token.start())
            elif token.lastgroup == "field":
                fielded = token.group()[:-1]
                if fielded.lower() in FIELDS:
                    name = fielded.lower()
                else:
                    self._unknown_field(fielded, token.start())
                    unknown.append(self._words(fielded, name, token.start()))
            elif self._operand_follows():
                negated = True
            else:
                dangling = token
        opened = False
        item: Node | None = None
        if dangling is not None:
            item = self._plain(dangling, "dangling_operator", "NOT excludes nothing here: taken as a word", name)
        elif self._operand_follows():
            opened = self.tokens[self.at].lastgroup == "open"
            item = self._operand(depth, name)
        else:
            self.warn("ignored", "nothing follows: ignored", start, self.tokens[self.at - 1].end())
        if unknown:
            said = [[each] for each in (*unknown, item) if each is not None]
            item = self._and_group(said) if said else None
        if item is None or not negated:
            return item
        if isinstance(item, Not):
            # Signs in a row are one; before and behind a parenthesis they are two.
            return item.item if opened else item
        return Not(item)

    def _operand(self, depth: int, name: str | None) -> Node | None:
        """A parenthesis, a phrase, a range or a token."""
        token = self.tokens[self.at]
        behind = self.tokens[self.at - 1] if self.at else None
        self.at += 1
        text = token.group()
        if token.lastgroup == "open":
            return self._group(token, depth, name)
        if token.lastgroup == "phrase":
            return self._phrase(token, name)
        if token.lastgroup == "range":
            if name not in DATE_FIELDS and _RANGE.match(text):
                self.warn("plain_words", "only dates have ranges: taken as it stands", token.start(), token.end())
            if name in VALUE_FIELDS or name in DATE_FIELDS:
                return self._fielded(name, text, token.start(), len(text))
            return self._plain_words(text, name, token.start())
        if text[0] in "*~" and behind and behind.end() == token.start() and behind.lastgroup in ("phrase", "close"):
            return self._without_signs(text, token.start(), name)
        return self._token(text, token.start(), name)

    def _group(self, token: re.Match[str], depth: int, name: str | None) -> Node | None:
        if name in VALUE_FIELDS or name in DATE_FIELDS:
            name = None
            message = "this field takes one value, not a group: searched without the field"
            self.warn("no_group", message, token.start(), token.end())
        if depth >= MAX_DEPTH:
            self.warn("too_deep", "nested too deeply: this parenthesis is ignored", token.start(), token.end())
            return None
        inner = self.query(depth + 1, name)
        if self.at < len(self.tokens):
            self.at += 1
        else:
            self.warn("unbalanced_parenthesis", "this parenthesis is never closed", token.start(), token.end())
        if inner is None and self.words_left >= 0:
            self.warn("ignored", "nothing inside the parentheses: ignored", token.start(), token.end())
        return inner

    def _token(self, text: str, start: int, name: str | None) -> Node | None:
        """A chunk without spaces: exclusion, field and word are glued together in it."""
        bare = text.lstrip("-+!")
        if bare and bare != text:
            signs = text[: -len(bare)]
            if "!" in signs and words(bare):
                self.warn("plain_words", "! excludes nothing: write - or NOT", start, start + len(signs))
            inner = self._token(bare, start + len(signs), name)
            return Not(inner) if inner is not None and "-" in signs else inner
        fielded = _FIELDED.match(text)
        if fielded:
            written, value = fielded.groups()
            known = written.lower()
            value_start = start + len(written) + 1
            if known in FIELDS:
                if known not in DATE_FIELDS:
                    self._misread(written, value, value_start)
                return self._fielded(known, value, value_start, len(value))
            self._unknown_field(written, start)
            return self._plain_words(text, name, start)
        if text.endswith(":") and text[:-1].lower() in FIELDS:
            self.warn("plain_words", "nothing follows the colon: taken as a word", start, start + len(text))
        return self._fielded(name, text, start, len(text))

    def _misread(self, written: str, value: str, start: int) -> None:
        """Warn of what looks like a sign in the value after `written:` and is none."""
        inner, colon, _ = value.partition(":")
        if value[0] == "-":
            self._sign_behind_colon(written, start)
        elif value[0] == "'":
            self.warn("plain_words", "only double quotes hold words together", start, start + 1)
        elif colon and inner.lower() in FIELDS:
            message = "a field behind a field is none: taken as it stands"
            self.warn("plain_words", message, start, start + len(inner) + 1)

    def _sign_behind_colon(self, written: str, start: int) -> None:
        message = f"a sign behind the colon excludes nothing: write -{written}:"
        self.warn("plain_words", message, start, start + 1)

    def _fielded(self, name: str | None, value: str, start: int, length: int) -> Node | None:
        """The value after `name:`, or a word of any field; it is written in `length` characters."""
        if name in VALUE_FIELDS:
            folded = whole_value(value)
            if not folded:
                return self._ignored(start, length)
            if "*" in folded or "?" in folded or _FUZZY.match(folded):
                return self._pattern(folded, name, start, length)
            return Value(name, folded)
        if name in DATE_FIELDS:
            return self._days(name, value, start, length)
        return self._word(value, start, name)

    def _days(self, name: str, value: str, start: int, length: int) -> Node | None:
        try:
            found = _RANGE.match(value) if name == "date" else None
            if found:
                first, last = found.groups()
                span = (
                    None if first == "*" else day_span(name, first)[0],
                    None if last == "*" else day_span(name, last)[1],
                )
                if span[0] and span[1] and span[0] > span[1]:
                    raise ParameterError(name, f"{span[0]} is after {span[1]}", "swap the two days")
                return Days(*span)
            first_day, last_day = day_span(name, value)
        except ParameterError as error:
            self.warn("bad_date", f"{error.detail}; {error.hint}; taken as words", start, start + length)
            return self._plain_words(f"{name} {value}", None, start - len(name) - 1)
        return Days(first_day if name != "until" else None, last_day if name != "since" else None)

    def _word(self, text: str, start: int, name: str | None) -> Node | None:
        if text == "*":
            return Pattern(text, 0, name) if name == "author" else Every()
        if not _SIGN.search(text):
            return self._words(text, name, start)
        bare = fold(text).lstrip(_PUNCTUATION).rstrip(_PUNCTUATION + "?")
        if "*" in bare or "?" in bare or _MARK.search(bare):
            fuzzy = _FUZZY.match(bare)
            word = fuzzy[1] if fuzzy else bare
            shape = word.replace("*", "x").replace("?", "x")
            if words(shape) == [shape] and word.strip("*?"):
                return self._pattern(bare, name, start, len(text))
            return self._without_signs(text, start, name)
        return self._words(text, name, start)

    def _without_signs(self, text: str, start: int, name: str | None) -> Node | None:
        """The words of a token whose signs cannot work."""
        if words(text):
            message = "wildcards and ~ work on single words, ^ on none: taken as words"
            self.warn("plain_words", message, start, start + len(text))
        return self._words(text, name, start)

    def _pattern(self, text: str, name: str | None, start: int, length: int) -> Node | None:
        fuzzy = _FUZZY.match(text)
        if not fuzzy:
            return Pattern(text, 0, name)
        bare, digits = fuzzy[1].rstrip(), fuzzy[2]
        # Python refuses to read thousands of digits.
        wanted = int(digits[:9] or 1)
        edits = min(wanted, MAX_EDITS)
        if wanted > MAX_EDITS:
            self.warn("edit_distance", f"at most {MAX_EDITS} edits: taken as ~{MAX_EDITS}", start, start + length)
        if "*" in bare or "?" in bare:
            self.warn("plain_words", "a wildcard and ~ do not go together: taken as words", start, start + length)
            return self._words(bare, name if name in WORD_FIELDS else None, start)
        if edits == 0:
            if name in VALUE_FIELDS:
                return Value(name, bare)
            return Phrase((bare,), None, name)
        return Pattern(bare, edits, name)

    def _phrase(self, token: re.Match[str], name: str | None) -> Node | None:
        quoted = token["quoted"]
        if name in VALUE_FIELDS or name in DATE_FIELDS:
            if token["slop"] is not None:
                self.warn("plain_words", "only words have a distance: ignored", token.end("quoted") + 1, token.end())
            if not quoted:
                return self._ignored(token.start(), len(token.group()))
            return self._fielded(name, _ESCAPED.sub(r"\1", quoted), token.start("quoted"), len(quoted))
        found = words(quoted)
        if _MARK_IN_QUOTES.search(quoted):
            message = "wildcards and ~ do not work inside quotes: taken as words"
            self.warn("plain_words", message, token.start(), token.end())
        if not found:
            return self._ignored(token.start(), len(token.group()))
        slop = None
        if token["slop"] is not None:
            wanted = int(token["slop"][:9])
            slop = max(1, min(wanted, MAX_SLOP))
            if slop != wanted:
                self.warn(
                    "slop", f"the distance is 1 to {MAX_SLOP}: taken as ~{slop}", token.start("slop"), token.end("slop")
                )
        kept = self._take(found, token.start(), token.end())
        return Phrase(tuple(kept), slop, name) if kept else None

    def _plain(self, token: re.Match[str], code: str, message: str, name: str | None) -> Node | None:
        self.warn(code, message, token.start(), token.end())
        return self._words(token.group(), name, token.start())

    def _plain_words(self, text: str, name: str | None, start: int) -> Node | None:
        """Each word of `text` as a bare word of its own."""
        field_name = name if name in WORD_FIELDS else None
        items = tuple(Words((w,), field_name) for w in self._take(words(text), start, start + len(text)))
        if not items:
            return self._ignored(start, len(text))
        if len(items) == 1:
            return items[0]
        return And(items) if self.match == "all" else Or(items, together=True)

    def _words(self, text: str, name: str | None, start: int) -> Node | None:
        kept = self._take(words(text), start, start + len(text))
        if not kept:
            return self._ignored(start, len(text))
        return Words(tuple(kept), name)

    def _take(self, found: list[str], start: int, end: int) -> list[str]:
        """`found` as far as the query's budget of words goes."""
        if len(found) > self.words_left:
            if self.words_left >= 0:
                self.warn("too_long", f"only the first {MAX_WORDS:,} words are searched", start, end)
            found = found[: max(self.words_left, 0)]
            self.words_left = -1
        else:
            self.words_left -= len(found)
        return found

    def _unclosed(self, token: re.Match[str]) -> None:
        self.at += 1
        self.warn("unclosed_quote", "this quotation mark is never closed: ignored", token.start(), token.end())

    def _ignored(self, start: int, length: int) -> Node | None:
        if self.words_left >= 0:
            self.warn("ignored", "no letters or digits: ignored", start, start + length)
        return None

    def _unknown_field(self, written: str, start: int) -> None:
        from difflib import get_close_matches

        near = get_close_matches(written.lower(), FIELDS, 1)
        hint = f"did you mean {near[0]}:?" if near else "fields are " + ", ".join(FIELDS)
        self.warn("unknown_field", f"no field {written!r}: taken as words; {hint}", start, start + len(written))
