"""The code of an authenticator app that is not ours.

Standard input: {"address": what the QR code says, "ahead": steps of 30 seconds from now}. Standard output: {"code"}.
"""

import datetime
import json
import sys

import pyotp

given = json.load(sys.stdin)
app = pyotp.parse_uri(given["address"])
code = app.at(datetime.datetime.now(), counter_offset=given["ahead"])
print(json.dumps({"code": code, "issuer": app.issuer, "name": app.name}))
