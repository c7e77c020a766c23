"""What a worker gets as `ctx` when its function names one parameter more: what the host does for it."""

from hanabi_runner.ctx.fetch import FetchError, Fetcher, body_bytes, header_pairs
from hanabi_runner.failure import named


class Context:
    __slots__ = ("_fetcher",)

    # So that a worker can write `except ctx.FetchError`, with nothing to import.
    FetchError = FetchError

    def __init__(self, channel):
        self._fetcher = Fetcher(channel)

    def fetch(self, url, method="GET", headers=None, body=None):
        """One HTTP request, made by the host: {"status": int, "headers": dict, "body": bytes}.

        Any thread may call it. Raises FetchError, whose `code` says why, when there is no answer; an answer with a
        status such as 404 is an answer.
        """
        for name, value in (("url", url), ("method", method)):
            if not isinstance(value, str):
                raise TypeError(f"the {name} of ctx.fetch is {named(value)}, not str")
        return self._fetcher.fetch(method.upper(), url, header_pairs(headers), body_bytes(body))
