"""Connections to other people's archives, direct or through the proxy of the environment.

Bodies are those of the wire. Redirects are not followed, and nothing is repeated: whoever asks
decides about both.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3


class Connections:
    """Keeps one connection open for each host, and the headers that every request has."""

    def __init__(self, user_agent: str, timeout_seconds: float) -> None:
        self._headers = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        self._timeout = urllib3.Timeout(connect=timeout_seconds, read=timeout_seconds)
        self._pools: dict[str, urllib3.PoolManager] = {}

    def close(self) -> None:
        """Closes the connections."""
        for pool in self._pools.values():
            pool.clear()

    def request(
        self, url: str, headers: Mapping[str, str], method: str = "GET"
    ) -> urllib3.BaseHTTPResponse:
        """The response, whose body is not read yet. Raises what urllib3 raises."""
        return self._pool(url).request(
            method,
            url,
            headers={**self._headers, **headers},
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=self._timeout,
        )

    def _pool(self, url: str) -> urllib3.PoolManager:
        proxy = _proxy_of(url)
        if proxy not in self._pools:
            is_direct = not proxy
            self._pools[proxy] = urllib3.PoolManager() if is_direct else urllib3.ProxyManager(proxy)
        return self._pools[proxy]


def _proxy_of(url: str) -> str:
    """The proxy for an address; empty for none."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme, "")
    if not proxy or proxy_bypass(parts.netloc):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


def not_connected(error: urllib3.exceptions.NewConnectionError, place: str) -> str:
    """`cannot connect to http://127.0.0.1:1 (Connection refused)`."""
    parts = urlsplit(place)
    host = parts.netloc.rpartition("@")[2]  # without a password
    return f"cannot connect to {parts.scheme}://{host} ({_cause_of(error)})"


def _cause_of(error: urllib3.exceptions.NewConnectionError) -> str:
    """Why there is no connection: `Connection refused`."""
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return "the host name cannot be resolved"
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(error)
