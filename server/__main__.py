"""`python -m server`: the command where no console script is on the path."""

from server.cli import main

main()
