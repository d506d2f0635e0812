import type { Migration } from '../sql/migrate.ts'

const COLUMNS = 'seq, at, type, instance, call, person, host, action, outcome, hash, line'

/**
 * Records are only ever added, in one chain. Each line of it begins with the digest of the line before, which only whoever holds the head can
 * know: SQLite takes lines that are whole, PostgreSQL makes them where the head is locked. A call that was started and not finished is
 * open, and belongs to one instance.
 */
export const audit: Migration = {
  version: 1,
  name: 'audit',
  both: [
    `CREATE TABLE instances (
      id TEXT PRIMARY KEY, started_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, process TEXT NOT NULL,
      ended_at BIGINT, ended_why TEXT)`,
    `CREATE TABLE audit (
      seq {key} PRIMARY KEY, at BIGINT NOT NULL, type TEXT NOT NULL, instance TEXT NOT NULL,
      call TEXT, person TEXT, host TEXT, action TEXT, outcome TEXT, hash TEXT NOT NULL, line TEXT NOT NULL)`,
    'CREATE INDEX audit_call ON audit (call, seq) WHERE call IS NOT NULL',
    'CREATE TABLE open_calls (call TEXT PRIMARY KEY, instance TEXT NOT NULL, seq BIGINT NOT NULL)',
    'CREATE INDEX open_calls_instance ON open_calls (instance)',
  ],
  sqlite: [
    `CREATE TRIGGER audit_started AFTER INSERT ON audit WHEN NEW.type IN ('call.started', 'call.resumed') BEGIN
      INSERT INTO open_calls VALUES (NEW.call, NEW.instance, NEW.seq)
        ON CONFLICT (call) DO UPDATE SET instance = excluded.instance; END`,
    `CREATE TRIGGER audit_finished AFTER INSERT ON audit WHEN NEW.type = 'call.finished' BEGIN
      DELETE FROM open_calls WHERE call = NEW.call; END`,
  ],
  postgres: [
    'CREATE TABLE audit_head (id INTEGER PRIMARY KEY CHECK (id = 1), seq BIGINT NOT NULL, hash TEXT NOT NULL)',
    `INSERT INTO audit_head VALUES (1, 0, repeat('0', 64))`,
    `CREATE FUNCTION audit_append(me TEXT, rows JSON) RETURNS BIGINT LANGUAGE plpgsql AS $$
      DECLARE head audit_head%ROWTYPE; entry RECORD; whole TEXT;
      BEGIN
        SELECT * INTO head FROM audit_head FOR UPDATE;
        IF NOT EXISTS (SELECT 1 FROM instances WHERE id = me AND ended_at IS NULL) THEN RETURN NULL; END IF;
        FOR entry IN SELECT value->>0 AS at, value->>1 AS type, value->>2 AS call, value->>3 AS person, value->>4 AS host,
            value->>5 AS action, value->>6 AS outcome, value->>7 AS body FROM json_array_elements(rows) LOOP
          head.seq := head.seq + 1;
          whole := '{"_chain":{"prev":"' || head.hash || '","seq":' || head.seq || '},' || substr(entry.body, 2);
          head.hash := encode(sha256(convert_to(whole, 'UTF8')), 'hex');
          INSERT INTO audit (${COLUMNS}) VALUES (head.seq, entry.at::BIGINT, entry.type, me, entry.call, entry.person, entry.host,
            entry.action, entry.outcome, head.hash, whole);
          IF entry.type IN ('call.started', 'call.resumed') THEN
            INSERT INTO open_calls VALUES (entry.call, me, head.seq) ON CONFLICT (call) DO UPDATE SET instance = excluded.instance;
          ELSIF entry.type = 'call.finished' THEN
            DELETE FROM open_calls WHERE call = entry.call;
          END IF;
        END LOOP;
        UPDATE audit_head SET seq = head.seq, hash = head.hash;
        RETURN head.seq;
      END $$`,
  ],
}
