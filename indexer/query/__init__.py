"""Query evaluation: text → Whoosh query tree → matches → ranked hits, facets and snippets."""
