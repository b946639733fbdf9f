from __future__ import annotations

from indexer.cleaning.block_features import Hints, describe
from indexer.cleaning.blocks import blocks_of
from indexer.cleaning.html import parsed

PARAGRAPHS = [
    "The miller of the lower valley has opened his wheel to visitors again after two years of repairs.",
    "A carpenter from the next village cut forty new paddles of larch, and every one of them by hand.",
    "On Saturday the water ran over the wheel for the first time, and three hundred people came to look.",
    "Flour will be ground on the first Sunday of each month as long as the brook carries enough water.",
]
STORY = "<h1>Mill wheel turns again</h1><div>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS) + "</div>"


def core_of(body: str) -> list[str]:
    """The paragraphs in the element around which the text of a page is densest."""
    blocks = blocks_of(parsed(f"<html><body>{body}</body></html>"))
    names, matrix = describe(blocks, Hints("Mill wheel turns again", "", ""))
    inside = matrix[:, names.index("prose in the core")]
    return [block.text for block, prose in zip(blocks, inside, strict=True) if prose]


def test_long_notice_is_not_the_core_of_a_page() -> None:
    notice = "We and our partners use cookies and keep your personal information as our privacy policy says. " * 2
    assert (
        core_of(f"<main><article>{STORY}</article></main><div><div>{6 * f'<p>{notice}</p>'}</div></div>") == PARAGRAPHS
    )


def test_list_of_teasers_is_not_the_core_of_a_page() -> None:
    teaser = (
        "<a href='/b'>Brook of the lower valley runs dry again</a> Farmers wait for rain, and nobody waters a lawn."
    )
    assert core_of("<ul>" + 6 * f"<li>{teaser}</li>" + "</ul>" + STORY) == PARAGRAPHS


def test_next_article_is_not_the_core_of_a_page() -> None:
    other = "<h1>Brook runs dry</h1><div>" + 5 * f"<p>{PARAGRAPHS[0]}</p>" + "</div>"
    assert core_of(f"<article>{STORY}</article><article>{other}</article>") == PARAGRAPHS


def test_core_holds_all_parts_of_a_text_that_goes_on_in_the_next_element() -> None:
    parts = "".join(f"<div class='part'><div class='text'>{2 * f'<p>{text}</p>'}</div></div>" for text in PARAGRAPHS)
    assert core_of(f"<div><h1>Mill wheel turns again</h1>{parts}</div>") == [t for t in PARAGRAPHS for _ in range(2)]


def test_letters_of_a_link_are_counted_as_they_are_read() -> None:
    (block,) = blocks_of(parsed(f"<html><body><p><a href='/a'>Read{' ' * 200}\n it</a> here</p></body></html>"))
    assert (block.text, block.linked) == ("Read it here", len("Read it"))
