"""`python -m newscrawl` is the command `newscrawl`."""

from newscrawl.cli.main import main

if __name__ == "__main__":
    main(prog_name="newscrawl")
