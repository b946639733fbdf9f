"""Columnar segments: the Whoosh codec that Broadsheet's indexes are made of."""
