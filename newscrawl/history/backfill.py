"""Fills an archive with what another archive has of a site.

The index of the other archive is asked first, and what it lists is planned in the database. Then
the planned captures are fetched one after the other. Each answer is kept in the plan at once, and
stored as a page together with others (see importing.py). So a run that is killed resumes where it
was, and requests nothing twice.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from newscrawl.core.errors import ArchiveDamaged, SiteFailed, Stopped
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import Origin
from newscrawl.core.times import to_utc_text
from newscrawl.history.downloads import download
from newscrawl.history.foreign import Broken, records
from newscrawl.history.http_message import Message, with_record
from newscrawl.history.importing import GONE, PAGES, Imported, Importer, Taken, page_of_record
from newscrawl.history.politeness import Enough, PoliteClient, Unavailable
from newscrawl.history.selection import Selection, chosen
from newscrawl.history.sources import CaptureSource, IndexRefused, Listed, NotThere, Source
from newscrawl.history.targets import Target, Targets
from newscrawl.sites.site import Site
from newscrawl.store.write.backfills import FILE, PART, STORED, UNKNOWN_END, Planned
from newscrawl.store.write.history import HeldCapture
from newscrawl.store.write.revisits import Revisit
from newscrawl.store.write.store import Store
from newscrawl.warc import read_at
from newscrawl.warc.records import digest

# Answers that are stored as pages together: an article that several of them show is derived once.
GROUP_PAGES, GROUP_BYTES = 50, 16 * 2**20
TRIES = 2  # of a capture in one run, each with the retries of its request
# After so many captures in a row without an answer, the archive is left alone.
MOST_FAILURES_IN_A_ROW = 10


@dataclass(slots=True, kw_only=True)
class Plan:
    """What a backfill will fetch.

    `captures` are those that are not in the archive yet. The bytes of `same` of them are known by
    their digest, or will be once others are fetched; `unread` hosts are not listed by the index.
    """

    articles: int = 0
    listings: int = 0
    files: int = 0
    same: int = 0
    index_requests: int = 0
    unread: list[str] = field(default_factory=list)

    @property
    def captures(self) -> int:
        return self.articles + self.listings

    @property
    def requests(self) -> int:
        """How many requests are to be made, if none has to be repeated."""
        return self.captures + self.files - self.same

    def seconds(self, delay_seconds: float) -> float | None:
        """How long these requests take at least, with a pause between two of them.

        None for large files: their download takes longer than the pauses.
        """
        return None if self.files else self.requests * delay_seconds


@dataclass(slots=True, kw_only=True)
class Backfilled:
    """What a backfill did, and how it ended.

    `absent` counts listed captures that the archive did not give, `failed` requests without an
    answer, by reason code. `left` captures are still to be fetched.
    """

    imported: Imported = field(default_factory=Imported)
    absent: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    left: int = 0
    reason: str = "finished"
    message: str = ""

    @property
    def exit_code(self) -> int:
        """0 if nothing is left, 3 if the archive gave little or nothing, 6 if a rest is left."""
        if self.reason == "unavailable" or self.failed.total() > self.imported.pages + self.known:
            return SiteFailed.exit_code
        if self.left or self.reason != "finished":
            return Stopped.exit_code
        return 0

    @property
    def known(self) -> int:
        return self.imported.known


class Backfill:
    """A backfill of one site from one source; the caller holds the archive's lock.

    `targets` tells what an address is to newscrawl; `label` names the backfill in messages.
    """

    def __init__(
        self,
        folder: Path,
        store: Store,
        source: Source,
        client: PoliteClient,
        *,
        site: Site,
        targets: Targets,
        selection: Selection,
        endpoint: str | None = None,
    ) -> None:
        self._folder, self._store, self._source, self._client = folder, store, source, client
        self._site, self._targets, self._selection = site, targets, selection
        self._endpoint = endpoint
        self._plans = store.backfills
        self.label = f"{site.name} from {source.title}"

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return self._client.requests

    @property
    def has_endpoint(self) -> bool:
        """Whether the requests go to another server than that of the source."""
        return self._endpoint is not None

    def plan(self) -> Plan:
        """Asks the index for what it was not asked yet, and returns what is to be fetched.

        Raises Unavailable or Enough if the index cannot be read to its end; what was read is kept.
        """
        self._store.categories.put_site(self._site.as_row())
        before = self._client.requests
        plan = Plan()
        selection = self._selection
        questions = self._source.questions(
            self._client, self, self._site, selection.span, selection.urls
        )
        for question in questions:
            try:
                self._read_index(question)
            except IndexRefused as error:
                plan.unread.append(f"{question}: {error}")
                self._note(question, None, is_done=True)
        self._plans.find_known(self._site.name, self._source.name)
        self._store.flush()
        plan.index_requests = self._client.requests - before
        _count(plan, [one for one in self._open() if one.state != "fetched"])
        return plan

    def read(self, name: str) -> str | None:
        """A note of the source; see sources.Notes."""
        text, is_done = self._plans.resume_at(self._site.name, self._source.name, self._key(name))
        return text if is_done else None

    def write(self, name: str, text: str) -> None:
        """Keeps a note of the source."""
        self._note(name, text, is_done=True)

    def _note(self, name: str, text: str | None, *, is_done: bool) -> None:
        site, source = self._site.name, self._source.name
        self._plans.add(site, source, self._key(name), (), resume_at=text, is_done=is_done)

    def _key(self, question: str) -> str:
        """The question as the plan knows it: another endpoint may have another index."""
        return f"{self._endpoint} {question}" if self._endpoint else question

    def _read_index(self, question: str) -> None:
        site, source = self._site.name, self._source.name
        resume_at, is_done = self._plans.resume_at(site, source, self._key(question))
        while not is_done:
            part = self._source.ask(self._client, question, resume_at)
            resume_at = part.resume_at
            is_done = resume_at is None
            found = filter(None, map(self._planned, part.captures))
            self._plans.add(
                site, source, self._key(question), found, resume_at=resume_at, is_done=is_done
            )

    def _planned(self, listed: Listed) -> Planned | None:
        """A listed capture as it is planned; None if it is not wanted."""
        if listed.file:
            return self._planned_file(listed)
        target = self._target(listed.url)
        if target is None or not self._selection.span.includes(listed.captured_at):
            return None
        if listed.status is not None and listed.status not in PAGES:
            is_missing = listed.status in GONE and target.kind == "article"
            if not is_missing:
                return None
        return Planned(
            site=self._site.name,
            source=self._source.name,
            url=listed.url,
            captured_at=listed.captured_at,
            kind=target.kind,
            key=target.key,
            page=target.page,
            status=listed.status,
            digest=listed.digest,
            address=listed.address,
            offset=listed.offset,
            length=listed.length,
            state="done" if listed.cut else "planned",
            outcome="cut" if listed.cut else None,
        )

    def _planned_file(self, listed: Listed) -> Planned:
        """A file as it is planned, whatever is wanted now: the list of files is not read again."""
        return Planned(
            site=self._site.name,
            source=self._source.name,
            url=listed.url,
            captured_at=listed.captured_at,
            kind=FILE,
            key=to_utc_text(listed.ends_at) if listed.ends_at else UNKNOWN_END,
            address=listed.address,
        )

    def _target(self, url: str) -> Target | None:
        target = self._targets.of(url)
        return target if target is not None and target.site.name == self._site.name else None

    def _open(self) -> list[Planned]:
        """The captures that are still to be fetched or stored, in the order of fetching."""
        site, source = self._site.name, self._source.name
        span = self._selection.span
        found = self._plans.open(site, source, span.since, span.until, self._selection.key)
        taken = [] if self._selection.captures == "all" else self._plans.taken(site, source)
        categories = self._selection.categories
        of_categories = None
        if categories is not None:
            of_categories = self._plans.of_categories(site, categories)
        return chosen(self._selection, found, taken, of_categories, self._site.timezone)

    def fetch(self, now: datetime, tick: Callable[[], None] = lambda: None) -> Backfilled:
        """Fetches and stores what is planned; `tick` is called for each capture.

        Raises nothing that a further run can mend.
        """
        done = Backfilled()
        with Importer.opened(self._folder, self._store, now, done.imported) as importer:
            run = _Run(self, importer, done, tick)
            try:
                # Category pages show further articles, one capture may have to stand in for
                # another one, and what failed may work a while later.
                while captures := run.untried(self._open()):
                    run.go_through(captures)
            except Enough as error:
                done.reason, done.message = error.reason, error.message
            except Unavailable as error:
                done.reason, done.message = "unavailable", error.message
            run.store_group()
            importer.resolve_revisits(self._targets)
        done.left = len(self._open())
        if done.reason == "finished":
            # What failed often enough remains planned, but must not hold up what is new.
            self._plans.finish(
                self._site.name, self._source.name, lambda key: self._is_final(key, now)
            )
        done.requests = self._client.requests
        return done

    def _is_final(self, key: str, now: datetime) -> bool:
        """Whether the answer to a question, as the plan knows it, will never change."""
        return self._source.is_final(key.rpartition(" ")[2], now)


class _Run:
    """Fetches captures, keeps each answer, and stores answers in groups."""

    def __init__(
        self, backfill: Backfill, importer: Importer, done: Backfilled, tick: Callable[[], None]
    ) -> None:
        self._source, self._client = backfill._source, backfill._client
        self._plans, self._targets = backfill._plans, backfill._targets
        self._tick = tick
        self._store, self._selection = backfill._store, backfill._selection
        self._site, self._folder = backfill._site, ArchiveFolder(backfill._folder)
        self._importer, self._done = importer, done
        self._group: list[Planned] = []
        self._group_bytes = 0
        self._digests: set[str] = set()
        self._in_a_row = 0
        self._failures: Counter[int] = Counter()  # by the number of the planned capture

    def untried(self, captures: Sequence[Planned]) -> list[Planned]:
        """The captures that did not fail too often in this run."""
        return [one for one in captures if self._failures[one.id] < TRIES]

    def go_through(self, captures: Sequence[Planned]) -> None:
        """Fetches the captures that are planned, and stores them and those that were fetched.

        Raises Enough if the run has to end, and Unavailable if the archive does not answer.
        """
        for planned in captures:
            if planned.state == "fetched":
                self._add(planned, 0)
        self.store_group()
        for planned in captures:
            if planned.kind == FILE:
                self._take_file(planned)
                self._tick()
                continue
            if planned.state != "planned":
                continue
            if planned.digest in self._digests:
                self.store_group()
            same = self._plans.same_bytes(planned)
            if isinstance(same, HeldCapture):
                self._copy(planned, same)
            elif same is not None:
                self._settle(planned, same)
            else:
                self._fetch(planned)
            self._tick()
        self.store_group()

    def _take_file(self, planned: Planned) -> None:
        """Downloads a file, and stores its pages that are wanted."""
        path = self._folder.backfill / planned.address.rpartition("/")[2]
        try:
            download(self._client, planned, path, self._plans)
        except Unavailable as error:
            self._note_failure(planned, error)
            return
        self._in_a_row = 0
        outcome = STORED
        for page in self._pages_of_file(path, planned):
            if page is None:
                outcome = f"{PART} {self._selection.key}"
            elif isinstance(page, str):
                self._done.imported.skipped[page] += 1
            else:
                self._importer.take(page)
        self._importer.flush()
        self._plans.settle([(planned, outcome)])
        self._store.flush()
        path.unlink()
        with suppress(OSError):  # another file is there
            path.parent.rmdir()

    def _pages_of_file(
        self, path: Path, planned: Planned
    ) -> Iterator[Taken | Revisit | str | None]:
        """The pages of the site in a file, or why one is skipped; None: it is not selected."""
        for found in records(path, io.BytesIO(), self._targets.is_wanted, lambda number: None):
            if isinstance(found, Broken):
                self._done.imported.broken.append(found)
                continue
            target = self._targets.of(found.url)
            if target is None or target.site.name != self._site.name:
                continue
            if not self._selection.span.includes(found.at) or not self._selection.has(target):
                yield None
                continue
            address = f"{planned.address} at {found.offset}"
            origin = Origin(source=self._source.name, record=found.record_id, address=address)
            yield page_of_record(found, self._targets, origin)

    def _fetch(self, planned: Planned) -> None:
        assert isinstance(self._source, CaptureSource)
        # Nothing else is left to commit when the answer comes: until it is kept, a kill loses it.
        self._store.flush()
        try:
            answer = self._source.fetch(self._client, planned)
        except NotThere as error:
            self._done.absent[error.code] += 1
            self._plans.settle([(planned, error.code)])
            self._store.flush()  # a kill must not make it requested again
            return
        except Unavailable as error:
            self._note_failure(planned, error)
            return
        self._in_a_row = 0
        self._plans.keep(planned, answer)
        self._add(planned, len(answer))
        if len(self._group) >= GROUP_PAGES or self._group_bytes >= GROUP_BYTES:
            self.store_group()

    def _note_failure(self, planned: Planned, error: Unavailable) -> None:
        """Counts a failure. Raises the error if the archive does not seem to answer any more."""
        self._failures[planned.id] += 1
        self._done.failed[error.code] += self._failures[planned.id] == TRIES
        self._plans.fail(planned, error.code)
        self._in_a_row += 1
        if error.shut_out or self._in_a_row >= MOST_FAILURES_IN_A_ROW:
            raise error

    def _add(self, planned: Planned, size: int) -> None:
        self._group.append(planned)
        self._group_bytes += size
        if planned.digest is not None:
            self._digests.add(planned.digest)

    def _settle(self, planned: Planned, outcome: str) -> None:
        self._done.imported.skipped[outcome] += 1
        self._plans.settle([(planned, outcome)])

    def store_group(self) -> None:
        """Stores the answers that were kept as pages."""
        outcomes: list[tuple[Planned, str]] = []
        for planned in self._group:
            answer = self._plans.answer(planned)
            outcome = "broken"
            for page in self._pages(planned, answer):
                outcome = STORED
                if isinstance(page, str):
                    outcome = page
                    self._done.imported.skipped[page] += 1
                else:
                    self._importer.take(page)
            outcomes.append((planned, outcome))
        self._importer.flush()
        self._plans.settle(outcomes)
        self._group, self._group_bytes = [], 0
        self._digests = set()

    def _pages(self, planned: Planned, answer: bytes) -> Iterator[Taken | Revisit | str]:
        assert isinstance(self._source, CaptureSource)
        for record in self._source.records(planned, answer):
            origin = Origin(
                source=self._source.name, record=record.record_id, address=place_of(planned)
            )
            yield page_of_record(record, self._targets, origin)

    def _copy(self, planned: Planned, held: HeldCapture) -> None:
        """Stores a capture whose bytes are in the archive, as an import does with a revisit."""
        target = self._targets.of(planned.url)
        assert target is not None
        assert held.warc_file is not None
        try:
            record = read_at(self._folder.warc, held.warc_file, held.offset, held.length)
        except ArchiveDamaged:  # `newscrawl verify` reports it
            self._fetch(planned)
            return
        status = planned.status or record.status
        message = Message(status=status, reason=record.reason, headers=(), body=b"")
        message = with_record(message, record)
        self._importer.take(
            Taken(
                target=target,
                url=planned.url,
                at=planned.captured_at,
                message=message,
                digest=digest(message.body),
                origin=Origin(source=self._source.name, address=place_of(planned)),
            )
        )
        self._importer.flush()
        self._plans.settle([(planned, STORED)])


def place_of(planned: Planned) -> str:
    """Where the bytes of a capture are in their archive, for people."""
    if planned.length is None:
        return planned.address
    return f"{planned.address} at {planned.offset}"


def _count(plan: Plan, planned: Sequence[Planned]) -> None:
    """Counts planned captures, and those that need no request."""
    digests: set[str] = set()
    for one in planned:
        if one.kind == "file":
            plan.files += 1
        elif one.kind == "listing":
            plan.listings += 1
        else:
            plan.articles += 1
        if one.same_as is not None or one.digest in digests:
            plan.same += 1
        elif one.digest is not None:
            digests.add(one.digest)
