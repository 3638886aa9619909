"""The schema of the first release, as statements.

It never changes: later changes are migrations.
"""

from __future__ import annotations

TABLES = (
    """
    CREATE TABLE sites (
        site TEXT PRIMARY KEY, name TEXT NOT NULL, domain TEXT NOT NULL, language TEXT, timezone TEXT
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE categories (
        id INTEGER PRIMARY KEY,
        site TEXT NOT NULL REFERENCES sites(site),
        key TEXT NOT NULL,
        slug TEXT, name TEXT, url TEXT,
        parent_id INTEGER REFERENCES categories(id),
        UNIQUE (site, key)
    )
    """,
    """
    CREATE TABLE crawls (
        id INTEGER PRIMARY KEY,
        site TEXT NOT NULL REFERENCES sites(site),
        started_at TEXT NOT NULL, finished_at TEXT, reason TEXT, exit_code INTEGER,
        options TEXT NOT NULL DEFAULT '{}', stats TEXT NOT NULL DEFAULT '{}', version TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE captures (
        id INTEGER PRIMARY KEY,
        crawl_id INTEGER REFERENCES crawls(id),
        url TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('article', 'listing', 'feed', 'sitemap', 'robots')),
        status INTEGER NOT NULL,
        fetched_at TEXT NOT NULL,
        etag TEXT, last_modified TEXT,
        warc_file TEXT, warc_offset INTEGER, warc_length INTEGER, payload_digest TEXT
    )
    """,
    """
    CREATE TABLE articles (
        id INTEGER PRIMARY KEY,
        site TEXT NOT NULL REFERENCES sites(site),
        key TEXT NOT NULL,
        url TEXT NOT NULL,
        state TEXT NOT NULL
            CHECK (state IN ('stub', 'stored', 'gone', 'failed', 'blocked', 'degraded')),
        title TEXT, summary TEXT,
        authors TEXT NOT NULL DEFAULT '[]',
        category_id INTEGER REFERENCES categories(id),
        tags TEXT NOT NULL DEFAULT '[]',
        published_at TEXT, published_local TEXT, published_raw TEXT,
        published_precision TEXT CHECK (published_precision IN ('second', 'minute', 'day', 'month', 'year')),
        published_source TEXT CHECK (published_source IN
            ('json-ld', 'meta', 'page', 'teaser', 'feed', 'sitemap', 'url')),
        modified_at TEXT,
        language TEXT, image_url TEXT, word_count INTEGER, body_hash TEXT, template TEXT,
        first_seen_at TEXT NOT NULL, fetched_at TEXT, last_seen_at TEXT NOT NULL, gone_at TEXT,
        revision INTEGER NOT NULL DEFAULT 0,
        provenance TEXT NOT NULL DEFAULT '{}',
        UNIQUE (site, key)
    )
    """,
    "CREATE TABLE bodies (article_id INTEGER PRIMARY KEY REFERENCES articles(id), body TEXT NOT NULL)",
    """
    CREATE TABLE revisions (
        article_id INTEGER NOT NULL REFERENCES articles(id),
        revision INTEGER NOT NULL,
        fetched_at TEXT NOT NULL,
        title TEXT, summary TEXT, body TEXT, body_hash TEXT, modified_at TEXT,
        capture_id INTEGER REFERENCES captures(id),
        template TEXT, extractor TEXT,
        PRIMARY KEY (article_id, revision)
    )
    """,
    """
    CREATE TABLE links (
        source_id INTEGER NOT NULL REFERENCES articles(id),
        target_id INTEGER NOT NULL REFERENCES articles(id),
        kind TEXT NOT NULL CHECK (kind IN ('related', 'same_category', 'inline')),
        position INTEGER NOT NULL,
        anchor TEXT,
        first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL,
        first_crawl_id INTEGER REFERENCES crawls(id), last_crawl_id INTEGER REFERENCES crawls(id),
        PRIMARY KEY (source_id, target_id, kind)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE listings (
        crawl_id INTEGER NOT NULL REFERENCES crawls(id),
        category_id INTEGER NOT NULL REFERENCES categories(id),
        page INTEGER NOT NULL,
        position INTEGER NOT NULL,
        block TEXT NOT NULL,
        article_id INTEGER NOT NULL REFERENCES articles(id),
        title TEXT, summary TEXT, published_raw TEXT,
        seen_at TEXT NOT NULL,
        PRIMARY KEY (crawl_id, category_id, page, position)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE aliases (
        url TEXT PRIMARY KEY,
        article_id INTEGER NOT NULL REFERENCES articles(id),
        reason TEXT NOT NULL CHECK (reason IN ('slug', 'redirect', 'canonical', 'mirror'))
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE frontier (
        url TEXT PRIMARY KEY,
        site TEXT NOT NULL REFERENCES sites(site),
        kind TEXT NOT NULL CHECK (kind IN ('article', 'listing', 'feed', 'sitemap')),
        article_id INTEGER REFERENCES articles(id),
        state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before TEXT,
        reason TEXT,
        category_id INTEGER REFERENCES categories(id),
        page INTEGER,
        crawl_id INTEGER REFERENCES crawls(id),
        capture_id INTEGER REFERENCES captures(id)
    )
    """,
    """
    CREATE TABLE problems (
        id INTEGER PRIMARY KEY,
        crawl_id INTEGER REFERENCES crawls(id),
        url TEXT,
        article_id INTEGER REFERENCES articles(id),
        stage TEXT NOT NULL, field TEXT, code TEXT NOT NULL, message TEXT NOT NULL, raw TEXT,
        seen_at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE duplicates (
        article_id INTEGER NOT NULL REFERENCES articles(id),
        other_id INTEGER NOT NULL REFERENCES articles(id),
        method TEXT NOT NULL,
        similarity REAL NOT NULL,
        PRIMARY KEY (article_id, other_id, method)
    ) WITHOUT ROWID
    """,
)

INDEXES = (
    "CREATE INDEX articles_state ON articles(site, state)",
    "CREATE INDEX articles_published ON articles(published_at)",
    "CREATE INDEX articles_category ON articles(category_id, published_at)",
    # The hash's first 64 bits: an index of whole hashes would be twice the size for the same
    # answer.
    "CREATE INDEX articles_body ON articles(substr(body_hash, 8, 16)) WHERE body_hash IS NOT NULL",
    "CREATE INDEX links_target ON links(target_id)",
    "CREATE INDEX listings_article ON listings(article_id, crawl_id)",
    "CREATE INDEX aliases_article ON aliases(article_id)",
    # Articles reach their capture by id; only the few category pages and feeds are looked up by
    # URL.
    "CREATE INDEX captures_url ON captures(url) WHERE kind <> 'article'",
    # Ends in the rowid, so that a run walks the open pages in the order of their discovery.
    "CREATE INDEX frontier_open ON frontier(site, kind) WHERE state = 'pending'",
    "CREATE INDEX frontier_again ON frontier(site, not_before) WHERE state <> 'pending' AND not_before IS NOT NULL",
    "CREATE INDEX frontier_article ON frontier(article_id)",
    "CREATE INDEX problems_article ON problems(article_id)",
    "CREATE INDEX problems_crawl ON problems(crawl_id)",
)

# Full text. The view is the index's content: nothing is stored twice. remove_diacritics takes the
# marks off letters but not the bar off đ, so `folded` repeats the text with d for đ: `duong sat`
# finds `Đường sắt` with nothing but stock SQLite.
FULL_TEXT = (
    """
    CREATE VIEW article_texts AS
    SELECT a.id AS id, a.title AS title, a.summary AS summary, b.body AS body,
        replace(replace(ifnull(a.title, '') || ' ' || ifnull(a.summary, '') || ' ' || b.body, 'đ', 'd'), 'Đ', 'D')
            AS folded
    FROM bodies b JOIN articles a ON a.id = b.article_id
    """,
    """
    CREATE VIRTUAL TABLE articles_fts USING fts5(
        title, summary, body, folded,
        content='article_texts', content_rowid='id', tokenize="unicode61 remove_diacritics 2"
    )
    """,
    """
    CREATE TRIGGER bodies_fts_insert AFTER INSERT ON bodies BEGIN
        INSERT INTO articles_fts(rowid, title, summary, body, folded)
        SELECT id, title, summary, body, folded FROM article_texts WHERE id = new.article_id;
    END
    """,
    """
    CREATE TRIGGER bodies_fts_delete BEFORE DELETE ON bodies BEGIN
        INSERT INTO articles_fts(articles_fts, rowid, title, summary, body, folded)
        SELECT 'delete', id, title, summary, body, folded FROM article_texts WHERE id = old.article_id;
    END
    """,
    """
    CREATE TRIGGER bodies_fts_before BEFORE UPDATE OF body ON bodies WHEN old.body IS NOT new.body BEGIN
        INSERT INTO articles_fts(articles_fts, rowid, title, summary, body, folded)
        SELECT 'delete', id, title, summary, body, folded FROM article_texts WHERE id = old.article_id;
    END
    """,
    """
    CREATE TRIGGER bodies_fts_after AFTER UPDATE OF body ON bodies WHEN old.body IS NOT new.body BEGIN
        INSERT INTO articles_fts(rowid, title, summary, body, folded)
        SELECT id, title, summary, body, folded FROM article_texts WHERE id = new.article_id;
    END
    """,
    """
    CREATE TRIGGER articles_fts_before BEFORE UPDATE OF title, summary ON articles
    WHEN old.title IS NOT new.title OR old.summary IS NOT new.summary BEGIN
        INSERT INTO articles_fts(articles_fts, rowid, title, summary, body, folded)
        SELECT 'delete', id, title, summary, body, folded FROM article_texts WHERE id = old.id;
    END
    """,
    """
    CREATE TRIGGER articles_fts_after AFTER UPDATE OF title, summary ON articles
    WHEN old.title IS NOT new.title OR old.summary IS NOT new.summary BEGIN
        INSERT INTO articles_fts(rowid, title, summary, body, folded)
        SELECT id, title, summary, body, folded FROM article_texts WHERE id = new.id;
    END
    """,
)

VIEWS = (
    """
    CREATE VIEW export_articles AS
    SELECT a.id, a.site, a.key, a.url, a.state, a.title, a.summary, a.authors, c.name AS category, a.tags,
        a.published_at, a.published_local, a.published_raw, a.published_precision, a.published_source,
        a.modified_at, a.language, a.image_url, a.word_count,
        a.first_seen_at, a.fetched_at, a.last_seen_at, a.gone_at, a.revision, b.body
    FROM articles a
    LEFT JOIN categories c ON c.id = a.category_id
    LEFT JOIN bodies b ON b.article_id = a.id
    """,
    """
    CREATE VIEW article_links AS
    SELECT l.kind, l.position, l.anchor,
        s.id AS source_id, s.site AS source_site, s.key AS source_key, s.url AS source_url,
        s.state AS source_state, s.title AS source_title, s.published_at AS source_published_at,
        t.id AS target_id, t.site AS target_site, t.key AS target_key, t.url AS target_url,
        t.state AS target_state, t.title AS target_title, t.published_at AS target_published_at,
        l.first_seen_at, l.last_seen_at, l.first_crawl_id, l.last_crawl_id
    FROM links l JOIN articles s ON s.id = l.source_id JOIN articles t ON t.id = l.target_id
    """,
    """
    CREATE VIEW front_pages AS
    SELECT c.site, c.key AS category_key, c.name AS category, l.crawl_id, l.seen_at, l.page, l.position, l.block,
        l.article_id, a.key AS article_key, a.url, l.title AS teased_title, a.title AS article_title,
        l.summary AS teased_summary, l.published_raw, a.published_at, a.state
    FROM listings l JOIN categories c ON c.id = l.category_id JOIN articles a ON a.id = l.article_id
    """,
    """
    CREATE VIEW daily_counts AS
    SELECT site, substr(published_local, 1, 10) AS day, count(*) AS articles,
        sum(word_count) AS words, sum(revision > 1) AS edited
    FROM articles WHERE state IN ('stored', 'gone') AND published_local IS NOT NULL
    GROUP BY site, substr(published_local, 1, 10)
    """,
)
