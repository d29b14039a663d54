#!/usr/bin/env python3
"""Approves device codes as a person does: by the pages, signed in once.

Reads user codes from standard input, one a line, and prints those that it approved. The load generator calls it
before it measures redemptions; nothing here is measured.

    BENCH_URL       the server, http://127.0.0.1:8080
    BENCH_ORG       the organization
    BENCH_EMAIL     an account that belongs to it
    BENCH_PASSWORD  its password
"""

import http.client
import os
import queue
import re
import sys
import threading
import urllib.parse

URL = urllib.parse.urlsplit(os.environ.get("BENCH_URL", "http://127.0.0.1:8080"))
ORG = os.environ.get("BENCH_ORG", "acme")
THREADS = 8


class Browser:
    """One connection with its cookies."""

    def __init__(self, cookies=None):
        self.connection = http.client.HTTPConnection(URL.hostname, URL.port)
        self.cookies = dict(cookies or {})

    def request(self, method, path, form=None):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Sec-Fetch-Site"] = "same-origin"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        for header, value in answer.getheaders():
            if header.lower() == "set-cookie":
                name, rest = value.split("=", 1)
                self.cookies[name] = rest.split(";", 1)[0]
        return answer.status, answer.getheader("Location"), answer.read().decode()


def field(page, name, after=""):
    """The value of an input of the page, the first behind `after`."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page[page.index(after):])
    if not found:
        sys.exit(f"the page has no field {name}: {page[:400]}")
    return found.group(1)


def sign_in():
    browser = Browser()
    _, _, page = browser.request("GET", "/login")
    form = {
        "csrf_token": field(page, "csrf_token"),
        "email": os.environ["BENCH_EMAIL"],
        "password": os.environ["BENCH_PASSWORD"],
    }
    status, _, page = browser.request("POST", "/login", form)
    if status != 303:
        sys.exit(f"the sign-in was answered {status}: {page[:400]}")
    return browser.cookies


def approve(browser, token, code):
    status, review, _ = browser.request("POST", f"/orgs/{ORG}/device", {"csrf_token": token, "user_code": code})
    if status != 303:
        return False
    _, _, page = browser.request("GET", review)
    decision = f"/orgs/{ORG}/device/decision"
    form = {
        "csrf_token": field(page, "csrf_token", decision),
        "grant": field(page, "grant", decision),
        "organization": ORG,
        "confirm": "yes",
        "decision": "approve",
    }
    status, result, _ = browser.request("POST", decision, form)
    return status == 303 and "/result" in result


def work(cookies, codes, approved):
    browser = Browser(cookies)
    _, _, page = browser.request("GET", f"/orgs/{ORG}/device")
    token = field(page, "csrf_token", f"/orgs/{ORG}/device")
    while True:
        try:
            code = codes.get_nowait()
        except queue.Empty:
            return
        if approve(browser, token, code):
            approved.append(code)


def main():
    codes = queue.Queue()
    for line in sys.stdin:
        if line.strip():
            codes.put(line.strip())
    cookies, approved = sign_in(), []
    threads = [threading.Thread(target=work, args=(cookies, codes, approved)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n".join(approved))


main()
