"""Figures, never part of the test run: each `bench_*.py` compares us with something anyone can run.

`make bench` runs them all and writes `benchmarks/results.json`; `make bench ARGS=log_read` runs some. The
sides take turns, medians are compared, and a bar that is not met makes the exit status 1.
"""
