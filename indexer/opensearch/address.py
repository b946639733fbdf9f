"""The address of an index on a cluster: opensearch://host:9200,other:9200/news?shards=6&replicas=1"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from indexer.errors import ParameterError

# Scheme → whether the connection is encrypted.
SCHEMES: Final = {"opensearch": False, "opensearch+https": True}
DEFAULT_PORT: Final = 9200
# What OpenSearch allows, without the dot, which sets our companion indexes apart.
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,199}\Z")
_HINT: Final = "as in opensearch://host:9200/news"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an index is.

    hosts     (name, port) of nodes to ask; when one does not answer, the next is asked
    name      of the index
    secure    whether to speak HTTPS
    user      (name, password), or None
    shards    of an index that is created; an existing one keeps its own
    replicas  copies of each shard of an index that is created; None: one where there is more than one node
    """

    hosts: tuple[tuple[str, int], ...]
    name: str
    secure: bool = False
    user: tuple[str, str] | None = None
    shards: int = 1
    replicas: int | None = None

    def __str__(self) -> str:
        """The address without the password and the options."""
        scheme = "opensearch+https" if self.secure else "opensearch"
        hosts = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)
        return f"{scheme}://{hosts}/{self.name}"


def parse(text: str) -> Address:
    """The parts of an address. Raises ParameterError."""
    scheme = text.partition("://")[0]
    if scheme not in SCHEMES:
        raise ParameterError("index", f"no such kind of address: {scheme}://", f"{' or '.join(SCHEMES)}, {_HINT}")
    parts = urlsplit(text)
    name = parts.path.strip("/")
    if not _NAME.match(name):
        raise ParameterError(
            "index", f"no name of an index: {name!r}", f"small letters, digits, dashes and underscores, {_HINT}"
        )
    login, _, hosts = parts.netloc.rpartition("@")
    user = None
    if login:
        who, _, password = login.partition(":")
        user = (unquote(who), unquote(password))
    numbers = {}
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        if key not in ("shards", "replicas") or not re.fullmatch(r"\d{1,4}", value):
            raise ParameterError("index", f"no such option: {key}={value}", "shards=NUMBER and replicas=NUMBER")
        numbers[key] = int(value)
    return Address(
        hosts=tuple(_host(host) for host in hosts.split(",")),
        name=name,
        secure=SCHEMES[scheme],
        user=user,
        shards=max(1, numbers.get("shards", 1)),
        replicas=numbers.get("replicas"),
    )


def _host(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?", text)
    if not found:
        raise ParameterError("index", f"no host: {text!r}", _HINT)
    return found[1].strip("[]"), int(found[2] or DEFAULT_PORT)
