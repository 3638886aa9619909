"""Workers and a collector on a real Redis: what they make together is the archive of a plain crawl."""

from __future__ import annotations

import os
import pickle
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from newscrawl.archive.verify import verify
from newscrawl.core.records import Task
from newscrawl.crawl.remote.lease import pinned
from newscrawl.crawl.remote.messages import BadMessage, order_of, read_answer, read_order
from newscrawl.crawl.remote.queue import ASIDE, GROUP, RUN, Queue, run_of
from newscrawl.demo.server import DemoServer
from tests.support import forked
from tests.support.crawling import QUICK, crawl, newscrawl, query
from tests.support.forked import Running
from tests.support.normalised import differences
from tests.support.queueing import Crew, Timed, client, crew, finished, redis_server

pytestmark = pytest.mark.needs("redis-server")
DELAY = 0.1
LONG_DELAY = 0.4
# Times are taken where the newspaper counts. A first connection and a busy machine make one request late, and the gap
# behind it shorter: so either many gaps are taken together, or the delay is long beside that.
TOLERANCE = 0.2


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer() as running:
        yield running


@pytest.fixture
def paper(server: DemoServer) -> tuple[str, Timed]:
    """The newspaper's address, and the times at which it is asked in this test."""
    server.requests = timed = Timed()
    return server.base_url, timed


@pytest.fixture
def queue_url(tmp_path: Path) -> Iterator[str]:
    with redis_server(tmp_path) as url:
        yield url


@pytest.fixture
def redis(queue_url: str) -> Iterator[Any]:
    with closing(client(queue_url)) as opened:
        yield opened


@pytest.fixture(scope="module")
def plain(server: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of a plain crawl."""
    folder = tmp_path_factory.mktemp("plain")
    crawl(server, folder)
    return folder


@pytest.fixture
def quick(tmp_path: Path, queue_url: str, paper: tuple[str, Timed]) -> Iterator[Crew]:
    with crew(tmp_path, queue_url, paper[0], *QUICK) as made:
        yield made


def same(plain: Path, archive: Path, *leave_out: str) -> list[str]:
    """What differs from a plain crawl, and what is wrong with the archive."""
    return differences(plain, archive, leave_out=frozenset(leave_out)) + [
        str(flaw) for flaw in verify(archive)
    ]


def twice(archive: Path) -> list[tuple[Any, ...]]:
    """Fetches of articles that are stored more than once; category pages each run may ask for, in one second too."""
    return query(
        archive,
        "SELECT url, fetched_at, count(*) FROM captures WHERE kind = 'article' GROUP BY 1, 2 HAVING count(*) > 1",
    )


def test_two_workers_and_a_collector_make_the_archive_of_a_crawl(
    quick: Crew, paper: tuple[str, Timed], plain: Path, redis: Any
) -> None:
    collector, workers = quick.collector("--json"), [quick.worker("--json"), quick.worker("--json")]
    out, _ = finished(collector)
    assert '"new": 79' in out
    fetched = sum(
        int(finished(worker)[0].split('"answers": ')[1].split(",")[0]) for worker in workers
    )
    assert fetched == 98
    assert same(plain, quick.archive) == []
    assert {count for path, count in paper[1].items() if path != "/robots.txt"} == {1}, (
        "a page was fetched twice"
    )
    left = {
        key for key in redis.keys("newscrawl:*") if b":lease:" not in key
    }  # a lease ends by itself
    assert left == {RUN.encode()}, "an ended run leaves nothing behind"
    again = quick.collector("--json", "--max-pages", "1")
    finished(quick.worker())
    assert '"new": 0' in finished(again)[0]


def test_killed_worker_and_killed_collector_lose_nothing_and_the_host_notices_neither(
    tmp_path: Path, queue_url: str, paper: tuple[str, Timed], plain: Path
) -> None:
    base_url, timed = paper
    with crew(tmp_path, queue_url, base_url, "--set", f"DOWNLOAD_DELAY={DELAY}") as made:
        collector, workers = made.collector(), [made.worker(), made.worker()]
        timed.wait_for(25)
        busy, other = _by_lease(queue_url, workers)
        busy.kill()
        timed.wait_for(50)
        collector.kill()
        collector.communicate()
        _, said = finished(made.collector())
        assert "was killed" in said
        finished(other)
        assert same(plain, made.archive) == []
        assert twice(made.archive) == []
    assert timed.shortest_gap(of=10) >= 10 * DELAY - TOLERANCE


def _by_lease(queue_url: str, workers: list[Running]) -> tuple[Running, Running]:
    """The worker that has the site, and the one that waits for it."""
    with closing(client(queue_url)) as redis:
        holder = redis.get(
            Queue(redis, redis.hget(RUN, "id").decode()).key("lease", "demo")
        ).decode()
    busy = next(worker for worker in workers if f"-{worker.pid}-" in holder)
    return busy, next(worker for worker in workers if worker is not busy)


def test_worker_that_slept_sends_nothing_once_another_has_its_site(
    tmp_path: Path, queue_url: str, paper: tuple[str, Timed]
) -> None:
    base_url, timed = paper
    with crew(tmp_path, queue_url, base_url, "--set", f"DOWNLOAD_DELAY={LONG_DELAY}") as made:
        collector, workers = (
            made.collector("--limit", "10", "--max-pages", "1"),
            [made.worker(), made.worker()],
        )
        timed.wait_for(4)
        busy, other = _by_lease(queue_url, workers)
        busy.send_signal(signal.SIGSTOP)
        timed.wait_for(8)
        busy.send_signal(signal.SIGCONT)
        for each in (collector, busy, other):
            finished(each)
        assert query(made.archive, "SELECT count(*) FROM articles WHERE state = 'stored'") == [
            (10,)
        ]
        assert list(verify(made.archive)) == []
    assert timed.shortest_gap() >= LONG_DELAY - TOLERANCE


FAULTS = (
    ("NEWSCRAWL_TEST_KILL", "after_commit:6", -signal.SIGKILL),
    ("NEWSCRAWL_TEST_KILL", "after_warc:30", -signal.SIGKILL),
    ("NEWSCRAWL_TEST_FAIL", "12", 4),  # the disk is full
)


def test_answer_that_was_stored_but_not_acknowledged_is_not_stored_again(
    quick: Crew, queue_url: str, paper: tuple[str, Timed], plain: Path
) -> None:
    worker = quick.worker()
    args = ("collect", "demo", "--queue", queue_url, "--base-url", paper[0])
    for fault, value, code in FAULTS:
        ended = forked.run(
            "tests.support.crashing", "--archive", str(quick.archive), *args, env={fault: value}
        )
        assert ended.returncode == code, ended.stderr
    finished(quick.collector())
    finished(worker)
    assert same(plain, quick.archive) == []
    assert twice(quick.archive) == []
    fetched = {
        path: count for path, count in paper[1].items() if "/trang-1." not in path
    }  # each run asks for these
    assert set(fetched.values()) == {1}, "a page was fetched twice"


def test_redis_that_loses_everything_loses_nothing_of_the_archive(
    quick: Crew, redis: Any, paper: tuple[str, Timed], plain: Path
) -> None:
    collector, worker = quick.collector(), quick.worker()
    paper[1].wait_for(30)
    redis.flushall()
    _, said = finished(collector)
    assert "Redis has lost the queue" in said
    finished(worker)
    assert same(plain, quick.archive) == []


def test_lost_connections_lose_no_order_and_no_answer(
    quick: Crew, redis: Any, paper: tuple[str, Timed], plain: Path
) -> None:
    collector, worker = quick.collector(), quick.worker()
    for number in (10, 25, 40, 55, 70):
        paper[1].wait_for(number)
        redis.client_kill_filter(_type="normal", skipme=True)
    finished(collector)
    finished(worker)
    assert same(plain, quick.archive) == []
    assert twice(quick.archive) == []


# Times that cannot be converted to UTC, and times from which no next visit can be computed.
OUT_OF_RANGE = (
    b"0001-01-01T00:00:00+14:00",
    b"9999-12-31T23:00:00-10:00",
    b"9999-12-31T23:59:59Z",
    b"1989-12-31T23:59:59Z",
)


class Bomb:
    """Runs a command in whoever unpickles it."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.target}",)


def test_garbage_in_the_stream_is_set_aside_and_told(
    quick: Crew, redis: Any, tmp_path: Path, plain: Path
) -> None:
    bomb = tmp_path / "bomb"
    page = '{"site": "demo", "order": "http://other.example/", "fault": {"code": "dns", "message": "no"}}'
    garbage: list[dict[str, bytes]] = [
        {"head": pickle.dumps(Bomb(bomb)), "body": pickle.dumps(Bomb(bomb))},
        {"item": b"{}"},
        {
            "head": b'{"site": "elsewhere", "order": "x", "fault": {"code": "dns", "message": "no"}}',
            "body": b"",
        },
        {"head": page.encode(), "body": b""},
    ]
    collector = quick.collector()
    run = _run(redis)
    for fields in garbage:
        redis.xadd(run.key("answers"), fields)
    worker = quick.worker()
    finished(collector)
    finished(worker)
    assert not bomb.exists()
    assert redis.xlen(ASIDE) == len(garbage)
    told = query(
        quick.archive,
        "SELECT stage, code, message FROM problems WHERE code = 'bad_message' ORDER BY id",
    )
    assert [row[:2] for row in told] == [("queue", "bad_message")] * len(garbage)
    assert "does not belong to the site" in told[3][2]
    assert "bad_message" in newscrawl("problems", archive=quick.archive).stdout
    assert same(plain, quick.archive, "page problems") == []


def test_answer_with_a_date_out_of_range_is_set_aside_at_once(
    quick: Crew, redis: Any, paper: tuple[str, Timed], plain: Path
) -> None:
    collector = quick.collector()
    run = _run(redis)
    order = f"{paper[0]}/kinh-te/trang-1.html"
    for moment in OUT_OF_RANGE:
        received = b'{"url": "%s", "status": 200, "fetched_at": "%s"}' % (order.encode(), moment)
        head = b'{"site": "demo", "order": "%s", "received": %s}' % (order.encode(), received)
        redis.xadd(run.key("answers"), {"head": head, "body": b""})
    worker = quick.worker()
    finished(collector)
    finished(worker)
    assert redis.xlen(ASIDE) == len(OUT_OF_RANGE)
    told = query(quick.archive, "SELECT message FROM problems WHERE code = 'bad_message'")
    assert [message.partition(":")[0] for (message,) in told] == ["received.fetched_at"] * 4
    assert same(plain, quick.archive, "page problems") == []


def _run(redis: Any) -> Queue:
    """The run of a collector that is just starting."""
    while not redis.hexists(RUN, "id") or not redis.exists(
        f"newscrawl:{redis.hget(RUN, 'id').decode()}:answers"
    ):
        redis.blpop("nothing", 0.05)
    return Queue(redis, redis.hget(RUN, "id").decode())


def test_workers_wait_while_the_collector_is_behind(
    quick: Crew, redis: Any, paper: tuple[str, Timed]
) -> None:
    queue = Queue(redis, "behind")
    queue.open("nobody", {"demo": paper[0]})
    pages = [f"{paper[0]}/nothing/{number}.html" for number in range(20)]
    queue.give("demo", [order_of(Task(site="demo", url=url, kind="article")) for url in pages])
    worker = quick.worker("--set", "NEWSCRAWL_MOST_WAITING=3", "--set", "CONCURRENT_REQUESTS=1")
    most = answered = 0
    while answered < 21:  # robots.txt too
        for entry, _ in redis.xreadgroup(
            GROUP, "slow", {queue.key("answers"): ">"}, count=1, block=30_000
        )[0][1]:
            most = max(most, queue.look()[1])
            answered += 1
            queue.done([entry])
    queue.end()
    finished(worker)
    assert most <= 4


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://10.0.0.1:6379/0", "must have a password"),
        ("redis://user@redis.example/0", "must have a password"),
        ("http://127.0.0.1/", "expected redis://"),
        ("redis://127.0.0.1:x/0", "not a valid URL"),
    ],
)
@pytest.mark.parametrize("command", [("crawl",), ("collect", "demo")])
def test_redis_elsewhere_without_a_password_is_refused(
    tmp_path: Path, command: tuple[str, ...], url: str, said: str
) -> None:
    done = newscrawl(*command, "--queue", url, archive=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr.splitlines()[0]
    assert not (tmp_path / "newscrawl.db").exists()


def test_password_is_taken_from_the_environment_and_never_shown(tmp_path: Path) -> None:
    env = {"NEWSCRAWL_QUEUE_PASSWORD": "secret/word"}
    with closing(socket.socket()) as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{closed.getsockname()[1]}/0"
        done = newscrawl("collect", "demo", "--queue", url, archive=tmp_path, env=env)
    assert done.returncode == 4
    assert done.stderr.startswith("error: cannot use redis://***@127.0.0.1")
    assert "secret" not in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--max-pages", "1"), "--max-pages cannot be used with --queue"),
        (("--category", "1"), "--category cannot be used with --queue"),
        (("--dry-run",), "--dry-run cannot be used with --queue"),
        (("https://bnews.vn/",), "the collector decides what is fetched"),
    ],
)
def test_worker_refuses_options_of_the_collector(
    tmp_path: Path, args: tuple[str, ...], said: str
) -> None:
    done = newscrawl("crawl", "--queue", "redis://127.0.0.1:1/0", *args, archive=tmp_path)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_one_queue_serves_one_archive_and_workers_know_their_site(
    quick: Crew, redis: Any, queue_url: str, tmp_path: Path
) -> None:
    collector = quick.collector()
    _run(redis)
    _, said = finished(quick.collector(archive=tmp_path / "second"), 75)
    assert "this queue is in use by" in said
    elsewhere = newscrawl("crawl", "demo", "--queue", queue_url, archive=tmp_path / "nothing")
    assert elsewhere.returncode == 2
    assert "--base-url" in elsewhere.stderr
    collector.send_signal(signal.SIGTERM)
    finished(collector, 6)


def test_sites_are_shared_out_and_a_new_worker_moves_few() -> None:
    sites = [f"site{number}" for number in range(100)]
    three = {site: pinned(site, ["a", "b", "c"]) for site in sites}
    four = {site: pinned(site, ["d", "c", "b", "a"]) for site in sites}
    assert min(list(three.values()).count(worker) for worker in "abc") > 20
    assert {four[site] for site in sites if four[site] != three[site]} == {"d"}


def test_a_run_is_taken_up_by_its_own_archive_alone(redis: Any) -> None:
    run = run_of(redis, "here")
    run.open("here", {"demo": "http://x"})
    assert run_of(redis, "here") == run
    assert run_of(redis, "there").run != run.run


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[]",
        b'{"site": "demo"}',
        b'{"site": "demo", "fault": {"code": "dns", "message": "x"}}',
        b'{"site": "../x", "order": "http://x/", "fault": {"code": "dns", "message": "x"}}',
        b'{"site": "demo", "order": "http://x/", "fault": {"code": "DROP TABLE", "message": "x"}}',
        b'{"site": "demo", "order": "http://x/", "received": {"url": "http://x/", "status": 7}}',
        b'{"site": "demo", "order": "http://x/", "fault": {"code": "dns", "message": "x"}, "run": "os.system"}',
        *(
            b'{"site": "demo", "order": "http://x/",'
            b' "received": {"url": "http://x/", "status": 200, "fetched_at": "%s"}}' % moment
            for moment in OUT_OF_RANGE
        ),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(head: bytes) -> None:
    with pytest.raises(BadMessage):
        read_answer({b"head": head, b"body": b""})


def test_an_order_says_nothing_but_an_address_and_validators() -> None:
    task = Task(
        site="demo",
        url="http://x/",
        kind="article",
        article_id=1,
        etag='"a"',
        last_modified="yesterday",
    )
    order = read_order(order_of(task).encode())
    assert order is not None
    assert (order.url, order.etag, order.last_modified) == (task.url, task.etag, task.last_modified)
    assert read_order(b'{"url": "http://x/", "method": "POST"}') is None
