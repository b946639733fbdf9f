"""Broadsheet beside other engines: `python -m benchmarks.run --help`."""
