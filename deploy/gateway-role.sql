-- The rights of a gateway in PostgreSQL. It adds entries and reads its configuration; it changes and
-- deletes nothing of the trail. Run it as the owner of the tables, after `sluis migrate` and again
-- after each upgrade:
--   psql "$SLUIS_DATABASE_URL" -v role=sluis_gateway -f deploy/gateway-role.sql
GRANT USAGE ON SCHEMA public TO :"role";
GRANT SELECT ON alembic_version, schema_window, snapshot TO :"role";
GRANT SELECT, INSERT ON audit_entry, audit_detail, subject_key, vault_value, value_key, mention,
  stored_answer, kek_check TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON answer_claim TO :"role";
GRANT SELECT, UPDATE (asked) ON issuer_keys TO :"role";
