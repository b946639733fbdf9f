"""Query evaluation: text → plan → matches → ranked hits, facets and snippets."""
