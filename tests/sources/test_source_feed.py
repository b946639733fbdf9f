"""RSS and Atom feeds."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import sources
from indexer.article import Article
from indexer.report import Reject

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
  <title>North Shore Post &amp; Mail</title><link>https://north.example/</link><language>en-GB</language>
  <item>
    <title>Ferry &lt;em&gt;late&lt;/em&gt;</title>
    <link>https://north.example/ferry?utm_source=rss</link><guid isPermaLink="false">n-17</guid>
    <pubDate>Tue, 03 Dec 2024 19:17:05 +0100</pubDate>
    <dc:creator>Ida Vesterby</dc:creator><dc:creator>Tom Oke</dc:creator>
    <category>Ferries</category><category>Fog</category>
    <description>A long night</description>
    <content:encoded><![CDATA[<p>The ferry was <b>three</b> hours late.</p>
      <p>Passengers&nbsp;slept.</p><script>x()</script>]]></content:encoded>
  </item>
  <item>
    <title>Fog lifts</title><guid>n-18</guid><author>desk@north.example (Coast Desk)</author>
    <description>&lt;p&gt;All ferries sail.&lt;/p&gt;</description>
    <source url="https://wire.example/">Sea Wire</source>
  </item>
  <item><pubDate>Tue, 03 Dec 2024 19:17:05 +0100</pubDate></item>
</channel></rss>"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title type="text">Harbour Notes</title>
<entry><title>Crane sold</title><id>tag:harbour.example,2024:1</id><link href="https://harbour.example/crane"/>
<published>2024-12-03T19:17:05Z</published><updated>2024-12-09T08:00:00Z</updated>
<author><name>Ida Vesterby</name><email>ida@harbour.example</email></author><category term="port" label="Port"/>
<summary>Short</summary><content type="html">&lt;p&gt;The old crane was sold.&lt;/p&gt;</content></entry>
<entry><title type="html">Pier &amp;amp; quay</title><id>tag:harbour.example,2024:2</id><link href="https://harbour.example/pier"/>
<updated>2024-12-09T08:00:00Z</updated><summary>Closed for a week.</summary></entry>
</feed>"""

RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://old.example/"><title>Old Quay</title></channel>
<item rdf:about="https://old.example/1"><title>Buoy adrift</title><link>https://old.example/1</link>
<dc:date>2004-05-06T07:08:09+00:00</dc:date></item></rdf:RDF>"""


def read(text: str | bytes, **options: object) -> list[sources.Record]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(sources.read(["-"], stdin=io.BytesIO(data), **options))  # type: ignore[arg-type]


def articles(text: str, **options: object) -> list[Article]:
    return [record for record in read(text, **options) if isinstance(record, Article)]


def test_an_rss_entry_becomes_an_article() -> None:
    assert articles(RSS)[0] == Article.build(
        url="https://north.example/ferry",
        title="Ferry late",
        body="The ferry was three hours late.\n\nPassengers slept.",
        source="North Shore Post & Mail",
        date=datetime(2024, 12, 3, 18, 17, 5, tzinfo=UTC),
        date_precision="second",
        date_method="feed",
        authors=["Ida Vesterby", "Tom Oke"],
        topics=["Ferries", "Fog"],
        language="en",
    )


def test_an_entry_without_address_is_known_by_its_guid() -> None:
    fog = articles(RSS)[1]
    assert (fog.id, fog.url, fog.body, fog.date) == ("n-18", None, "All ferries sail.", None)


def rss(*items: str) -> str:
    entries = "".join(f"<item>{item}</item>" for item in items)
    return (
        f"<rss version='2.0'><channel><title>Post</title><link>https://north.example/</link>{entries}</channel></rss>"
    )


def test_entries_that_share_an_address_are_known_by_their_guids_or_their_content() -> None:
    link = "<link>https://north.example/tides?utm_source=rss</link>"
    same = f"<title>Tides today</title>{link}<guid>t-1</guid>"
    first, again, other, bare = articles(
        rss(same, same, f"<title>Tides tomorrow</title>{link}<guid>t-2</guid>", f"<title>Tides on Sunday</title>{link}")
    )
    assert first == again
    assert (first.id, other.id) == ("t-1", "t-2")
    assert len({first.id, other.id, bare.id}) == 3
    assert {article.url for article in (first, other, bare)} == {"https://north.example/tides"}


def test_an_entry_that_links_to_the_site_is_known_by_its_guid_whatever_stands_beside_it() -> None:
    home = "<title>Office closed</title><link>https://north.example</link><guid>o-1</guid>"
    [alone] = articles(rss(home))
    assert alone.id == "o-1"
    assert articles(rss(home, "<title>Ferry late</title><link>https://north.example/ferry</link>"))[0] == alone


def test_an_entry_that_stands_twice_is_known_by_its_address() -> None:
    ferry = "<title>Ferry late</title><link>https://north.example/ferry</link><guid>f-1</guid>"
    [alone] = articles(rss(ferry))
    assert alone.id == Article.build(url="https://north.example/ferry", title="Ferry late").id
    assert articles(rss(ferry, ferry)) == [alone, alone]


def test_a_name_beside_a_mail_address_is_the_author() -> None:
    assert articles(RSS)[1].authors == ("Coast Desk",)
    assert articles(ATOM)[0].authors == ("Ida Vesterby",)


def test_the_outlet_that_an_entry_names_is_its_source() -> None:
    assert [article.source for article in articles(RSS)] == ["North Shore Post & Mail", "Sea Wire"]
    assert [article.source for article in articles(RSS, source="Post")] == ["Post", "Post"]


def test_an_entry_without_title_and_text_is_rejected_with_its_number() -> None:
    assert [record for record in read(RSS) if isinstance(record, Reject)] == [
        Reject(place="-:3", reason="no title and no text")
    ]


def test_atom_entries_become_articles() -> None:
    crane, pier = articles(ATOM)
    assert (crane.title, crane.body, crane.source) == ("Crane sold", "The old crane was sold.", "Harbour Notes")
    assert (crane.url, crane.topics) == ("https://harbour.example/crane", ("Port",))
    assert crane.date == datetime(2024, 12, 3, 19, 17, 5, tzinfo=UTC)
    assert (pier.title, pier.body) == ("Pier & quay", "Closed for a week.")


def test_the_time_of_an_update_is_no_publication_date() -> None:
    assert articles(ATOM)[1].date is None


def test_dc_date_is_the_date_of_an_rss_item() -> None:
    [buoy] = articles(RDF)
    assert (buoy.date, buoy.source) == (datetime(2004, 5, 6, 7, 8, 9, tzinfo=UTC), "Old Quay")


@pytest.mark.parametrize("charset", ["windows-1251", "iso-8859-5", "utf-16"])
def test_the_declared_charset_is_used(charset: str) -> None:
    text = ATOM.replace('encoding="utf-8"', f'encoding="{charset}"').replace("Crane sold", "Кран продан")
    assert [a.title for a in read(text.encode(charset)) if isinstance(a, Article)] == ["Кран продан", "Pier & quay"]


def test_a_compressed_feed_is_read() -> None:
    assert len(read(gzip.compress(ATOM.encode()))) == 2


def test_a_feed_that_is_cut_off_gives_its_whole_entries_and_one_reject() -> None:
    crane, reject = read(ATOM[: ATOM.index("Closed for")])
    assert isinstance(crane, Article)
    assert reject == Reject(place="-:2", reason="the feed is cut off in this entry; fetch it again")


@pytest.mark.parametrize("more", ["<!-- cached -->\n", "<script>count()</script>", "\n<p>Page made in 3 ms</p>"])
def test_what_a_server_adds_behind_a_feed_costs_nothing(more: str) -> None:
    assert [type(record) for record in read(ATOM + more)] == [Article, Article]


def test_characters_that_nobody_sees_part_no_words() -> None:
    hyphenated = RSS.replace("Fog lifts", "F\u00adog li&#173;fts").replace("All ferries", "All fer&amp;shy;ries")
    assert articles(hyphenated) == articles(RSS)


def test_a_broken_entity_costs_nothing() -> None:
    assert [article.title for article in articles(RSS.replace("Fog lifts", "Fog & sun &hellip;"))][1] == "Fog & sun …"


@pytest.mark.parametrize(
    "document", ["<html></html>", "<!DOCTYPE html><html><head><title>T</title></head></html>", "<html"]
)
def test_a_whole_document_without_a_body_is_no_text(document: str) -> None:
    entry = f"<item><title>Fog lifts</title><description><![CDATA[{document}]]></description></item>"
    [article] = read(f'<?xml version="1.0"?><rss version="2.0"><channel>{entry}</channel></rss>')
    assert isinstance(article, Article)
    assert (article.title, article.body) == ("Fog lifts", "")


@pytest.mark.parametrize("date", ["the other day", "0000"])
def test_a_date_that_is_not_understood_rejects_the_entry(date: str) -> None:
    crane, pier = read(ATOM.replace("2024-12-03T19:17:05Z", date))
    assert isinstance(crane, Reject)
    assert f"{date!r} is no date" in crane.reason
    assert isinstance(pier, Article)


@pytest.mark.parametrize("odd", ["<gml:pos>1 2</gml:pos>", "<title>&#99999999999;</b></title>"])
def test_a_feed_on_which_the_parser_fails_is_one_reject(odd: str) -> None:
    [reject] = read(f"<rss><channel><item>{odd}</item></channel></rss>")
    assert isinstance(reject, Reject)
    assert reject.reason.startswith("the feed cannot be parsed (")


def test_a_file_that_is_no_feed_is_one_reject() -> None:
    [reject] = read("<html><body>Ferry late</body></html>", format="feed")
    assert isinstance(reject, Reject)
    assert reject.reason.startswith("no RSS, Atom or JSON feed")


@given(st.integers(60, len(RSS)))
def test_a_feed_is_read_without_an_error_wherever_it_is_cut(length: int) -> None:
    assert all(article in articles(RSS) for article in articles(RSS[:length], format="feed"))
