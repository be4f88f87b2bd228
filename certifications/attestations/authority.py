"""The local test authority: made on first start, named as such on every page and document.

Two chains that share nothing: one seals, one stamps time (a shared root makes later validation fail). Private keys lie
in folders that only the signer, or only the timestamp server, is given; public certificates and revocation lists lie in
the trust folder. In production all of this is replaced by certificates of real authorities (docs/operations.md).
"""

import datetime as dt
import json
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TEST_MARK = "local test authority"
YEAR = dt.timedelta(days=365)
# Revocation lists are made anew long before they end, by the daily job of the signer and the timestamp server.
CRL_DAYS = 30
POINT = "http://end-use-portal.invalid/crl"


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"End-Use Portal {TEST_MARK}"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _file(ca: x509.Certificate) -> str:
    """The name of a CA's files: from its common name, as made below."""
    common = str(ca.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
    return {"Seal root": "root", "Seal issuing CA": "issuing", "Timestamp root": "stamp-root"}[common]


def _usage(*, sign: bool = False, commit: bool = False, ca: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign,
        content_commitment=commit,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(
    *,
    common: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    years: int,
    kind: str,
    depth: int | None = None,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(common))
        .issuer_name(issuer.subject if issuer else _name(common))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + years * YEAR)
        .add_extension(x509.BasicConstraints(ca=kind == "ca", path_length=depth), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(_usage(sign=kind != "ca", commit=kind == "seal", ca=kind == "ca"), critical=True)
    )
    if issuer is not None:
        # Validators look a leaf's list up by its distribution point; nothing is ever fetched from it.
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{POINT}/{_file(issuer)}.crl")], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if kind == "stamp":
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def _save_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    content = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)


def load_key(file: Path) -> ec.EllipticCurvePrivateKey:
    """A private key from PEM. Raises TypeError for a key of another kind."""
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{file.name} is no elliptic-curve key")
    return key


def _save_certificate(file: Path, certificate: x509.Certificate) -> None:
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def make_authority(keys: Path, tsa_keys: Path, trust: Path) -> bool:
    """Make both chains where there are none. Returns whether they were made now."""
    if (trust / "authority.json").exists() and (keys / "seal.key").exists() and (tsa_keys / "stamp.key").exists():
        return False
    for folder in (keys, tsa_keys):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    trust.mkdir(parents=True, exist_ok=True)
    for file in (*keys.glob("*.key"), *tsa_keys.glob("*.key")):
        file.unlink()
    root, issuing, seal, stamp_root, stamp = (ec.generate_private_key(ec.SECP256R1()) for _ in range(5))
    root_c = _certificate(common="Seal root", key=root, issuer=None, issuer_key=root, years=35, kind="ca", depth=1)
    issuing_c = _certificate(common="Seal issuing CA", key=issuing, issuer=root_c, issuer_key=root, years=25, kind="ca", depth=0)
    seal_c = _certificate(common="Attestation seal", key=seal, issuer=issuing_c, issuer_key=issuing, years=3, kind="seal")
    stamp_root_c = _certificate(common="Timestamp root", key=stamp_root, issuer=None, issuer_key=stamp_root, years=35, kind="ca", depth=0)
    stamp_c = _certificate(common="Timestamp authority", key=stamp, issuer=stamp_root_c, issuer_key=stamp_root, years=12, kind="stamp")
    for name, key in (("root", root), ("issuing", issuing), ("seal", seal)):
        _save_key(keys / f"{name}.key", key)
    for name, key in (("stamp-root", stamp_root), ("stamp", stamp)):
        _save_key(tsa_keys / f"{name}.key", key)
    for name, certificate in (
        ("root", root_c),
        ("issuing", issuing_c),
        ("seal", seal_c),
        ("stamp-root", stamp_root_c),
        ("stamp", stamp_c),
    ):
        _save_certificate(trust / f"{name}.crt", certificate)
    refresh_revocation(keys, tsa_keys, trust)
    (trust / "authority.json").write_text(json.dumps({"kind": "test", "made_at": dt.datetime.now(dt.UTC).isoformat()}))
    return True


def load_certificate(file: Path) -> x509.Certificate:
    """A certificate from PEM."""
    return x509.load_pem_x509_certificate(file.read_bytes())


def _revocation_list(ca: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> bytes:
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.subject)
        .last_update(now - dt.timedelta(minutes=5))
        .next_update(now + dt.timedelta(days=CRL_DAYS))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


def _good_standing(seal: x509.Certificate, issuing: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> bytes:
    """An OCSP answer by the issuing CA itself: the validator takes a leaf's proof for later years from no CRL."""
    now = dt.datetime.now(dt.UTC)
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=seal,
        issuer=issuing,
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=now - dt.timedelta(minutes=5),
        next_update=now + dt.timedelta(days=CRL_DAYS),
        revocation_time=None,
        revocation_reason=None,
    )
    made = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuing).certificates([issuing]).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)


def refresh_revocation(keys: Path | None, tsa_keys: Path | None, trust: Path) -> None:
    """Make the revocation lists anew with the keys at hand; each side can refresh only its own."""
    sides = [(keys, "root"), (keys, "issuing"), (tsa_keys, "stamp-root")]
    for folder, name in sides:
        if folder is None or not (folder / f"{name}.key").exists():
            continue
        certificate, key = load_certificate(trust / f"{name}.crt"), load_key(folder / f"{name}.key")
        _replace(trust / f"{name}.crl", _revocation_list(certificate, key))
        if name == "issuing":
            _replace(trust / "seal.ocsp", _good_standing(load_certificate(trust / "seal.crt"), certificate, key))


def _replace(file: Path, content: bytes) -> None:
    temporary = file.with_name(file.name + ".new")
    temporary.write_bytes(content)
    temporary.rename(file)


def trust_is_test(trust: Path) -> bool:
    """Whether the certificates in use are those of a local test authority. Unknown counts as test."""
    try:
        kind = json.loads((Path(trust) / "authority.json").read_text())["kind"]
    except (OSError, ValueError, KeyError):
        return True
    return bool(kind != "production")
