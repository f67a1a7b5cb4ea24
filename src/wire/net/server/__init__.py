"""What servers are made of; ``serve`` is where to begin."""

from wire.net.server.running import Server, serve, serving

__all__ = ["Server", "serve", "serving"]
