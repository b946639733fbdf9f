"""Broadsheet over HTTP: a Flask application, or a blueprint for somebody else's.

app = server.create_app("news.index")
other_app.register_blueprint(server.blueprint(index), url_prefix="/archive")
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint, Flask

    from indexer.engine import Engine
    from server.limits import RateLimiter
    from server.service import Service
    from server.settings import Settings


def create_app(
    index: Engine | str | os.PathLike[str],
    *,
    settings: Settings | None = None,
    limiter: RateLimiter | None = None,
) -> Flask:
    """The WSGI application that serves `index`, an open index or the path of one.

    settings  how it treats the world; without, those of the environment variables BROADSHEET_*
    limiter   counts the requests of clients over several processes; without, this one counts alone

    Every error is answered with a problem document. Raises IndexStateError when there is no readable
    index at the path, ParameterError for a setting that cannot be.
    """
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from server import hooks, page, problems
    from server.routes import build_blueprint

    app = Flask("server", static_folder=None)
    service = _service(index, settings, limiter)
    hooks.install(app, service)
    problems.register(app)
    routes = build_blueprint(service)
    problems.register(routes)
    app.register_blueprint(routes)
    page.show_unknown_addresses(app)
    if proxies := service.settings.proxies:
        fix = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=proxies)
        app.wsgi_app = fix  # type: ignore[method-assign]
    return app


def blueprint(index: Engine | str | os.PathLike[str], *, settings: Settings | None = None) -> Blueprint:
    """The same resources for mounting in another Flask application, below any `url_prefix`.

    Errors below that prefix are answered with problem documents, for unknown addresses and methods as well; without a
    prefix unknown ones stay that application's.
    Takes and raises what create_app does.
    """
    from server import hooks, problems
    from server.routes import build_blueprint

    service = _service(index, settings)
    routes = build_blueprint(service)
    hooks.install(routes, service)
    problems.register(routes)
    return routes


def _service(
    index: Engine | str | os.PathLike[str], settings: Settings | None, limiter: RateLimiter | None = None
) -> Service:
    from indexer import open_index
    from server.service import service
    from server.settings import Settings

    opened = open_index(index, verify=True) if isinstance(index, (str, os.PathLike)) else index
    return service(opened, settings or Settings.from_environment(), limiter)
