"""The group of commands that `newscrawl` and its groups are made of."""

from __future__ import annotations

from difflib import get_close_matches

import click


class Group(click.Group):
    """A group that answers a mistyped command with near ones."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = get_close_matches(name, self.list_commands(ctx), 2)
            ctx.fail(
                f"no such command {name!r}"
                + (f"; did you mean {' or '.join(near)}?" if near else "")
            )
        return super().resolve_command(ctx, args)
