"""``python -m driftproof``."""

import sys

from driftproof.cli import main

sys.exit(main())
