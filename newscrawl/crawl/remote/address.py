"""Which Redis may be used: one on this machine, or one that requires a password."""

from __future__ import annotations

import ipaddress
from importlib.util import find_spec
from typing import Any
from urllib.parse import SplitResult, urlsplit

from newscrawl.core.errors import StorageError, UsageError
from newscrawl.core.extras import install_hint
from newscrawl.core.urls import masked

EXAMPLE = "for example: --queue redis://127.0.0.1:6379/0"
# Longer than any of our commands takes. A Redis that has not replied by then counts as unreachable.
ANSWER_SECONDS = 10.0


def connect(url: str) -> Any:
    """A client for the Redis at `url`, which has replied.

    Raises UsageError for an address that may not be used, StorageError if Redis does not reply.
    """
    import redis

    check_address(url)
    client: Any = redis.Redis.from_url(url, **connection_options())
    try:
        client.ping()
    except redis.RedisError as error:
        raise unreachable(url, error) from error
    return client


def connection_options() -> dict[str, Any]:
    """The timeouts of a Redis client. It does not retry, because its callers handle failures."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        "retry_on_timeout": False,
        "retry": Retry(NoBackoff(), 0),
    }


def check_address(url: str) -> None:
    """Raises UsageError unless `url` is a Redis on loopback or has a password.

    The message does not contain the password.
    """
    try:
        parts = urlsplit(url)
        wrong = (
            parts.scheme not in ("redis", "rediss") or not parts.hostname or (parts.port or 1) < 1
        )
    except ValueError:
        raise UsageError(f"--queue {masked(url)}: not a valid URL", EXAMPLE) from None
    if wrong:
        raise UsageError(
            f"--queue {masked(url)}: expected redis://HOST:PORT/NUMBER, or rediss:// with TLS",
            EXAMPLE,
        )
    if not parts.password and not _on_loopback(parts):
        raise UsageError(
            f"--queue {masked(url)}: a Redis on another machine must have a password",
            "otherwise anyone could add pages:"
            " set requirepass there and NEWSCRAWL_QUEUE_PASSWORD here",
        )
    missing = [name for name in ("redis", "scrapy_redis") if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"--queue needs {missing[0]}, which is not installed", install_hint("redis")
        )


def unreachable(url: str, error: Exception) -> StorageError:
    """The error to raise if Redis does not reply."""
    said = " ".join(str(error).split())[:200]
    return StorageError(
        f"cannot use {masked(url)}: {said}",
        "check that it is running and that the password is correct",
    )


def _on_loopback(parts: SplitResult) -> bool:
    name = (parts.hostname or "").rstrip(".")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
