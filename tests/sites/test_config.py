"""newscrawl.toml, environment variables and options: precedence and error messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.core.errors import StorageError, UsageError
from newscrawl.core.folder import CONFIG, archive_folder
from newscrawl.core.version import VERSION
from newscrawl.sites.config import load_config


def write(folder: Path, text: str) -> Path:
    (folder / CONFIG).write_text(text, "utf-8")
    return folder


def test_the_folder_is_from_option_then_environment_then_default() -> None:
    assert archive_folder(Path("a"), {"NEWSCRAWL_ARCHIVE": "b"}) == Path("a")
    assert archive_folder(None, {"NEWSCRAWL_ARCHIVE": "b"}) == Path("b")
    assert archive_folder(None, {"NEWSCRAWL_ARCHIVE": ""}) == Path("data")


def test_missing_file_means_defaults(tmp_path: Path) -> None:
    config = load_config(tmp_path / "nowhere", {})
    assert (config.sites, config.contact, config.log_level) == ((), None, "WARNING")
    assert config.scrapy_settings() == {"LOG_LEVEL": "WARNING"}
    assert not (tmp_path / "nowhere").exists()


def test_a_setting_is_from_option_then_environment_then_file(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        'log_level = "INFO"\nsites = ["bnews"]\n[politeness]\ndelay_seconds = 2\nconcurrency = 3\n',
    )
    config = load_config(folder, {})
    assert (config.log_level, config.sites, config.politeness.delay_seconds) == (
        "INFO",
        ("bnews",),
        2.0,
    )
    environ = {
        "NEWSCRAWL_LOG_LEVEL": "ERROR",
        "NEWSCRAWL_SITES": "a, b",
        "NEWSCRAWL_DELAY_SECONDS": "0.5",
    }
    config = load_config(folder, environ)
    assert (config.log_level, config.sites, config.politeness.delay_seconds) == (
        "ERROR",
        ("a", "b"),
        0.5,
    )
    assert config.politeness.concurrency == 3
    assert load_config(folder, environ, {"log_level": "DEBUG"}).log_level == "DEBUG"


def test_scrapy_settings_have_what_was_set(tmp_path: Path) -> None:
    folder = write(
        tmp_path, 'contact = "me@example.org"\n[politeness]\ndelay_seconds = 0\nconcurrency = 2\n'
    )
    assert load_config(folder, {}).scrapy_settings() == {
        "LOG_LEVEL": "WARNING",
        "NEWSCRAWL_CONTACT": "me@example.org",
        "USER_AGENT": f"newscrawl/{VERSION} (research archive; me@example.org)",
        "DOWNLOAD_DELAY": 0.0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
    }


def test_all_problems_are_reported_at_once_with_their_places(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        'colour = 1\nsites = ["bnews", "../x"]\n[politeness]\ndelay_seconds = "fast"\nspeed = 3\n',
    )
    with pytest.raises(UsageError) as caught:
        load_config(folder, {"NEWSCRAWL_LOG_LEVEL": "loud"})
    lines = caught.value.message.splitlines()
    assert len(lines) == 5
    path = folder / CONFIG
    for place in (f"{path}: colour: unknown key", f"{path}: sites[1]: ", f"{path}: politeness.delay_seconds: ",
                  f"{path}: politeness.speed: unknown key", "NEWSCRAWL_LOG_LEVEL: "):  # fmt: skip
        assert any(line.startswith(place) for line in lines), place
    assert any(line.endswith("got 'fast'") for line in lines)
    assert "politeness.delay_seconds" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "text",
    [
        'contact = "a@b.c\\r\\nX-Evil: 1"',
        'contact = "   "',
        "contact = 3",
        "politeness = 3",
        "[politeness]\ndelay_seconds = -1",
        "[politeness]\ndelay_seconds = nan",
        "[politeness]\nconcurrency = 0",
        'log_level = "loud"',
        'sites = "bnews"',
    ],
)
def test_wrong_value_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_config(write(tmp_path, text), {"NEWSCRAWL_CONCURRENCY": ""})
    assert len(caught.value.message.splitlines()) == 1


def test_invalid_hours_are_reported_once_with_all_known_keys(tmp_path: Path) -> None:
    folder = write(tmp_path, '[politeness]\nhours = "25:00-26:00"\n')
    with pytest.raises(UsageError) as caught:
        load_config(folder, {})
    told = "politeness.hours: expected hours such as '01:00-06:00', got '25:00-26:00'"
    assert caught.value.message == f"{folder / CONFIG}: {told}"
    keys = (caught.value.hint or "").removeprefix("keys are: ").split(", ")
    assert {"sites", "notify", "politeness.hours", "release.title"} <= set(keys)
    assert len(keys) == len(set(keys))
    assert not {"politeness", "release"} & set(keys)


@pytest.mark.parametrize("data", [b"sites = [", b"contact = '\xff'"])
def test_a_file_that_is_not_toml_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / CONFIG).write_bytes(data)
    with pytest.raises(UsageError, match="expected TOML"):
        load_config(tmp_path, {})


def test_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_bytes(b'\xef\xbb\xbfcontact = "x"\r\n')
    assert load_config(tmp_path, {}).contact == "x"


def test_unreadable_file_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / CONFIG).mkdir()
    with pytest.raises(StorageError, match="cannot read"):
        load_config(tmp_path, {})


def test_environment_does_not_replace_a_value_that_should_be_a_table(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="politeness"):
        load_config(write(tmp_path, "politeness = 3"), {"NEWSCRAWL_DELAY_SECONDS": "1"})
