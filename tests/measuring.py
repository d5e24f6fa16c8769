"""What a call costs, counted and not timed."""

import tracemalloc


def peak(run):
    """The most bytes that `run` holds at a time."""
    run()  # what is imported and remembered stays out of it
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
