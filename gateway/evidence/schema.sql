-- The tables of the trail, the same on SQLite and PostgreSQL ({blob} and {json} differ).
-- audit_entry is insert-only; everything erasable stands apart in the other tables.
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
-- What entries are searched by (gateway/governance/audit/search.py); of two columns the rare values only.
CREATE INDEX IF NOT EXISTS audit_detail_principal ON audit_detail (principal, time);
CREATE INDEX IF NOT EXISTS audit_detail_model ON audit_detail (model, time);
CREATE INDEX IF NOT EXISTS audit_detail_zone ON audit_detail (zone, time);
CREATE INDEX IF NOT EXISTS audit_detail_level ON audit_detail (level, time);
CREATE INDEX IF NOT EXISTS audit_detail_outcome ON audit_detail (outcome, time) WHERE outcome <> 'ok';
CREATE INDEX IF NOT EXISTS audit_detail_event ON audit_detail (event, time)
  WHERE event <> 'request:departure:intent' AND event <> 'request:answer:close';
CREATE TABLE IF NOT EXISTS subject_key (
  log TEXT NOT NULL, subject TEXT NOT NULL, wrapped {blob} NOT NULL, PRIMARY KEY (log, subject));
-- Values of named conversations, their keys, and who is mentioned in which entry.
CREATE TABLE IF NOT EXISTS vault_value (
  log TEXT NOT NULL, seq BIGINT NOT NULL, id TEXT NOT NULL, scope TEXT NOT NULL, type TEXT NOT NULL,
  expires BIGINT NOT NULL, ciphertext {blob} NOT NULL, PRIMARY KEY (log, seq, id));
CREATE INDEX IF NOT EXISTS vault_value_scope ON vault_value (scope);
CREATE INDEX IF NOT EXISTS vault_value_expires ON vault_value (expires);
CREATE TABLE IF NOT EXISTS value_key (
  log TEXT NOT NULL, seq BIGINT NOT NULL, id TEXT NOT NULL, identifier TEXT NOT NULL,
  created BIGINT NOT NULL, expires BIGINT NOT NULL, wrapped {blob} NOT NULL,
  PRIMARY KEY (log, seq, id));
CREATE INDEX IF NOT EXISTS value_key_identifier ON value_key (identifier);
CREATE INDEX IF NOT EXISTS value_key_expires ON value_key (expires);
CREATE TABLE IF NOT EXISTS mention (
  identifier TEXT NOT NULL, log TEXT NOT NULL, seq BIGINT NOT NULL, time BIGINT NOT NULL,
  PRIMARY KEY (identifier, log, seq));
CREATE INDEX IF NOT EXISTS mention_time ON mention (time);
-- Answers that are given or read again, in the clear under keys of their own, and the claims on names
-- whose first request is under way (gateway/evidence/stored_answers.py).
CREATE TABLE IF NOT EXISTS stored_answer (
  log TEXT NOT NULL, seq BIGINT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL,
  created BIGINT NOT NULL, expires BIGINT NOT NULL, ciphertext {blob}, wrapped {blob},
  PRIMARY KEY (log, seq, name));
CREATE INDEX IF NOT EXISTS stored_answer_name ON stored_answer (name);
CREATE INDEX IF NOT EXISTS stored_answer_expires ON stored_answer (expires);
CREATE TABLE IF NOT EXISTS answer_claim (
  name TEXT PRIMARY KEY, digest TEXT NOT NULL, request TEXT NOT NULL, expires BIGINT NOT NULL);
-- What expired: of which entries (numbers first to last of a log), what part, by which run of expiry.
CREATE TABLE IF NOT EXISTS expired (
  log TEXT NOT NULL, part TEXT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL,
  run BIGINT NOT NULL, items BIGINT NOT NULL, PRIMARY KEY (log, part, first, run));
-- A constant that is sealed under the key-encryption key (gateway/core/system/kek_check.py); one row.
CREATE TABLE IF NOT EXISTS kek_check (one INTEGER PRIMARY KEY, sealed {blob} NOT NULL);
