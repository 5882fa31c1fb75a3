"""The error of the command line itself. It has a file of its own because theory's errors would import sympy."""


class UsageError(ValueError):
    """The command line is wrong. One line: ``<argument>: <what is wrong and what would be right>``."""
