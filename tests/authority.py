"""A local test authority with its timestamp server, for every test that seals."""

import threading
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path

from certifications.attestations.authority import make_authority
from certifications.attestations.seal import Sealer
from certifications.attestations.tsa import make_server
from verifier import TrustAnchors


@dataclass
class Authority:
    """Keys, certificates and a timestamp server that can be stopped and started on the same port."""

    folder: Path
    server: ThreadingHTTPServer | None = None
    port: int = 0
    threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        make_authority(self.folder / "keys", self.folder / "stamp-keys", self.trust_folder)

    @property
    def trust_folder(self) -> Path:
        return self.folder / "trust"

    @property
    def trust(self) -> TrustAnchors:
        return TrustAnchors.from_folder(self.trust_folder)

    @property
    def sealer(self) -> Sealer:
        return Sealer(self.folder / "keys", self.trust_folder, f"http://127.0.0.1:{self.port}")

    def start(self) -> "Authority":
        """The timestamp server answers."""
        self.server = make_server(self.port, self.folder / "stamp-keys", self.trust_folder)
        self.port = self.server.server_port
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        self.threads.append(thread)
        return self

    def stop(self) -> None:
        """The timestamp server is gone."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
