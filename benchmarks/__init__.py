"""Benchmarks of dualnet: what a derivative costs, and against whom.

Run ``python -m benchmarks`` from the root of the checkout; ``python -m benchmarks --help`` names its sections.
"""
