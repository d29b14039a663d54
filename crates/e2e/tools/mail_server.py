"""mail_server.py SMTP_PORT WEB_PORT [starttls|smtps FOLDER]: keeps every letter in memory.

With starttls or smtps, its certificate is signed by an authority of its own, which it writes to FOLDER/authority.pem, and it
takes letters from the user "doorward" with the password "p@ss:word" alone.

GET /letters: the letters as JSON, oldest first. GET /waiting: how many callers are kept waiting. POST /mood/{Accepting,Stalling,
Refusing}: how callers are met from now on.
"""

import asyncio
import datetime
import email
import email.policy
import ipaddress
import json
import pathlib
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

letters = []
mood = "Accepting"
waiting = 0


def part(message, kind):
    body = message.get_body(preferencelist=(kind,))
    return body.get_content() if body else ""


class Keeper:
    async def meet(self):
        global waiting
        waiting += 1
        try:
            while mood == "Stalling":
                await asyncio.sleep(0.05)
        finally:
            waiting -= 1

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        await self.meet()
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server, session, envelope):
        await self.meet()
        if mood == "Refusing":
            return "451 4.3.0 Not now"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        letters.append(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "subject": str(message["subject"] or ""),
                "message_id": str(message["message-id"] or ""),
                "text": part(message, "plain"),
                "html": part(message, "html"),
            }
        )
        return "250 Kept"


class Window(BaseHTTPRequestHandler):
    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        value = {"/letters": letters, "/waiting": waiting}.get(self.path)
        self.answer(404 if value is None else 200, value)

    def do_POST(self):
        global mood
        wanted = self.path.removeprefix("/mood/")
        known = wanted in ("Accepting", "Stalling", "Refusing")
        if known:
            mood = wanted
        self.answer(200 if known else 404, mood)

    def log_message(self, *_):
        pass


def certificate(name, issuer, authority):
    """A key and its certificate, by `issuer` (a pair of these) or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer, signed_by = issuer or (key, None)
    now = datetime.datetime.now(datetime.timezone.utc)
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signed_by.subject if signed_by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return key, built


def tls_context(folder):
    pem = serialization.Encoding.PEM
    authority = certificate("an authority for tests", None, True)
    key, leaf = certificate("localhost", authority, False)
    (folder / "authority.pem").write_bytes(authority[1].public_bytes(pem))
    (folder / "leaf.pem").write_bytes(leaf.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "leaf.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "leaf.pem", folder / "leaf.key")
    return context


def authenticate(server, session, envelope, mechanism, given):
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"doorward", b"p@ss:word")
    return AuthResult(success=right, handled=right or False)


smtp_port, web_port = int(sys.argv[1]), int(sys.argv[2])
options = {}
if len(sys.argv) > 3:
    options = {"authenticator": authenticate, "auth_required": True}
    context = tls_context(pathlib.Path(sys.argv[4]))
    if sys.argv[3] == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    else:
        options |= {"ssl_context": context, "auth_require_tls": False}
Controller(Keeper(), hostname="127.0.0.1", port=smtp_port, decode_data=False, enable_SMTPUTF8=True, **options).start()
web = threading.Thread(target=ThreadingHTTPServer(("127.0.0.1", web_port), Window).serve_forever)
web.start()
web.join()
