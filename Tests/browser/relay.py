"""A connection to the server that can be cut, as networks are."""

import socket
import threading
from urllib.parse import urlsplit


class Relay:
    """Hands bytes on between a port of its own and the server, until it is cut."""

    def __init__(self, url):
        self.target = (urlsplit(url).hostname, urlsplit(url).port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.is_down = False
        self.sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Ends all connections, and lets nobody in."""
        self.is_down = True
        for end in self.sockets:
            self._end(end)

    def mend(self):
        self.is_down = False

    def close(self):
        self._end(self.listener)
        self.listener.close()
        self.cut()

    @staticmethod
    def _end(end):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # It has ended by itself.

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.is_down:
                client.close()
                continue
            server = socket.create_connection(self.target)
            self.sockets += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._hand_on, args=(source, sink), daemon=True).start()

    def _hand_on(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass  # It was cut.
        self._end(sink)
