"""`ctx` of a service. Every part is a facade whose members are functions: what they hold is in their closures, where no
attribute leads."""

from hanabi_runner.ctx.connectors import make_connectors
from hanabi_runner.ctx.host import Host
from hanabi_runner.ctx.log import make_log
from hanabi_runner.failure import named
from hanabi_runner.restrict.facades import Facade


def make_service_context(channel):
    """ctx, and the function that writes a line into the log."""
    host = Host(channel)
    log, write_line = make_log(host)
    parts = {
        "state": _state(host),
        "log": log,
        "files": _files(host),
        "http": _http(host),
        "monitor": _monitor(host),
        **make_connectors(host),
    }
    return Facade("ctx", {name: Facade(f"ctx.{name}", members) for name, members in parts.items()}), write_line


def _text(value, what):
    if not isinstance(value, str):
        raise TypeError(f"{what} is {named(value)}, not str")
    return value


def _state(host):
    def get(key, default=None):
        """The value of a key, or the default."""
        found = host.must("state.get", key=_text(key, "a key of ctx.state"))
        return found["value"] if found["found"] else default

    def set(key, value):
        """Keeps any JSON value. It is safe on the disk when this returns."""
        host.must("state.set", key=_text(key, "a key of ctx.state"), value=value)

    def delete(key):
        host.must("state.delete", key=_text(key, "a key of ctx.state"))

    def keys():
        return host.must("state.keys")

    def get_all():
        return {key: get(key) for key in keys()}

    return {"get": get, "set": set, "delete": delete, "keys": keys, "get_all": get_all}


def _files(host):
    def list(folder=""):
        return host.told("files.list", folder=_text(folder, "a folder of ctx.files"))

    def read(path):
        """The text of a file, or a dict with an "error" key."""
        return host.told("files.read", path=_text(path, "a path of ctx.files"))

    def write(path, content):
        return host.told("files.write", path=_text(path, "a path of ctx.files"), content=_text(content, "the content"))

    def delete(path):
        return host.told("files.delete", path=_text(path, "a path of ctx.files"))

    return {"list": list, "read": read, "write": write, "delete": delete}


def _http(host):
    def request(method, url, headers, body):
        return host.told("http.request", method=method, url=_text(url, "an address"), headers=headers or {}, body=body)

    def get(url, headers=None):
        """{"status", "headers", "body"}, or a dict with an "error" key."""
        return request("GET", url, headers, None)

    def post(url, body="", headers=None):
        return request("POST", url, headers, _text(body, "the body"))

    return {"get": get, "post": post}


def _monitor(host):
    def show(kind):
        def widget(name, value):
            host.must("monitor.set", name=_text(name, "the name of a widget"), kind=kind, value=value)

        return widget

    members = {kind: show(kind) for kind in ("number", "text", "table", "line_chart")}
    members["clear"] = lambda name: host.must("monitor.clear", name=_text(name, "the name of a widget"))
    return members
