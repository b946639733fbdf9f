"""The views: the search, an article with others like it, and the files that pages load."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from flask import Blueprint, Flask, Response, request, url_for
from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.exceptions import NotFound

from indexer.response import DateFacet
from server import parameters, problems
from server.caching import revalidated
from server.page import filters, text
from server.page.address import Address
from server.page.histogram import COUNT_HEIGHT, MOST_BARS, SHARE_HEIGHT, histogram
from server.search import bounded, in_time

if TYPE_CHECKING:
    from server.service import Service

_SIMILAR: Final = 8
_CONTENT_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_HEADERS: Final = {
    # Nothing runs, loads or frames the page but what this server sends.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _Asset(NamedTuple):
    content: bytes
    content_type: str
    version: str


def register(routes: Blueprint, service: Service) -> None:
    """Add the page's resources."""
    index = service.index
    pages = Blueprint("page", __name__)

    @pages.get("/")
    @revalidated(index)
    def search() -> Response:
        address = Address.of(url_for(".search"), parameters.texts_of_query_string())
        asked = address.search()
        with service.computing.taken():
            result = in_time(index.answer(bounded(asked, service)))
        dates = result.facets.get("date")
        groups = filters.groups(result, asked)
        # Where the way here is no longer whole, nobody knows how many hits came before.
        first = len(address.way) * asked.limit + 1 if address.previous or not address.way else None
        page = _page(
            "search.html",
            address=address,
            asked=asked,
            result=result,
            groups=groups,
            chips=list(filters.chips(asked, address)),
            unseen=list(filters.unseen(address, groups)),
            histogram=histogram(dates, asked) if isinstance(dates, DateFacet) and dates.buckets else None,
            undated=dates.missing if isinstance(dates, DateFacet) else 0,
            first=first,
        )
        if result.partial:
            # Another try may have more time.
            page.headers["Cache-Control"] = "no-store"
        return page

    @pages.get("/articles/<broadsheet_id:article_id>")
    @revalidated(index)
    def article(article_id: str) -> Response:
        parameters.values_of_query_string({}, "an article takes none")
        found = index.get(article_id)
        with service.computing.taken():
            similar = index.similar(
                article_id, limit=_SIMILAR, facets=(), snippets=0, timeout_ms=service.settings.timeout_ms
            )
        return _page("article.html", article=found, similar=similar, address=Address(url_for(".search"), {}))

    @pages.get("/assets/<name>")
    def asset(name: str) -> Response:
        known = _assets().get(name)
        if known is None:
            raise NotFound
        response = Response(known.content, content_type=known.content_type)
        # Its address changes with its content.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    @pages.after_request
    def finish(response: Response) -> Response:
        accepted = request.accept_mimetypes
        if response.content_type == problems.CONTENT_TYPE and (accepted.accept_html or not accepted):
            _show_problem(response)
        response.headers.update(_HEADERS)
        return response

    routes.register_blueprint(pages)


def show_unknown_addresses(app: Flask) -> None:
    """Let an application of nothing but ours answer browsers with a page where it has nothing, too."""

    @app.after_request
    def finish(response: Response) -> Response:
        accepted = request.accept_mimetypes
        # A browser names HTML; programs take anything, and get what the API answers.
        named = accepted["text/html"] > accepted[problems.CONTENT_TYPE]
        if request.endpoint is None and response.content_type == problems.CONTENT_TYPE and named:
            _show_problem(response)
            response.headers.update(_HEADERS)
        return response


def _show_problem(response: Response) -> None:
    document: dict[str, Any] = orjson.loads(response.get_data())
    response.set_data(_render("problem.html", problem=document, address=_address_as_given()))
    response.content_type = "text/html; charset=utf-8"


def _page(template: str, **values: Any) -> Response:
    return Response(_render(template, **values), content_type="text/html; charset=utf-8")


def _render(template: str, **values: Any) -> str:
    addresses = {
        "root": _url("search"),
        "asset": lambda name: _url("asset", name=name, v=_assets()[name].version),
        "article_address": lambda article_id: _url("article", article_id=article_id),
    }
    return _templates().get_template(template).render(**addresses, **values)


def _address_as_given() -> Address:
    """The search that a problem is about, as far as it can be shown again."""
    given: dict[str, list[str]] = {}
    if request.endpoint and request.endpoint.endswith(".search"):
        # Bytes that are not UTF-8 and not even escaped.
        with suppress(UnicodeDecodeError):
            given = request.args.to_dict(flat=False)
    return Address.of(_url("search"), given)


def _url(view: str, **values: Any) -> str:
    # Where there is no view, there is no blueprint that a name could be relative to.
    return url_for(f"{request.blueprint or 'broadsheet.page'}.{view}", **values)


@cache
def _templates() -> Environment:
    # Of its own, so that nothing in an application around it changes how the page is rendered.
    environment = Environment(
        loader=PackageLoader("server.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    functions = (
        text.count, text.machine_moment, text.marked_title, text.marked, text.moment, text.offending, text.period,
        text.share, text.short_period, text.text_fragment,
    )  # fmt: skip
    environment.globals |= {function.__name__: function for function in functions}
    environment.globals |= {"count_height": COUNT_HEIGHT, "share_height": SHARE_HEIGHT, "most_bars": MOST_BARS}
    return environment


@cache
def _assets() -> dict[str, _Asset]:
    found = {}
    for file in resources.files("server.page").joinpath("static").iterdir():
        content = file.read_bytes()
        content_type = _CONTENT_TYPES[file.name.rpartition(".")[2]] + "; charset=utf-8"
        found[file.name] = _Asset(content, content_type, hashlib.blake2b(content, digest_size=6).hexdigest())
    return found
