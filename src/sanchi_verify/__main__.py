"""Lets `python -m sanchi_verify` do what the command `sanchi-verify` does."""

import sys

from sanchi_verify.main import main

sys.exit(main(sys.argv[1:]))
