# ${{ values.description }}

import logging
import sys

log = logging.getLogger("${{ values.name }}")


def run() -> int:
    """Do the work; say how many things were done."""
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    log.info("done: %d", run())
