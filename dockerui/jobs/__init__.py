"""Long work that outlives a browser tab: pulls, builds, uploads, prunes. Models only; see
services/jobs.py.
"""
