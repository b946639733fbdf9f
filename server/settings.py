"""Settings: the few things that an operator of the service may choose."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from indexer.errors import ParameterError
from indexer.parameter import Flag, Integer
from indexer.request import MAX_TIMEOUT_MS

_PREFIX: Final = "BROADSHEET_"
_ORIGIN: Final = re.compile(r"\*|https?://[^\s/?#]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the service treats the world.

    write_token   what a client shows to add and delete articles; None turns writing off
    cors_origins  web origins whose pages may read the API; "*" is every one
    rate_limit    requests a minute that one client may make; 0 is no limit
    timeout_ms    the longest that a search may take, whatever a request asks for
    proxies       reverse proxies in front, whose X-Forwarded headers tell the client's address
    access_log    whether each request is logged, as one line of JSON on standard output
    """

    write_token: str | None = field(default=None, repr=False)
    cors_origins: tuple[str, ...] = ()
    rate_limit: int = 0
    timeout_ms: int = 10_000
    proxies: int = 0
    access_log: bool = False

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            Integer("", low, high).check(name, getattr(self, name))
        for origin in self.cors_origins:
            if not _ORIGIN.fullmatch(origin):
                raise ParameterError("cors_origin", f"not an origin: {origin!r}", "such as https://news.example, or *")
        if self.write_token is not None and not re.fullmatch(r"[\x21-\x7e]+", self.write_token):
            # Its value stays out of the message: messages are logged.
            raise ParameterError("write_token", "must be printable ASCII without spaces, and not empty")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings that the variables BROADSHEET_WRITE_TOKEN, BROADSHEET_CORS_ORIGINS (with spaces or commas
        between them), BROADSHEET_RATE_LIMIT, BROADSHEET_TIMEOUT_MS, BROADSHEET_PROXIES and BROADSHEET_ACCESS_LOG
        make. Raises ParameterError, which names the variable.
        """
        settings = cls()
        for name in cls.__dataclass_fields__:
            variable = _PREFIX + name.upper()
            if text := environment.get(variable):
                try:
                    settings = settings.overridden({name: text})
                except ParameterError as error:
                    raise ParameterError(variable, error.detail, error.hint) from None
        return settings

    def overridden(self, values: Mapping[str, Any]) -> Settings:
        """These settings with others instead, which may be texts. Raises ParameterError."""
        proper: dict[str, Any] = dict(values)
        for name, value in values.items():
            if name in _RANGES:
                proper[name] = Integer("", *_RANGES[name]).check(name, value)
            elif name == "access_log":
                proper[name] = Flag("").check(name, value)
            elif name == "cors_origins" and isinstance(value, str):
                proper[name] = tuple(re.split(r"[\s,]+", value.strip()))
        return replace(self, **proper)


_RANGES: Final = {"rate_limit": (0, 1_000_000), "timeout_ms": (1, MAX_TIMEOUT_MS), "proxies": (0, 10)}
