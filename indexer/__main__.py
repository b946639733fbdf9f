"""`python -m indexer`: the command where no console script is on the path."""

from indexer.cli import main

main()
