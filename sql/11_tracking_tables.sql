-- 11_tracking_tables.sql -- which transaction changed what bindings read.
--
-- Nobody has the right to write the log: triggers write it, whoever changes a table.  It means nothing in another database,
-- so it is not dumped.

CREATE TABLE sim.stored_changes (
  relation oid NOT NULL,
  transaction xid8 NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by regrole NOT NULL,
  command text NOT NULL
);
CREATE INDEX stored_changes_by_relation ON sim.stored_changes (relation, transaction);
COMMENT ON TABLE sim.stored_changes IS 'changes of tables that bindings read: at least one row for each table and transaction that changed it';
COMMENT ON COLUMN sim.stored_changes.relation IS 'the table that a statement changed; 0: a definition, of whatever kind';
COMMENT ON COLUMN sim.stored_changes.transaction IS 'the transaction that changed it';
COMMENT ON COLUMN sim.stored_changes.changed_at IS 'when its first statement that changed it had ended';
COMMENT ON COLUMN sim.stored_changes.changed_by IS 'role of the session';
COMMENT ON COLUMN sim.stored_changes.command IS 'what kind of statement it was';

ALTER TABLE sim.stored_changes ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON sim.stored_changes FOR SELECT
  USING (relation OPERATOR(pg_catalog.=) 0 OR pg_catalog.has_any_column_privilege(relation, 'SELECT'));
GRANT SELECT ON sim.stored_changes TO PUBLIC;
