"""What both scripts share: named checks, a transcript, polling, plain HTTP for setting up."""

import base64
import contextlib
import json
import os
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request

PATIENCE = 60.0


class Checks:
    """Counts checks that pass and fail, and the calls of tools; the last line says both numbers."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.calls = {}

    @contextlib.contextmanager
    def check(self, name):
        try:
            yield
        except Exception as wrong:  # noqa: BLE001: whatever it is, it is this check that failed
            self.failed += 1
            where = traceback.extract_tb(wrong.__traceback__)[-1]
            say(f"  FAIL {name}: {describe(wrong)} ({os.path.basename(where.filename)}:{where.lineno})")
        else:
            self.passed += 1
            say(f"  ok   {name}")

    def called(self, tool, refused):
        """Counts a call that ended as it should."""
        self.calls.setdefault(tool, [0, 0])[refused] += 1

    def end(self):
        for tool, (answered, refused) in self.calls.items():
            say(f"called {tool}: {answered} answered, {refused} refused")
        say(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def describe(wrong):
    inner = getattr(wrong, "exceptions", None)
    if inner:
        return "; ".join(describe(one) for one in inner)
    return f"{type(wrong).__name__}: {wrong}"[:2000]


def say(text):
    print(text, flush=True)


def show(value, most=400):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


def expect(truth, shown=""):
    if not truth:
        raise AssertionError(f"not as expected: {show(shown, 1500)}")


def same(found, wanted):
    if found != wanted:
        raise AssertionError(f"found {show(found, 1500)}, wanted {show(wanted, 1500)}")


def until(ask, what):
    """Asks until the answer is true."""
    end = time.monotonic() + PATIENCE
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"still not after {PATIENCE:.0f} s: {what}")
        time.sleep(0.05)


class Kestra:
    """The server under the clients: its address and credential, from the environment alone."""

    def __init__(self):
        self.url = os.environ["KESTRA_E2E_URL"].rstrip("/")
        self.tenant = os.environ.get("KESTRA_E2E_TENANT") or "main"
        self.username = os.environ.get("KESTRA_E2E_USERNAME") or None
        self.password = os.environ.get("KESTRA_E2E_PASSWORD") or None
        self.token = os.environ.get("KESTRA_E2E_TOKEN") or None
        self.namespace = f"e2e.python.n{os.urandom(4).hex()}"

    def variables(self):
        """The settings of a kestra-mcp that talks to it."""
        settings = {"KESTRA_API_URL": self.url, "KESTRA_TENANT": self.tenant}
        if self.token:
            return settings | {"KESTRA_API_TOKEN": self.token}
        return settings | {"KESTRA_USERNAME": self.username, "KESTRA_PASSWORD": self.password}

    def http(self, method, path, body=None):
        """Status and body of a plain request below the tenant."""
        if self.token:
            authorization = f"Bearer {self.token}"
        else:
            pair = f"{self.username}:{self.password}".encode()
            authorization = f"Basic {base64.b64encode(pair).decode()}"
        headers = {"Authorization": authorization, "Content-Type": "application/x-yaml"}
        address = f"{self.url}/api/v1/{self.tenant}/{path}"
        data = None if body is None else body.encode()
        request = urllib.request.Request(address, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode(errors="replace")

    def create(self, source):
        status, text = self.http("POST", "flows", source)
        if status != 200:
            raise RuntimeError(f"cannot create a flow: {status} {text[:500]}")

    def remove(self, flow_ids, execution_ids, uids=()):
        """Leaves nothing behind; what is gone already is no fault."""
        for execution in execution_ids:
            self.http("DELETE", f"executions/{execution}")
        for flow in flow_ids:
            self.http("DELETE", f"flows/{self.namespace}/{flow}")
        for uid in uids:
            self.http("DELETE", f"apps/{uid}")
