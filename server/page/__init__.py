"""The search page: the archive for people, rendered on the server from the same answers as the API's.

Everything works with links and one form; `static/page.js` only saves key strokes. The address is the whole state of
the page, under the names of the API's parameters.
"""

from __future__ import annotations

from server.page.views import register, show_unknown_addresses

__all__ = ["register", "show_unknown_addresses"]
