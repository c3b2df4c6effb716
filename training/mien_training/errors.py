"""Errors that the user of a command can correct: one line and exit code 2, no traceback."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable


class UserError(Exception):
    """An error that the user can correct, in a path, a preset or data; the message is one line."""


def in_one_line(main: Callable[[list[str] | None], int]) -> Callable[..., int]:
    """Wrap `main(arguments)` so that a UserError becomes one line and exit code 2."""

    @functools.wraps(main)
    def run(arguments: list[str] | None = None) -> int:
        try:
            return main(arguments)
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2

    return run
