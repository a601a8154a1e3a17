#!/usr/bin/env python3
"""Observes Kestra's API in its published Python SDK and writes OpenAPI 3.0 (as JSON) to stdout.

    python3 -m venv /tmp/sdk && /tmp/sdk/bin/pip install --require-hashes -r openapi/requirements.txt
    /tmp/sdk/bin/python openapi/from_sdk.py kestrapy==2.0.3 > kestra.yml
    /tmp/sdk/bin/python openapi/from_sdk.py kestrapy==2.0.3 --sdist kestrapy-2.0.3.tar.gz > kestra.yml

For maintainers: no build runs this. The sdist must have the SHA-256 that is pinned below. Every
public method of every `...Api` class is called with two sets of sentinel arguments over a recording
session, so nothing is sent anywhere: what differs between the two requests comes from an argument.
A method that cannot be called, or a request that cannot be explained by its arguments, ends the run
with the list of all such methods. Same SDK, same bytes. `cargo codegen import` takes the result.
"""

import argparse
import contextlib
import datetime
import enum
import hashlib
import importlib
import inspect
import json
import os
import pkgutil
import re
import subprocess
import sys
import tarfile
import tempfile
import types
import typing
import urllib.parse
import warnings
from pathlib import Path

# A new SDK: add its sdist's SHA-256, as the package index states it.
PINS = {
    "kestrapy==1.3.1": "e3125396f7efb62adcd529daf8283307a921c9477b9976ddfe6a14b53b8df418",
    "kestrapy==2.0.3": "f60bf00f1f6a71b1920327a9617388a3b028e6f23f11c380241be61372841140",
}

# The SDK drops a leading "get" of an operationId. It goes back in front of the name of a GET method
# unless the name begins with one of these verbs.
VERBS = frozenset(
    "download evaluate export find follow generate get list open preview refresh search trigger".split()
)

# What a leaf of a filter needs.
FILTER = ("var_field", "operation", "value")

BASE = "http://kestra.invalid"


class CannotObserve(Exception):
    """A method whose request cannot be explained."""


# ---- the SDK -------------------------------------------------------------------------------------


def obtain(requirement, folder):
    """Downloads the pinned sdist; pip checks the hash before it unpacks anything."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{requirement} --hash=sha256:{PINS[requirement]}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--no-build-isolation", "--no-binary", ":all:", "--dest", str(folder)]
    subprocess.run([*command, "--requirement", str(wanted)], check=True, stdout=sys.stderr)
    return next(folder.glob("*.tar.gz"))


def unpack(sdist, requirement, folder):
    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    if digest != PINS[requirement]:
        sys.exit(f"{sdist}: SHA-256 is {digest}, pinned for {requirement} is {PINS[requirement]}")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / requirement.replace("==", "-")


def api_methods(package):
    """(class, name, function) of every public method, in module and source order."""
    base = importlib.import_module(f"{package}.base_api").BaseApi
    folder = importlib.import_module(f"{package}.api")
    for module in sorted(found.name for found in pkgutil.iter_modules(folder.__path__)):
        loaded = importlib.import_module(f"{folder.__name__}.{module}")
        for owner in vars(loaded).values():
            own = inspect.isclass(owner) and owner.__module__ == loaded.__name__
            if own and issubclass(owner, base):
                for name, function in vars(owner).items():
                    if inspect.isfunction(function) and not name.startswith("_"):
                        yield owner, name, function


# ---- sentinels -----------------------------------------------------------------------------------


def without_optional(hint):
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        members = [m for m in typing.get_args(hint) if m is not type(None)]
        if len(members) == 1:
            return without_optional(members[0])
    return hint


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def is_model(hint):
    return inspect.isclass(hint) and hasattr(hint, "model_fields")


def sentinel(name, hint, side):
    """A value of the type, another one on each side (0 and 1)."""
    hint = without_optional(hint)
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return sentinel(name, members[0], side)
    if origin in (list, set):
        return [sentinel(name, members[0], side), sentinel(name + "_", members[0], side)]
    if origin is dict:
        return {f"{{{name}}}": sentinel(name, members[1], side)}
    if origin in (typing.Union, types.UnionType):
        simple = [m for m in members if not is_model(m)] or list(members)
        return sentinel(name, simple[0], side)
    if origin is typing.Literal:
        return members[min(side, len(members) - 1)]
    if hint is typing.Any:
        return {f"{{{name}}}": side}
    if hint is str:
        return f"{{{camel(name)}}}" if side == 0 else f"<{camel(name)}>"
    if hint is bool:
        return side == 0
    if hint in (int, float):
        # Two numbers of its own for every name; hash() would differ from run to run.
        return hint(1000 + 2 * (int(hashlib.sha256(name.encode()).hexdigest(), 16) % 100_000) + side)
    if hint is bytes:
        return f"{name}{side}".encode()
    if hint is dict:
        return {f"{{{name}}}": side}
    if hint is list:
        return [side]
    if hint is datetime.datetime:
        return datetime.datetime(2001, 2, 3 + side, 4, 5, 6, tzinfo=datetime.timezone.utc)
    if hint is datetime.date:
        return datetime.date(2001, 2, 3 + side)
    if inspect.isclass(hint) and issubclass(hint, enum.Enum):
        values = list(hint)
        return values[min(side, len(values) - 1)]
    if is_model(hint):
        return model_sentinel(hint, side)
    raise CannotObserve(f"no sentinel for {name}: {hint}")


def model_sentinel(model, side):
    fields = {
        field: model_field(field, info.annotation, side)
        for field, info in model.model_fields.items()
        if info.is_required() or model.__name__ == "QueryFilter" and field in FILTER
    }
    return model(**fields)


def model_field(field, hint, side):
    hint = without_optional(hint)
    if hint is typing.Any:
        return f"value{side}"
    if hint is str or typing.get_origin(hint) is typing.Annotated:
        return f"{re.sub('[^a-z]', '', field)}{side}"  # names have patterns that want a small letter first
    return sentinel(field, hint, side)


# ---- recording -----------------------------------------------------------------------------------


class SecondRequest(BaseException):
    """Not an Exception: the SDK must not swallow it."""


def recording_session(requests):
    class Recording(requests.Session):
        def __init__(self):
            super().__init__()
            self.seen = []
            self.body = None

        def request(self, method, url, **given):
            if self.seen:
                raise SecondRequest
            self.seen.append((method, url, given))
            answer = requests.Response()
            answer.status_code = 200
            answer._content = b"{}"
            answer.headers["Content-Type"] = "application/json"
            return answer

    return Recording()


def pairs(params):
    """Query as (name, text) pairs, lists as repeated names."""
    items = params.items() if isinstance(params, dict) else params or []
    for name, value in items:
        for one in value if isinstance(value, (list, tuple, set)) else [value]:
            yield name, text(one)


def text(value):
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


class Request:
    """One request as it would have gone out."""

    def __init__(self, method, url, given, body):
        if not url.startswith(BASE):
            raise CannotObserve(f"address {url}")
        self.method = method.lower()
        self.segments = [urllib.parse.unquote(part) for part in url[len(BASE) :].split("/")[1:]]
        self.query = {}
        for name, value in pairs(given.get("params")):
            self.query.setdefault(name, []).append(value)
        self.headers = dict(given.get("headers") or {})
        self.accept = self.headers.pop("Accept", None)
        self.content_type = self.headers.pop("Content-Type", None)
        self.files = given.get("files")
        self.data = given.get("data")
        self.body = body
        known = {"params", "headers", "files", "data", "timeout", "stream", "allow_redirects"}
        unexplained = set(given) - known
        if unexplained:
            raise CannotObserve(f"request argument {sorted(unexplained)}")


def observe(base, requests, owner, function, arguments):
    session = recording_session(requests)
    api = owner(session, BASE)
    original = base._request

    def remembering(self, *given, **named):
        session.body = named.get("body")
        return original(self, *given, **named)

    base._request = remembering
    try:
        for _ in range(5):
            try:
                answer = function(api, **arguments)
                if inspect.isgenerator(answer):
                    next(answer, None)
                break
            except FileNotFoundError as fault:
                # An argument that names a file to send.
                Path(fault.filename).write_bytes(b"sentinel")
            except SecondRequest:
                raise CannotObserve("sends more than one request") from None
            except Exception:
                if session.seen:  # our empty answer is no answer of the type
                    break
                raise
    finally:
        base._request = original
    if not session.seen:
        raise CannotObserve("sends no request")
    return Request(*session.seen[0], session.body)


# ---- schemas -------------------------------------------------------------------------------------

PROSE = ("title", "description", "examples", "example")
KEPT = frozenset(
    "$ref additionalProperties allOf anyOf default deprecated discriminator enum exclusiveMaximum "
    "exclusiveMinimum format items maxItems maxLength maxProperties maximum minItems minLength "
    "minProperties minimum multipleOf not nullable oneOf pattern properties readOnly required type "
    "uniqueItems writeOnly".split()
)


def lowered(schema):
    """JSON Schema 2020-12 as pydantic writes it, brought down to OpenAPI 3.0."""
    if schema is True:
        return {}
    out = {key: value for key, value in schema.items() if key not in PROSE and key != "$defs"}
    if "const" in out:
        out["enum"] = [out.pop("const")]
    if out.get("type") == "null":
        return {"nullable": True}
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if bound in out and not isinstance(out[bound], bool):
            out[limit], out[bound] = out[bound], True
    if out.get("default", 0) is None:
        del out["default"]
    if "properties" in out:
        # `additional_properties` is the SDK's own catch-all, not a property on the wire.
        properties = {k: v for k, v in out["properties"].items() if k != "additional_properties"}
        out["properties"] = {name: lowered(inner) for name, inner in properties.items()}
        if not out["properties"]:
            del out["properties"]
    out.pop("propertyNames", None)
    for key in ("items", "additionalProperties", "not"):
        if isinstance(out.get(key), dict):
            out[key] = lowered(out[key])
    if out.get("additionalProperties") in (True, {}):
        out["additionalProperties"] = True
    for key in ("allOf", "oneOf", "anyOf"):
        if key in out:
            members = [lowered(member) for member in out[key]]
            some = [member for member in members if member != {"nullable": True}]
            if len(some) < len(members):
                out["nullable"] = True
            if [sorted(member) for member in some] == [["type"], ["type"]] and {
                member["type"] for member in some
            } == {"integer", "number"}:
                some = [{"type": "number"}]
            out[key] = some
            if len(some) == 1:
                del out[key]
                if "$ref" in some[0] and out:
                    out["allOf"] = some
                else:
                    out = {**some[0], **out}
    if "$ref" in out and len(out) > 1:
        out["allOf"] = [{"$ref": out.pop("$ref")}]
    unknown = set(out) - KEPT
    if unknown:
        raise CannotObserve(f"schema keyword {sorted(unknown)}")
    return out


class Schemas:
    """The components, each under its own name once."""

    def __init__(self, adapter):
        self.adapter = adapter
        self.named = {}
        self.models = {}

    def of(self, hint):
        hint = without_optional(hint)
        if hint is typing.Any:
            return {}
        if hint is bytes:
            return {"type": "string", "format": "binary"}
        whole = self.adapter(hint).json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
        definitions = dict(whole.get("$defs", {}))
        top = lowered(whole)
        if inspect.isclass(hint) and (is_model(hint) or issubclass(hint, enum.Enum)) and "$ref" not in top:
            definitions[hint.__name__] = whole
            top = {"$ref": f"#/components/schemas/{hint.__name__}"}
        for name, schema in definitions.items():
            schema = self.wrapper(name) or lowered(schema)
            if self.named.setdefault(name, schema) != schema:
                raise CannotObserve(f"two schemas named {name}")
        return top

    def wrapper(self, name):
        """A model that stands for one of several (`actual_instance`) is a oneOf on the wire."""
        model = self.models.get(name)
        if model is None or "actual_instance" not in model.model_fields:
            return None
        for key in ("one_of_schemas", "any_of_schemas"):
            if key in model.model_fields:
                names = sorted(model.model_fields[key].default)
                members = [
                    {"$ref": f"#/components/schemas/{member}"} if member in self.models else {}
                    for member in names
                ]
                for member in names:
                    if member in self.models and member not in self.named:
                        self.of(self.models[member])
                return {key.split("_")[0] + "Of": members}
        raise CannotObserve(f"{name} stands for no known schemas")


# ---- one operation -------------------------------------------------------------------------------


class Method:
    def __init__(self, owner, name, function):
        self.owner, self.name, self.function = owner, name, function
        hints = typing.get_type_hints(function)
        self.answer = hints.pop("return", None)
        self.hints, self.required = {}, []
        for parameter in list(inspect.signature(function).parameters.values())[1:]:
            if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                raise CannotObserve(f"argument {parameter}")
            self.hints[parameter.name] = hints[parameter.name]
            if parameter.default is parameter.empty:
                self.required.append(parameter.name)

    def arguments(self, side, names=None):
        names = self.hints if names is None else names
        return {name: sentinel(name, self.hints[name], side) for name in names}


def operation_id(method, http_method):
    name = method.name
    if http_method == "get" and name.split("_")[0] not in VERBS:
        name = "get_" + name
    return camel(name)


def same_text(value, wire):
    if isinstance(value, enum.Enum):
        return text(value).lower() == wire.lower()
    if isinstance(value, (datetime.datetime, datetime.date)):
        return wire[:10] == value.isoformat()[:10]
    return text(value) == wire


def explained(method, sides, wires):
    """Names of the arguments that have these texts on the two sides."""
    found = []
    for name in method.hints:
        values = [side[name] for side in sides]
        if all(same_text(value, wire) for value, wire in zip(values, wires)):
            found.append(name)
    return found


class Observer:
    def __init__(self, package):
        self.base = importlib.import_module(f"{package}.base_api").BaseApi
        self.requests = importlib.import_module("requests")
        pydantic = importlib.import_module("pydantic")
        self.schemas = Schemas(pydantic.TypeAdapter)
        models = importlib.import_module(f"{package}.models")
        for module in sorted(found.name for found in pkgutil.iter_modules(models.__path__)):
            loaded = importlib.import_module(f"{models.__name__}.{module}")
            for name, value in vars(loaded).items():
                if is_model(value) and value.__module__ == loaded.__name__:
                    self.schemas.models[name] = value

    def call(self, method, arguments):
        return observe(self.base, self.requests, method.owner, method.function, arguments)

    def operation(self, method):
        sides = [method.arguments(0), method.arguments(1)]
        full, other = (self.call(method, side) for side in sides)
        least = self.call(method, method.arguments(0, method.required))
        if (full.method, len(full.segments)) != (least.method, len(least.segments)):
            raise CannotObserve("optional arguments change the route")
        if (full.method, len(full.segments)) != (other.method, len(other.segments)):
            raise CannotObserve("values of arguments change the route")
        used = set()
        path, parameters = self.path(method, sides, full, other, used)
        parameters += self.query(method, sides, full, other, least, used)
        parameters += self.headers(method, sides, full, other, used)
        operation = {"operationId": operation_id(method, full.method), "parameters": parameters}
        body = self.body(method, sides, full, least, used)
        if body:
            operation["requestBody"] = body
        unused = set(method.hints) - used
        if unused:
            raise CannotObserve(f"no use seen of {sorted(unused)}")
        operation["responses"] = {"2XX": self.answer(method, full)}
        return full.method, path, operation

    def schema(self, hint):
        return self.schemas.of(hint)

    def path(self, method, sides, full, other, used):
        segments, parameters = [], []
        for here, there in zip(full.segments, other.segments):
            names = explained(method, sides, (here, there))
            if here == there and not names:
                if "{" in here or "<" in here:
                    raise CannotObserve(f"path segment {here}")
                segments.append(here)
                continue
            if len(names) != 1:
                raise CannotObserve(f"path segment {here}: arguments {names}")
            name = camel(names[0])
            used.add(names[0])
            segments.append(f"{{{name}}}")
            schema = self.schema(method.hints[names[0]])
            parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
        return "/" + "/".join(segments), parameters

    def query(self, method, sides, full, other, least, used):
        parameters, seen = [], set()
        for key, values in full.query.items():
            name = key.split("[")[0]
            if name in seen:
                continue
            seen.add(name)
            argument, joined = self.query_argument(method, sides, key, values, other.query.get(key, []), used)
            used.add(argument)
            schema = self.schema(method.hints[argument])
            parameter = {"name": name, "in": "query", "schema": schema}
            if any(other_key.split("[")[0] == name for other_key in least.query):
                parameter["required"] = True
            if joined:
                parameter["explode"] = False
            parameters.append(parameter)
        return parameters

    def query_argument(self, method, sides, key, here, there, used):
        if "[" in key:
            for argument, hint in method.hints.items():
                if "QueryFilter" in str(hint):
                    return argument, False
            raise CannotObserve(f"query {key}")
        candidates = []
        for argument, hint in method.hints.items():
            values = [side[argument] for side in sides]
            if all(isinstance(value, list) for value in values):
                texts = [[text(one) for one in value] for value in values]
                if texts == [here, there]:
                    candidates.append((argument, False))
                elif [[",".join(one)] for one in texts] == [here, there]:
                    candidates.append((argument, True))
            elif len(here) == 1 and len(there) == 1:
                if all(same_text(value, wire) for value, wire in zip(values, (here[0], there[0]))):
                    candidates.append((argument, False))
        named = [one for one in candidates if camel(one[0]) == key]
        if len(named) == 1:
            return named[0]
        if len(candidates) > 1:
            alone = []
            for argument, joined in candidates:
                names = [*method.required, argument] if argument not in method.required else method.required
                request = self.call(method, method.arguments(0, dict.fromkeys(names)))
                if argument not in method.required and key in request.query:
                    alone.append((argument, joined))
            candidates = alone or [one for one in candidates if one[0] not in used]
        if len(candidates) != 1:
            raise CannotObserve(f"query {key}: arguments {[one[0] for one in candidates]}")
        return candidates[0]

    def headers(self, method, sides, full, other, used):
        parameters = []
        for name, value in full.headers.items():
            names = explained(method, sides, (value, other.headers.get(name, "")))
            if len(names) != 1:
                raise CannotObserve(f"header {name}: arguments {names}")
            used.add(names[0])
            parameter = {"name": name, "in": "header", "schema": self.schema(method.hints[names[0]])}
            if names[0] in method.required:
                parameter["required"] = True
            parameters.append(parameter)
        return parameters

    def body(self, method, sides, full, least, used):
        left = [name for name in method.hints if name not in used]
        if full.files:
            media, schema = "multipart/form-data", self.parts(method, sides, full, left, used)
        elif full.data is None:
            return None
        elif full.content_type is None:
            raise CannotObserve("a body without a media type")
        else:
            media, schema = full.content_type, self.whole_body(method, sides, full, left, used)
        required = least.files is not None or least.data is not None
        return {"required": required, "content": {media: {"schema": schema}}}

    def parts(self, method, sides, full, left, used):
        files = list(full.files.items() if isinstance(full.files, dict) else full.files)
        fields = dict(full.data or {})
        schema = {"type": "object", "properties": {}}
        for name, (file_name, content, *_) in files:
            source = None
            for argument in left:
                value = sides[0][argument]
                if isinstance(value, dict) and name in value:
                    used.add(argument)
                    source = "any"
                elif isinstance(value, dict) and "{" + argument + "}" == name:
                    used.add(argument)
                    source = "any"
                elif value == content or (isinstance(value, str) and content == value.encode()):
                    used.add(argument)
                    source = "text" if file_name is None else "file"
                elif isinstance(value, dict) and argument == "file_content":
                    used.add(argument)
                    source = "file"
                elif file_name is not None and isinstance(value, str) and file_name == value:
                    used.add(argument)
                    source = source or "file"
            if source is None:
                raise CannotObserve(f"part {name}")
            if source == "any":
                schema["additionalProperties"] = True
            else:
                one = {"type": "string"} if source == "text" else {"type": "string", "format": "binary"}
                schema["properties"][name] = one
        for name, value in fields.items():
            names = [n for n in left if n not in used and same_text(sides[0][n], text(value))]
            if len(names) != 1:
                raise CannotObserve(f"form field {name}: arguments {names}")
            used.add(names[0])
            schema["properties"][name] = self.schema(method.hints[names[0]])
        if not schema["properties"]:
            del schema["properties"]
        return schema

    def whole_body(self, method, sides, full, left, used):
        if full.content_type != "application/json":
            if len(left) != 1:
                raise CannotObserve(f"body of arguments {left}")
            used.add(left[0])
            return {"type": "string"}
        if is_model(type(full.body)) and not (len(left) == 1 and sides[0][left[0]] is full.body):
            used.update(left)
            return self.schema(type(full.body))
        if len(left) == 1 and not self.keyed(full.body, sides[0][left[0]]):
            used.add(left[0])
            return {} if method.hints[left[0]] is str else self.schema(method.hints[left[0]])
        if isinstance(full.body, dict):
            properties = {}
            for name, value in full.body.items():
                names = [n for n in left if sides[0][n] == value or same_text(sides[0][n], text(value))]
                names = [n for n in names if camel(n) == name] or names
                if len(names) != 1:
                    raise CannotObserve(f"body property {name}: arguments {names}")
                used.add(names[0])
                properties[name] = self.schema(method.hints[names[0]])
            needed = sorted(camel(n) for n in method.required if camel(n) in properties)
            schema = {"type": "object", "properties": properties}
            return {**schema, "required": needed} if needed else schema
        raise CannotObserve(f"body of arguments {left}")

    @staticmethod
    def keyed(body, value):
        return isinstance(body, dict) and body is not value and value in body.values()

    @staticmethod
    def answer(method, full):
        if full.accept:
            media = [one.strip() for one in full.accept.split(",")]
        elif method.answer in (None, type(None)):
            return {"description": ""}
        elif getattr(method.answer, "__name__", "") == "Response":
            media = ["*/*"]
        else:
            media = ["application/json"]
        return {"description": "", "content": {one: {} for one in media}}


# ---- all of them ---------------------------------------------------------------------------------


def merge(first, second):
    """Two methods of one route: what either can send."""
    known = {(p["in"], p["name"]) for p in first["parameters"]}
    first["parameters"] += [p for p in second["parameters"] if (p["in"], p["name"]) not in known]
    common = {(p["in"], p["name"]) for p in second["parameters"] if p.get("required")}
    for parameter in first["parameters"]:
        if parameter["in"] != "path" and (parameter["in"], parameter["name"]) not in common:
            parameter.pop("required", None)
    if "requestBody" in second:
        body = first.setdefault("requestBody", second["requestBody"])
        for media, content in second["requestBody"]["content"].items():
            body["content"].setdefault(media, content)
    for media, content in second["responses"]["2XX"].get("content", {}).items():
        first["responses"]["2XX"].setdefault("content", {}).setdefault(media, content)


def describe(package, version):
    observer = Observer(package)
    paths, routes, ids, faults = {}, {}, {}, []
    for owner, name, function in api_methods(package):
        try:
            http_method, path, operation = observer.operation(Method(owner, name, function))
        except Exception as fault:  # all faults in one run
            faults.append(f"{owner.__name__}.{name}: {type(fault).__name__}: {fault}")
            continue
        route = (http_method, re.sub(r"\{[^}]*\}", "{}", path))
        if route in routes:
            merge(routes[route], operation)
            continue
        routes[route] = operation
        twin = ids.setdefault(operation["operationId"], f"{owner.__name__}.{name}")
        if twin != f"{owner.__name__}.{name}":
            faults.append(f"{owner.__name__}.{name}: operationId also of {twin}")
        paths.setdefault(path, {})[http_method] = operation
    if faults:
        sys.exit("cannot observe\n  " + "\n  ".join(faults))
    return {
        "openapi": "3.0.3",
        "info": {"title": package, "version": version, "x-sdist-sha256": PINS[f"{package}=={version}"]},
        "paths": paths,
        "components": {"schemas": observer.schemas.named},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("requirement", choices=sorted(PINS), metavar="PACKAGE==VERSION")
    parser.add_argument("--sdist", type=Path, help="a downloaded sdist; its SHA-256 is checked")
    given = parser.parse_args()
    package, version = given.requirement.split("==")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        sdist = given.sdist.absolute() if given.sdist else obtain(given.requirement, folder)
        sys.path.insert(0, str(unpack(sdist, given.requirement, folder)))
        sys.dont_write_bytecode = True
        warnings.simplefilter("ignore")
        scratch = folder / "scratch"
        scratch.mkdir()
        with contextlib.chdir(scratch):
            description = describe(package, version)
    json.dump(description, sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
