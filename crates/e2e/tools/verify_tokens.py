"""Verifies an access token and an id_token by the keys that their issuer publishes.

Standard input: {"issuer", "client_id", "access_token", "id_token"}. Standard output: header and claims of both.
"""

import json
import sys
import urllib.request

import jwt

given = json.load(sys.stdin)
with urllib.request.urlopen(given["issuer"] + "/.well-known/openid-configuration") as answer:
    metadata = json.load(answer)
assert metadata["issuer"] == given["issuer"], metadata["issuer"]
keys = jwt.PyJWKClient(metadata["jwks_uri"])


def verified(token, audience, claims):
    header = jwt.get_unverified_header(token)
    return {
        "header": header,
        "claims": jwt.decode(
            token,
            keys.get_signing_key_from_jwt(token).key,
            algorithms=metadata["id_token_signing_alg_values_supported"],
            audience=audience,
            issuer=given["issuer"],
            options={"require": ["iss", "sub", "aud", "exp", "iat", *claims]},
        ),
    }


access = verified(given["access_token"], given["issuer"], ["jti", "client_id"])
identity = verified(given["id_token"], given["client_id"], [])
print(json.dumps({"access": access, "id": identity}))
