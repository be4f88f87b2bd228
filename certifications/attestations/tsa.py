"""A small RFC 3161 timestamp server for the demonstration, a process of its own with its own key.

Production uses a timestamp authority outside; this one says in its name that it proves nothing.
"""

import datetime as dt
import os
import secrets
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from certifications.attestations.authority import load_certificate, load_key, refresh_revocation

MAX_REQUEST = 8192
POLICY = "1.3.6.1.4.1.99999.1"
_DIGESTS = {"sha256": 32, "sha384": 48, "sha512": 64}


class Refused(ValueError):
    """The request is no timestamp request that this server answers."""


class Stamper:
    """Answers DER timestamp requests with DER responses."""

    def __init__(self, keys: Path, trust: Path) -> None:
        self.key: ec.EllipticCurvePrivateKey = load_key(keys / "stamp.key")
        certificate = load_certificate(trust / "stamp.crt")
        self.certificate = asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))

    def answer(self, request: bytes) -> bytes:
        """DER response. Raises Refused for what is malformed or uses a weak digest."""
        try:
            parsed = tsp.TimeStampReq.load(request, strict=True)
            imprint = parsed["message_imprint"]
            algorithm = imprint["hash_algorithm"]["algorithm"].native
            digest = imprint["hashed_message"].native
            nonce = parsed["nonce"].native
            wants_certificate = bool(parsed["cert_req"].native)
        except (ValueError, TypeError, KeyError) as error:
            raise Refused("no timestamp request") from error
        if _DIGESTS.get(algorithm) != len(digest):
            raise Refused("unsupported or malformed digest")
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": POLICY,
                "message_imprint": imprint,
                "serial_number": secrets.randbits(63),
                "gen_time": dt.datetime.now(dt.UTC),
                "accuracy": {"seconds": 1},
                **({"nonce": nonce} if nonce is not None else {}),
            }
        )
        content = info.dump()
        attributes = self._attributes(content)
        signed = self.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                            {"issuer": self.certificate.issuer, "serial_number": self.certificate.serial_number}
                        )
                    }
                ),
                "digest_algorithm": {"algorithm": "sha256"},
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signature": signed,
            }
        )
        data = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
                "signer_infos": [signer],
                **({"certificates": [self.certificate]} if wants_certificate else {}),
            }
        )
        token = cms.ContentInfo({"content_type": "signed_data", "content": data})
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def _attributes(self, content: bytes) -> cms.CMSAttributes:
        def digest(value: bytes) -> bytes:
            made = hashes.Hash(hashes.SHA256())
            made.update(value)
            return made.finalize()

        return cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [digest(content)]}),
                cms.CMSAttribute(
                    {
                        "type": "signing_certificate_v2",
                        "values": [
                            tsp.SigningCertificateV2(
                                {
                                    "certs": [
                                        tsp.ESSCertIDv2(
                                            {
                                                "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                                                "cert_hash": digest(self.certificate.dump()),
                                            }
                                        )
                                    ]
                                }
                            )
                        ],
                    }
                ),
            ]
        )


def make_server(port: int, keys: Path, trust: Path) -> ThreadingHTTPServer:
    """A server on this machine alone; port 0 takes any free one."""
    stamper = Stamper(keys, trust)

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_POST(self) -> None:  # noqa: N802 - http.server's name
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= MAX_REQUEST:
                self.send_error(413 if length else 411)
                return
            try:
                content = stamper.answer(self.rfile.read(length))
            except Refused as problem:
                self.send_error(400, str(problem))
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Silence: requests hold digests only, and the signer logs its own."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def main() -> None:
    """`python -m certifications.attestations.tsa PORT`: without Django, so that it is there at once. Demonstration only."""
    if os.environ.get("PORTAL_DEMO") != "1":
        sys.exit("The local timestamp server exists in demonstration mode only; set PORTAL_TSA_URL to a real authority.")
    keys, trust = Path(os.environ["PORTAL_TSA_KEYS"]), Path(os.environ["PORTAL_STATE"]) / "trust"
    refresh_revocation(None, keys, trust)
    make_server(int(sys.argv[1]), keys, trust).serve_forever()


if __name__ == "__main__":
    main()
