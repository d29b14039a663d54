"""Authlib signs somebody in by the authorization code flow of ISSUER for CLIENT_ID, as a program on their machine does:
it listens on a port of its own, and knows nothing but the issuer. It tells what happens, one JSON object a line.
"""

import http.server
import json
import os
import urllib.parse

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import InvalidClaimError

ISSUER, CLIENT_ID, SCOPE = (os.environ[name] for name in ("ISSUER", "CLIENT_ID", "SCOPE"))


def tell(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


class Provider(OpenIDMixin):
    """What Authlib's integrations of web frameworks do with a provider, for a program without a framework."""

    client_id = CLIENT_ID

    def __init__(self):
        self.server_metadata = requests.get(get_well_known_url(ISSUER, external=True)).json()
        assert self.server_metadata["issuer"] == ISSUER, self.server_metadata
        self.session = OAuth2Session(
            CLIENT_ID, scope=SCOPE, code_challenge_method="S256", token_endpoint_auth_method="none"
        )

    def load_server_metadata(self):
        return self.server_metadata

    def _get_session(self):
        return OAuth2Session(CLIENT_ID)

    def get(self, url, **kwargs):
        return self.session.get(url, **kwargs)


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            self.take(urllib.parse.urlsplit(self.path))
        except Exception as failure:
            tell("failed", failure=repr(failure))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Program</title><p>Back at the program.</p>")

    def take(self, here):
        query = dict(urllib.parse.parse_qsl(here.query))
        if here.path == "/bye":
            return tell("bye", state=query.get("state"))
        if here.path != "/cb":
            return
        if query.get("iss") != ISSUER:
            raise ValueError(f"another issuer answers: {query}")
        tokens = provider.session.fetch_token(
            metadata["token_endpoint"], authorization_response=origin + self.path, state=state, code_verifier=verifier
        )
        tell("tokens", **tokens, claims=provider.parse_id_token(tokens, nonce))
        try:
            provider.parse_id_token(tokens, "another")
        except InvalidClaimError as refusal:
            tell("another_nonce", claim=refusal.claim)
        tell("userinfo", **provider.userinfo())
        refreshed = provider.session.refresh_token(metadata["token_endpoint"])
        tell("refreshed", **refreshed, claims=provider.parse_id_token(refreshed, None))
        tell("logout", **provider.create_logout_url(f"{origin}/bye", tokens["id_token"], "so long"))

    def log_message(self, *_):
        """Standard error is for failures."""


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
origin = f"http://127.0.0.1:{server.server_port}"
provider = Provider()
metadata = provider.server_metadata
verifier, nonce = generate_token(48), generate_token(20)
provider.session.redirect_uri = f"{origin}/cb"
url, state = provider.session.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
)
tell("ready", url=url, origin=origin)
server.serve_forever()
