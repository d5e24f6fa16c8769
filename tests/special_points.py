"""Special points of scipy.special's rows: those whose truth takes long, where a slope is lost by convention, and where it has few digits."""
DEAR = {}
LOST = []
NOISY = [("", 0.0), ("", 0.0)]
