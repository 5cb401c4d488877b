/** The schema, one entry per version; an entry that was released is never edited, a change is a new entry. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE delivery (
    profile TEXT NOT NULL, flow TEXT NOT NULL, key TEXT NOT NULL,
    odoo_id INTEGER NOT NULL, wanted TEXT NOT NULL, delivered TEXT, delivered_at INTEGER,
    outcome TEXT NOT NULL, reason TEXT, attempts INTEGER NOT NULL DEFAULT 0, attempted_at INTEGER,
    PRIMARY KEY (profile, flow, key)
  ) WITHOUT ROWID;
  CREATE INDEX delivery_undelivered ON delivery (profile, flow, attempted_at) WHERE outcome <> 'delivered';

  CREATE TABLE listing (
    profile TEXT NOT NULL, listed_id TEXT NOT NULL, key TEXT, base_product_id TEXT, unit_count REAL, seen_at INTEGER NOT NULL,
    PRIMARY KEY (profile, listed_id)
  ) WITHOUT ROWID;
  CREATE INDEX listing_key ON listing (profile, key);
  CREATE INDEX listing_base ON listing (profile, base_product_id);

  CREATE TABLE inbox (
    profile TEXT NOT NULL, hashed_id TEXT NOT NULL,
    payload TEXT NOT NULL, version TEXT NOT NULL, status TEXT NOT NULL, received_at INTEGER NOT NULL,
    phase TEXT NOT NULL, reason TEXT, shown_reason TEXT,
    odoo_id INTEGER, odoo_name TEXT, applied_payload TEXT, applied_version TEXT, acknowledged_at INTEGER,
    odoo_total TEXT, cartona_total TEXT, closed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (profile, hashed_id)
  ) WITHOUT ROWID;
  CREATE INDEX inbox_phase ON inbox (profile, phase, received_at);
  CREATE INDEX inbox_open ON inbox (profile, received_at) WHERE closed = 0;

  CREATE TABLE retailer (
    profile TEXT NOT NULL, key TEXT NOT NULL, partner_id INTEGER NOT NULL,
    PRIMARY KEY (profile, key)
  ) WITHOUT ROWID;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY, profile TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, system TEXT NOT NULL,
    action TEXT NOT NULL, record TEXT NOT NULL, from_value TEXT, to_value TEXT, outcome TEXT NOT NULL,
    duration_ms INTEGER, detail TEXT
  );
  CREATE INDEX audit_at ON audit (at);

  CREATE TABLE lease (
    profile TEXT NOT NULL, job TEXT NOT NULL, owner TEXT NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL,
    since INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (profile, job)
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE delivery ADD COLUMN due_at INTEGER;
  ALTER TABLE delivery ADD COLUMN failing_since INTEGER;
  ALTER TABLE delivery ADD COLUMN unconfirmed_at INTEGER;
  ALTER TABLE delivery ADD COLUMN approved TEXT;
  ALTER TABLE delivery ADD COLUMN lease_owner TEXT;
  ALTER TABLE delivery ADD COLUMN lease_until INTEGER;
  CREATE INDEX delivery_due ON delivery (profile, flow, due_at) WHERE due_at IS NOT NULL;

  CREATE TABLE event (
    id INTEGER PRIMARY KEY, profile TEXT NOT NULL, kind TEXT NOT NULL, hashed_id TEXT NOT NULL, webhook_id TEXT,
    digest TEXT NOT NULL, payload TEXT NOT NULL, received_at INTEGER NOT NULL, done_at INTEGER
  );
  CREATE UNIQUE INDEX event_webhook ON event (profile, webhook_id, kind, hashed_id) WHERE webhook_id IS NOT NULL;
  CREATE INDEX event_of_order ON event (profile, hashed_id, id);
  CREATE INDEX event_waiting ON event (profile, id) WHERE done_at IS NULL;
  CREATE INDEX event_done ON event (done_at) WHERE done_at IS NOT NULL;

  CREATE TABLE note (
    profile TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (profile, name)
  ) WITHOUT ROWID;

  CREATE TABLE alert (
    profile TEXT NOT NULL, cause TEXT NOT NULL, reason TEXT NOT NULL, since INTEGER NOT NULL, told_at INTEGER,
    PRIMARY KEY (profile, cause)
  ) WITHOUT ROWID;

  CREATE INDEX inbox_odoo ON inbox (profile, odoo_id) WHERE odoo_id IS NOT NULL;
  CREATE INDEX audit_record ON audit (profile, record, id);
  `,
  `
  ALTER TABLE lease ADD COLUMN started TEXT;
  CREATE INDEX inbox_odoo_name ON inbox (profile, odoo_name) WHERE odoo_name IS NOT NULL;
  `,
  `
  ALTER TABLE listing ADD COLUMN median_price TEXT;
  ALTER TABLE listing ADD COLUMN unreadable TEXT;
  CREATE INDEX listing_unreadable ON listing (profile, key) WHERE unreadable IS NOT NULL;
  `,
  // Orders that were acknowledged, or only not recorded as such, stood in Cartona's list; the next pull tells of the rest.
  `
  ALTER TABLE inbox ADD COLUMN listed INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE inbox ADD COLUMN webhook_alone INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE inbox ADD COLUMN unverified_payload TEXT;
  ALTER TABLE inbox ADD COLUMN verify_at INTEGER;
  ALTER TABLE inbox ADD COLUMN verify_misses INTEGER NOT NULL DEFAULT 0;
  UPDATE inbox SET listed = 1
    WHERE acknowledged_at IS NOT NULL OR (phase = 'applied' AND applied_version = version);
  CREATE INDEX inbox_verify ON inbox (profile, verify_at) WHERE verify_at IS NOT NULL;
  `,
];
