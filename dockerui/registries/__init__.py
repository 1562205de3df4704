"""Registries whose credentials are kept. Models only; see services/registries.py."""
