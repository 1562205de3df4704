"""Wire formats, sans-IO: bytes in, values out. No sockets, no asyncio, no requests."""
