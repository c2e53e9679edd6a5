-- 25_tracking.sql -- following the tables that bindings read.

CREATE FUNCTION sim.record_change()
RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_record_change';
COMMENT ON FUNCTION sim.record_change() IS
  'adds a row to the log of changes; the function of the triggers that sim.bind and sim.track make';

CREATE FUNCTION sim.record_definition()
RETURNS event_trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_record_definition';
COMMENT ON FUNCTION sim.record_definition() IS
  'follows tables, views and functions as they are made, changed and dropped; the function of the extension''s event triggers';

CREATE FUNCTION sim.track(
  relation regclass)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_track';
COMMENT ON FUNCTION sim.track(regclass) IS
  'makes the triggers that record changes of a table for the bindings that read it, or drops them when none does any more; needs the right TRIGGER on the table (42501)';

CREATE FUNCTION sim.rebind(
  model text,
  name text,
  change text DEFAULT NULL)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_rebind';
COMMENT ON FUNCTION sim.rebind(text, text, text) IS
  'binds the stored query again, to the tables that have its names now; change is a statement that the server refuses while bindings read a table, such as ALTER TABLE ... TYPE, and is run in between; for the role that bound it (42501); raises what sim.bind raises';

CREATE FUNCTION sim.binding_state(
  view oid,
  sources text[],
  source_owners regrole[],
  owner regrole,
  query text)
RETURNS TABLE (state text, reason text)
LANGUAGE c STABLE PARALLEL SAFE STRICT ROWS 1
AS 'MODULE_PATHNAME', 'sim_binding_state';
COMMENT ON FUNCTION sim.binding_state(oid, text[], regrole[], regrole, text) IS
  'tells whether a binding can be read, and all changes of what it reads are seen, and why not; query is the one with all names qualified; see view sim.bindings';

CREATE FUNCTION sim.list_sources(
  view oid,
  sources text[])
RETURNS TABLE (
  relation regclass,
  relation_name text,
  columns text[],
  tracked boolean,
  reason text)
LANGUAGE c STABLE PARALLEL SAFE STRICT ROWS 2
AS 'MODULE_PATHNAME', 'sim_list_sources';
COMMENT ON FUNCTION sim.list_sources(oid, text[]) IS
  'lists the tables that a binding reads; see view sim.binding_sources';

-- What is kept by mistake is deleted tomorrow; what is deleted by mistake is gone.
CREATE FUNCTION sim.oldest_kept(
  keep interval)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  oldest timestamptz := statement_timestamp() - keep;
BEGIN
  IF keep IS NULL THEN
    RAISE EXCEPTION 'keep must not be null' USING ERRCODE = 'null_value_not_allowed';
  ELSIF oldest > statement_timestamp() THEN
    RAISE EXCEPTION 'keep is %, which would delete all there is', keep
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'It is how old a row may become, for example ''90 days''; ''0'' keeps nothing that is older than this statement.';
  END IF;
  RETURN oldest;
END
$$;
COMMENT ON FUNCTION sim.oldest_kept(interval) IS
  'gives the time before which functions that prune delete rows; a negative interval is an error (22023), so is NULL (22004)';

-- The rows that are put back have the transaction that prunes, and count under every snapshot: what was read before is read once
-- more, so nothing is missed.
CREATE FUNCTION sim.prune_changes(
  keep interval DEFAULT '1 day')
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  oldest timestamptz := sim.oldest_kept(prune_changes.keep);
  pruned bigint;
BEGIN
  WITH gone AS (
    DELETE FROM sim.stored_changes AS c WHERE c.changed_at < oldest
    RETURNING c.relation, c.changed_at, c.changed_by, c.command),
  put_back AS (
    INSERT INTO sim.stored_changes (relation, transaction, changed_at, changed_by, command)
    SELECT DISTINCT ON (g.relation)
      g.relation, pg_current_xact_id(), g.changed_at, g.changed_by,
      CASE WHEN count(*) OVER (PARTITION BY g.relation) > 1 THEN 'several' ELSE 'one' END
    FROM gone AS g
    ORDER BY g.relation, g.changed_at DESC
    RETURNING relation)
  SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM put_back) INTO pruned;
  RETURN pruned;
END
$$;
COMMENT ON FUNCTION sim.prune_changes(interval) IS
  'deletes older rows of the log of changes, but for the latest of each table, and returns how many; for the owner of the extension; a negative interval is an error (22023)';

CREATE FUNCTION sim.remember_readings(
  model text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_remember_readings';
COMMENT ON FUNCTION sim.remember_readings(text) IS
  'reads the tracked bindings of a model and stores digests of what they give, so that other sessions need not read the rows to know whether results are current; a data block or input whose table changes is read again';
