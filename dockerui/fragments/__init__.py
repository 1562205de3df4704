"""HTML that pages and live updates share, rendered once per change. Used by `web` and `ws`, knows only
services.
"""
