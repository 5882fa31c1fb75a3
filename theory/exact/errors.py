"""The error that says that nothing exact is known."""

from __future__ import annotations

from theory.errors import InputError


class NoExactMethod(InputError):
    """No exact method applies to this process at these values. The message says why, and what would be possible."""
