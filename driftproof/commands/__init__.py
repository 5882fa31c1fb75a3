"""One file a command: ``SUMMARY``, ``add_arguments(parser)`` and ``run(arguments) -> exit status``.

Importing a command's file must stay cheap, since ``--help`` does it: what is heavy is imported in ``run``.
"""
