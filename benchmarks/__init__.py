"""Benchmarks of dualnet: what a derivative costs, and against whom.

Run ``python -m benchmarks`` (cost per parameter) or ``python -m benchmarks figures``
(every measured promise, side by side with its target) from the root of the checkout.
"""
