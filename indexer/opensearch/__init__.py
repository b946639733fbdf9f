"""The same service on an OpenSearch cluster, for archives that outgrow one machine.

`address` names an index of a cluster, `cluster` talks to it, `mapping` says what is indexed of an article,
`compile` turns query trees into its query language, `view` holds a state of the index still, `search` and
`counts` answer a request, `ingest` fills the index, and `index` is what `open_index` returns.
"""
