"""The server: Daphne in this process, with flow control in both directions, and the background work on its
loop.

Nothing else in the project imports this room, and the ASGI application knows nothing of it: any other ASGI
server (uvicorn, hypercorn) can serve ``dockerui.asgi:application`` as well.
"""
