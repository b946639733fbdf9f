"""The same service on an OpenSearch cluster, for archives that outgrow one machine.

`address` names an index of a cluster, `cluster` talks to it, `mapping` says what is indexed of an article, and
`compile` turns plans into the cluster's query language. `view` holds a state of the index still; `search`
answers a request from it, with the facets of `counts`, the ranking and the snippets of `page`, and what `terms` and
`completion` know of words. `ingest` fills the index, and `index` is what `open_index` returns.
"""
