"""Runs the command line as ``python -m sanchi``; nothing else is found here."""

from sanchi.start.main import main

if __name__ == "__main__":
    main()
