"""Which sites a command crawls, and with which options: the plans of a run."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from newscrawl.cli.app import DEMO_SITE
from newscrawl.cli.errors import print_error
from newscrawl.cli.output import say
from newscrawl.core.errors import SiteFileError, UsageError

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.cli.broken_files import BrokenFiles
    from newscrawl.crawl.arguments import Asked
    from newscrawl.crawl.window import LatePlan, Plan
    from newscrawl.sites.hosts import SiteHosts
    from newscrawl.sites.site import Site


class Planner:
    """Makes the plans of one command, and reports the sites that are left out.

    `is_incomplete` says whether a site was left out because of its site file or its options. If
    `quiet`, a site that is left out because of its hours is not reported: the user has chosen them.
    `has_others` says that the archive has other sites, which have no part in this run. With
    `reported`, a problem of a site file is reported only if it is news.
    """

    def __init__(
        self,
        app: App,
        settings: Mapping[str, str],
        asked: Asked,
        *,
        quiet: bool = False,
        has_others: bool = False,
        reported: BrokenFiles | None = None,
    ) -> None:
        self._app, self._asked, self._quiet = app, asked, quiet
        self._retry_pause = float(settings.get("NEWSCRAWL_RETRY_PAUSE", "1"))
        self._has_others, self._reported = has_others, reported
        self.is_incomplete = False

    def plans(self, targets: Sequence[str]) -> list[Plan]:
        """One plan per site: for the sites that are named, and for those that own the URLs.

        A site whose file is invalid is reported and left out. Raises its error if no other site is
        left.
        """
        return self._plans(self._names(targets), _urls(targets))

    def plans_by_turn(self, targets: Sequence[str], at_once: int) -> list[Plan | LatePlan]:
        """The same, but only the site files of the first `at_once` sites are read now.

        The others are read when they have their turn, because there may be thousands.
        """
        from newscrawl.crawl.window import LatePlan

        names = self._names(targets)
        late = names[at_once:]
        self._refuse_unknown(late)
        plans = self._plans(names[:at_once], _urls(targets), has_others=bool(late))
        return [*plans, *(LatePlan(name, partial(self._late_plan, name)) for name in late)]

    def is_open(self, plan: Plan) -> bool:
        """Whether the site may be crawled at this hour. If not, prints a message."""
        hours = plan.options.hours
        if hours is None or hours.are_open(self._app.clock(), plan.site.timezone):
            return True
        if not self._quiet:
            say(
                f"{plan.site.name}: outside its crawl hours ({hours}, {plan.site.timezone});"
                " nothing was requested"
            )
        return False

    def _names(self, targets: Sequence[str]) -> list[str]:
        if not targets:
            return self._app.sites_to_crawl()
        return list(dict.fromkeys(target for target in targets if "://" not in target))

    def _plans(
        self, names: Sequence[str], urls: Sequence[str], *, has_others: bool = False
    ) -> list[Plan]:
        from newscrawl.sites.loading import load_sites

        _refuse_user_names(urls)
        sites, broken = load_sites(names, self._app.archive)
        for site in sites:
            self._note_valid(site.name)
        plans = [self._plan(site) for site in sites]
        owners = _urls_by_site(self._app, urls, self._asked.base_url)
        plans += [self._plan(site, site_urls) for site, site_urls in owners]
        if broken and not plans and not has_others and not self._has_others:
            self._refuse_all(broken)
        for error in broken:
            self._leave_out(_site_of(error), error)
        return plans

    def _refuse_all(self, broken: Sequence[SiteFileError]) -> NoReturn:
        """Ends the command, which has no site left; silently if all problems are known."""
        news = [error for error in broken if self._is_news(_site_of(error), error)]
        if not news:
            sys.exit(UsageError.exit_code)
        raise _joined(news)

    def _plan(self, site: Site, urls: Sequence[str] = ()) -> Plan:
        from newscrawl.crawl.arguments import options_for
        from newscrawl.crawl.window import Plan

        options = options_for(
            site,
            replace(self._asked, urls=tuple(urls)),
            config=self._app.config,
            now=self._app.clock(),
            retry_pause=self._retry_pause,
        )
        return Plan(site, options)

    def _late_plan(self, name: str) -> Plan | None:
        """The plan of a site that has its turn; None if it is left out."""
        from newscrawl.sites.loading import load_site

        try:
            plan = self._plan(load_site(name, self._app.archive))
        except UsageError as error:
            self._leave_out(name, error)
            return None
        self._note_valid(name)
        return plan if self.is_open(plan) else None

    def _leave_out(self, name: str, error: UsageError) -> None:
        if self._is_news(name, error):
            print_error(error)
        self.is_incomplete = True

    def _is_news(self, name: str, error: UsageError) -> bool:
        return self._reported is None or self._reported.is_news(name, error)

    def _note_valid(self, name: str) -> None:
        if self._reported is not None:
            self._reported.forget(name)

    def _refuse_unknown(self, names: Sequence[str]) -> None:
        """Raises UsageError if a name has no site file. Reads none."""
        from newscrawl.sites.loading import load_site, site_file

        for name in names:
            if name != DEMO_SITE and site_file(name, self._app.archive) is None:
                load_site(name, self._app.archive)  # raises the error, with a similar name


def _urls(targets: Sequence[str]) -> list[str]:
    return [target for target in targets if "://" in target]


def _site_of(error: SiteFileError) -> str:
    return Path(error.path).stem


def _joined(errors: Sequence[SiteFileError]) -> UsageError:
    return UsageError("\n".join(error.message for error in errors), errors[0].hint)


def _refuse_user_names(urls: Sequence[str]) -> None:
    from newscrawl.core.urls import masked

    for url in urls:
        safe_url = masked(url)
        if "***@" in safe_url:
            raise UsageError(
                f"{safe_url}: the URL contains a user name",
                "newscrawl does not log in; remove the user name from the URL",
            )


def _urls_by_site(
    app: App, urls: Sequence[str], base_url: str | None
) -> list[tuple[Site, list[str]]]:
    """The sites that own the URLs, each with its URLs."""
    owners = _Owners(app, base_url)
    urls_by_site: dict[str, tuple[Site, list[str]]] = {}
    for url in urls:
        owner = owners.of(url)
        _, site_urls = urls_by_site.setdefault(owner.name, (owner, []))
        site_urls.append(url)
    return list(urls_by_site.values())


class _Owners:
    """Finds the sites that own URLs. Only site files that name the host of a URL are checked."""

    def __init__(self, app: App, base_url: str | None) -> None:
        self._app, self._base_url = app, base_url

    def of(self, url: str) -> Site:
        """The site that owns a URL, else the generic site of its host.

        Raises the errors of invalid site files that might own it, if no valid one does.
        """
        from newscrawl.sites.generic import generic_site
        from newscrawl.sites.loading import load_site

        broken = []
        for name in self._candidates(url):
            try:
                site = load_site(name, self._app.archive)
            except SiteFileError as error:
                broken.append(error)
                continue
            crawled = site.rebased(self._base_url) if self._base_url else site
            if crawled.owns(url):
                return site
        if broken:
            raise _joined(broken)
        return generic_site(url)

    def _candidates(self, url: str) -> Iterator[str]:
        """The sites that may own a URL: those that the archive has come first.

        Any site may own the URL of a mirror.
        """
        files = self._hosts.files
        wanted = set(files) if self._base_url else set(self._hosts.names(url))
        names = dict.fromkeys([*self._crawled, *files])
        for name in names:
            if name in wanted or (name == DEMO_SITE and name not in files):
                yield name

    @cached_property
    def _hosts(self) -> SiteHosts:
        from newscrawl.sites.hosts import SiteHosts

        return SiteHosts(self._app.archive)

    @cached_property
    def _crawled(self) -> list[str]:
        """The sites that the archive has."""
        from newscrawl.store.read.reader import open_or_none

        reader = open_or_none(self._app.archive)
        if reader is None:
            return []
        with reader:
            return reader.crawled_sites()
