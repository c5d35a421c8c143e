"""`python -m zhfix` is the command `zhfix`."""

from zhfix.cli import main

if __name__ == "__main__":
    main()
