"""Mistakes of the person who runs a command: one line and exit code 2, never a traceback."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable


class UserError(Exception):
    """Something that the person who gave a path or a preset can mend; the message is one line."""


def in_one_line(main: Callable[[list[str] | None], int]) -> Callable[..., int]:
    """Wrap a command line's `main(arguments)` so."""

    @functools.wraps(main)
    def run(arguments: list[str] | None = None) -> int:
        try:
            return main(arguments)
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2

    return run
