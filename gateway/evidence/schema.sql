-- The tables of the trail, the same on SQLite and PostgreSQL ({blob} and {json} differ).
-- audit_entry is insert-only; everything erasable stands apart in audit_detail and subject_key.
CREATE TABLE IF NOT EXISTS audit_entry (
  log TEXT NOT NULL, seq BIGINT NOT NULL, request TEXT NOT NULL, time BIGINT NOT NULL,
  event TEXT NOT NULL, leaf {blob} NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (log, seq));
CREATE TABLE IF NOT EXISTS audit_detail (
  log TEXT NOT NULL, seq BIGINT NOT NULL, request TEXT NOT NULL, time BIGINT NOT NULL,
  event TEXT NOT NULL, principal TEXT, team TEXT, model TEXT, deployment TEXT, zone TEXT,
  level TEXT, outcome TEXT, cost_micros BIGINT, disclosure {blob} NOT NULL,
  subject TEXT, payload {blob}, wrapped_key {blob}, PRIMARY KEY (log, seq));
CREATE INDEX IF NOT EXISTS audit_detail_request ON audit_detail (request);
CREATE INDEX IF NOT EXISTS audit_detail_time ON audit_detail (time, log, seq);
CREATE TABLE IF NOT EXISTS subject_key (
  log TEXT NOT NULL, subject TEXT NOT NULL, wrapped {blob} NOT NULL, PRIMARY KEY (log, subject));
