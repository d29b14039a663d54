"""mail_server.py SMTP_PORT WEB_PORT: keeps every letter in memory.

GET /letters: the letters as JSON, oldest first. GET /waiting: how many callers are kept waiting. POST /mood/{Accepting,Stalling,
Refusing}: how callers are met from now on.
"""

import asyncio
import email
import email.policy
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller

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


smtp_port, web_port = int(sys.argv[1]), int(sys.argv[2])
Controller(Keeper(), hostname="127.0.0.1", port=smtp_port, decode_data=False, enable_SMTPUTF8=True).start()
web = threading.Thread(target=ThreadingHTTPServer(("127.0.0.1", web_port), Window).serve_forever)
web.start()
web.join()
