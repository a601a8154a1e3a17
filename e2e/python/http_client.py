#!/usr/bin/env python3
"""The official Python client of MCP, which knows one address: sign-in, roles, refresh and revocation.

`cargo e2e http` runs it. KESTRA_E2E_MCP is the URL of the server, whose access tokens live for a
minute; KESTRA_E2E_BROWSER drives a browser (node/browser.mjs); KESTRA_E2E_KEYCLOAK and
KESTRA_E2E_ADMIN_PASSWORD manage the provider, at which the server is KESTRA_E2E_CLIENT. Ada may edit and
Ben may look: KESTRA_E2E_ADA_PASSWORD and _TOKEN are her password there and her Kestra token.
KESTRA_E2E_SECRETS is a file for the secrets that the client is given; none may be shown.
"""

import asyncio
import base64
import contextlib
import http.server
import json
import os
import re
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata
from mcp.shared.exceptions import MCPError

from checks import Checks, expect, same, say, show
from samples import ENTERPRISE, offered

MCP = os.environ["KESTRA_E2E_MCP"]
ORIGIN = MCP.removesuffix("/mcp")
WRITERS = ["execute_flow", "create_or_update_flow", "kill_execution", "create_app"]
READERS = [tool for tool in offered("EE") if tool not in WRITERS]
# For so long after a sign-in the provider is not asked again, and access tokens live no longer.
FRESH = 61


def post(address, form, headers=None):
    """Status and JSON of a form that is sent."""
    data = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(address, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


class Kept(TokenStorage):
    """What the client is given, in memory; each secret also stands in the file of secrets."""

    def __init__(self):
        self.tokens = None
        self.client = None
        self.given = 0

    def secret(self, *all_of_them):
        with open(os.environ["KESTRA_E2E_SECRETS"], "a", encoding="ascii") as file:
            file.writelines(f"{one}\n" for one in all_of_them if one)

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.given += 1
        self.tokens = tokens
        self.secret(tokens.access_token, tokens.refresh_token)

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client
        self.secret(client.client_secret)


class Browser:
    """A profile of the browser, and the person at it."""

    def __init__(self, user):
        self.user = user
        self.profile = f"{user}-python"
        self.steps = []

    async def ask(self, what, **body):
        body |= {"browser": self.profile}
        request = urllib.request.Request(
            f"{os.environ['KESTRA_E2E_BROWSER']}/{what}", data=json.dumps(body).encode()
        )

        def answer():
            try:
                with urllib.request.urlopen(request, timeout=180) as answered:
                    return json.load(answered)
            except urllib.error.HTTPError as refused:
                raise RuntimeError(f"the browser: {refused.read().decode()}") from None

        seen = await asyncio.to_thread(answer)
        same(seen["faults"], [])
        return seen

    async def visit(self, url, **how):
        password = os.environ[f"KESTRA_E2E_{self.user.upper()}_PASSWORD"]
        seen = await self.ask("visit", url=url, user=self.user, password=password, **how)
        self.steps = seen["steps"]
        return seen


class Callback:
    """Listens on loopback for the browser that comes back with a code."""

    def __init__(self):
        arrived = self.arrived = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if not self.path.startswith("/callback?"):
                    # The browser also asks for an icon.
                    self.send_response(204)
                    self.end_headers()
                    return
                arrived.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<!doctype html><html lang=en><title>Client</title><h1>Back at the client</h1>")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/callback"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    async def result(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.arrived.pop()).query)
        return AuthorizationCodeResult(
            code=query["code"][0], state=query["state"][0], iss=query["iss"][0]
        )


class Connection:
    """A client for one person, from the bare address; it opens the browser when it has to."""

    def __init__(self, user, mode):
        self.browser = Browser(user)
        self.callback = Callback()
        self.kept = Kept()
        self.sign_ins = 0
        self.mode = mode
        metadata = OAuthClientMetadata(
            client_name=f"Python client of {user}", redirect_uris=[self.callback.address]
        )
        self.auth = OAuthClientProvider(
            MCP, metadata, self.kept, self.open_browser, self.callback.result
        )

    async def open_browser(self, url):
        self.sign_ins += 1
        await self.browser.visit(url)

    def revoke(self):
        """The status of a revocation of its refresh token, which the client itself does not do."""
        client = self.kept.client
        form = {"token": self.kept.tokens.refresh_token, "client_id": client.client_id}
        pair = f"{client.client_id}:{client.client_secret}".encode()
        basic = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return post(f"{ORIGIN}/revoke", form, basic if client.client_secret else {})[0]

    @contextlib.asynccontextmanager
    async def talk(self):
        async with httpx2.AsyncClient(auth=self.auth, timeout=60) as http_client:
            transport = streamable_http_client(MCP, http_client=http_client)
            async with Client(transport, mode=self.mode, read_timeout_seconds=200) as client:
                yield Talk(client)


class Talk:
    def __init__(self, client):
        self.client = client

    async def tools(self):
        # The client may have cached an earlier list: ask the server.
        listed = await self.client.list_tools(cache_mode="bypass")
        return [tool.name for tool in listed.tools]

    async def call(self, tool, arguments=None):
        say(f"  → {tool} {show(arguments or {})}")
        result = await self.client.call_tool(tool, arguments or {})
        told = re.sub(r"\?t=[\w-]+", "?t=…", show(result.structured_content))
        say(f"  ← {'error ' if result.is_error else ''}{told}")
        return result

    async def good(self, tool, arguments=None):
        result = await self.call(tool, arguments)
        expect(not result.is_error, result.structured_content)
        return result.structured_content

    async def refusal(self, tool, arguments=None):
        """What the protocol says to a call of a tool that is not there."""
        try:
            await self.client.call_tool(tool, arguments or {})
        except MCPError as refused:
            return refused.error.code, refused.error.message
        raise AssertionError(f"{tool} was called")


class Keycloak:
    """The provider, as its administrator manages it."""

    def __init__(self):
        self.origin = os.environ["KESTRA_E2E_KEYCLOAK"]

    def manage(self, method, path, body=None):
        form = {
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": "admin",
            "password": os.environ["KESTRA_E2E_ADMIN_PASSWORD"],
        }
        token = post(f"{self.origin}/realms/master/protocol/openid-connect/token", form)[1]
        request = urllib.request.Request(
            f"{self.origin}/admin/realms/e2e/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {token['access_token']}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def remove_role(self, user, role):
        user = self.manage("GET", f"users?exact=true&username={user}")[0]["id"]
        client = self.manage("GET", f"clients?clientId={os.environ['KESTRA_E2E_CLIENT']}")[0]["id"]
        role = self.manage("GET", f"clients/{client}/roles/{role}")
        roles = [{"id": role["id"], "name": role["name"]}]
        self.manage("DELETE", f"users/{user}/role-mappings/clients/{client}", roles)


async def ben(checks):
    """Looks, with the lifecycle of the older clients."""
    connection = Connection("ben", "legacy")
    with checks.check("from the bare address the client gets in, by the initialize handshake"):
        async with connection.talk() as talk:
            same(connection.sign_ins, 1)
            with checks.check("a viewer is offered what reads, and nothing else"):
                # The edition of Kestra is known once a person has a token.
                same(await talk.tools(), [tool for tool in READERS if tool not in ENTERPRISE])
            with checks.check("a tool that he may not use answers like one that does not exist"):
                same(await talk.refusal("execute_flow"), await talk.refusal("no_such_tool"))


async def registers(checks, talk, browser):
    with checks.check("a call without a Kestra token is refused and says where to enter one"):
        result = await talk.call("list_flows")
        expect(result.is_error, result.structured_content)
        error = result.structured_content["error"]
        same(error["code"], "CREDENTIAL_REQUIRED")
        page = error["url"]
        expect(page.startswith(f"{ORIGIN}/account"), "another page")
    with checks.check("she signs in there and enters her token"):
        seen = await browser.visit(page)
        same(seen["heading"], "Your account")
        token = os.environ["KESTRA_E2E_ADA_TOKEN"]
        seen = await browser.ask("enter", field="#token", text=token, button="Save")
        same(seen["heading"], "Saved")
    with checks.check("the same call works now"):
        found = await talk.good("list_flows", {"namespace": "company.team"})
        expect("hello" in [item["flow_id"] for item in found["items"]], found)


async def ada(checks, keycloak):
    """Works, in the lifecycle that the client chooses; then loses a role."""
    connection = Connection("ada", "auto")
    with checks.check("from the bare address the client gets in, by its own choice of lifecycle"):
        async with connection.talk() as talk:
            since = time.monotonic()
            with checks.check("the browser saw our consent page, then Keycloak, then the client"):
                consent, provider, back = connection.browser.steps
                same(consent, f"{ORIGIN}/consent: Allow access to Kestra?")
                expect(provider.startswith(f"{keycloak.origin}/realms/e2e/"), provider)
                expect(back.endswith("/callback: Back at the client"), back)
            with checks.check("roles of Keycloak's access token open all tools to an editor"):
                same(await talk.tools(), offered("OSS"))
            await registers(checks, talk, connection.browser)
            with checks.check("the tools of Kestra Enterprise are there once it is known"):
                same(await talk.tools(), offered("EE"))
            with checks.check("an editor runs a flow"):
                flow = {"namespace": "company.team", "flow_id": "hello", "wait_seconds": 30}
                same((await talk.good("execute_flow", flow))["state"], "SUCCESS")
            await refreshes(checks, connection, talk, keycloak, since)
            await revokes(checks, connection, talk)


async def refreshes(checks, connection, talk, keycloak, since):
    with checks.check("when its access token is over, the client refreshes by itself; a lost role is gone"):
        keycloak.remove_role("ada", "editor")
        say(f"  … until the access token is {FRESH} s old")
        await asyncio.sleep(max(0, since + FRESH - time.monotonic()))
        given = connection.kept.given
        tools = await talk.tools()
        same((connection.kept.given, connection.sign_ins), (given + 1, 1))
        same(tools, READERS)
        same(await talk.refusal("execute_flow"), await talk.refusal("no_such_tool"))
        await talk.good("list_flows", {"namespace": "company.team"})


async def revokes(checks, connection, talk):
    with checks.check("a client that revokes its refresh token has to ask the person again"):
        same(connection.revoke(), 200)
        await asyncio.sleep(2)
        await talk.good("list_flows", {"namespace": "company.team"})
        same(connection.sign_ins, 2)


async def main():
    checks = Checks()
    keycloak = Keycloak()
    for part in [ben(checks), ada(checks, keycloak)]:
        await part
    return checks.end()


sys.exit(asyncio.run(main()))
