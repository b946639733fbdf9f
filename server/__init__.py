"""Broadsheet over HTTP: a Flask application, or a blueprint for somebody else's.

app = server.create_app("news.index")
other_app.register_blueprint(server.blueprint(index), url_prefix="/archive")
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint, Flask

    from indexer import NewsIndex


def create_app(index: NewsIndex | str | os.PathLike[str]) -> Flask:
    """The WSGI application that serves `index`, an open index or the path of one.

    Every error is answered with a problem document. Raises IndexStateError when there is no readable
    index at the path.
    """
    from flask import Flask

    from server import problems

    app = Flask("server", static_folder=None)
    app.register_blueprint(blueprint(index))
    problems.register(app)
    return app


def blueprint(index: NewsIndex | str | os.PathLike[str]) -> Blueprint:
    """The same resources for mounting in another Flask application, below any `url_prefix`.

    Errors of these resources are answered with problem documents; unknown routes stay that application's.
    Raises IndexStateError as create_app does.
    """
    from indexer import NewsIndex, open_index
    from server.routes import build_blueprint

    return build_blueprint(index if isinstance(index, NewsIndex) else open_index(index))
