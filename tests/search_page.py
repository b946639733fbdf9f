"""The search page as tests read it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask.testing import FlaskClient
from lxml import html


class Page:
    """A page of the service, and what tests ask of one."""

    def __init__(self, client: FlaskClient, address: str, status: int = 200) -> None:
        self.client = client
        response = client.get(address)
        assert response.status_code == status, response.get_data(as_text=True)
        assert response.content_type == "text/html; charset=utf-8"
        self.headers = response.headers
        self.source = response.get_data(as_text=True)
        self.tree = html.document_fromstring(self.source)

    def all(self, path: str) -> list[Any]:
        found: list[Any] = self.tree.xpath(path)
        return found

    def one(self, path: str) -> Any:
        (found,) = self.all(path)
        return found

    def text(self, path: str) -> str:
        return " ".join(self.one(path).text_content().split())

    def link(self, label: str) -> str:
        """Where the one link that says so leads."""
        links = [a for a in self.all("//a") if " ".join(a.text_content().split()) == label]
        assert len(links) == 1, label
        return str(links[0].get("href"))

    @property
    def hits(self) -> list[str]:
        return [a.text_content() for a in self.all('//ol[@class="hits"]/li//h2/a')]

    def follow(self, label: str) -> Page:
        return Page(self.client, self.link(label))


def search(client: FlaskClient, **parameters: Any) -> Page:
    return Page(client, "/?" + urlencode(parameters, doseq=True))


def api(client: FlaskClient, path: str = "/v1/search", **parameters: Any) -> Any:
    response = client.get(path + "?" + urlencode(parameters, doseq=True))
    return response.json


def parameters_of(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query, keep_blank_values=True)
