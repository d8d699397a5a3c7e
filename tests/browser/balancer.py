"""A balancer as simple as can be: each connection goes to the first of some servers that takes it, and stays there."""

import socket
import socketserver
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        for port in self.server.ports:  # type: ignore[attr-defined]
            try:
                server = socket.create_connection(("127.0.0.1", port), timeout=5)
            except OSError:
                continue
            server.settimeout(None)
            back = threading.Thread(target=_pump, args=(server, self.request), daemon=True)
            back.start()
            _pump(self.request, server)
            back.join()
            server.close()
            return


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Hand on what comes until one side is gone, and tell the other one."""
    with suppress(OSError):
        while received := source.recv(65_536):
            target.sendall(received)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def balancing(ports: Sequence[int]) -> Iterator[str]:
    """The address at which the first of these servers answers that lives."""
    with _Server(("127.0.0.1", 0), _Connection) as server:
        server.ports = list(ports)  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
