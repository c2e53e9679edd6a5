-- 72_refresh.sql -- refreshing result views: by name, by a job, by a reader, at the end of a writer's transaction.
--
-- Whatever asks for it, sim.refresh_view does it: under the lock of the view, as a concurrent refresh, after what is missing
-- has been put into the cache.

CREATE FUNCTION sim.lock_result_view(
  view_id integer,
  waits boolean DEFAULT true)
RETURNS boolean
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_lock_result_view';
COMMENT ON FUNCTION sim.lock_result_view(integer, boolean) IS
  'waits until no other transaction refreshes or drops a result view of the caller''s, given by its number, and keeps others from it until this one ends; with waits => false it gives false where it would have to wait';

CREATE FUNCTION sim.note_event(
  view_id integer,
  event text,
  reason text DEFAULT NULL,
  table_name text DEFAULT NULL,
  column_name text DEFAULT NULL,
  changed_at timestamptz DEFAULT NULL,
  changed_by text DEFAULT NULL,
  began_at timestamptz DEFAULT pg_catalog.clock_timestamp(),
  computed bigint DEFAULT NULL,
  reused bigint DEFAULT NULL)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  INSERT INTO sim.stored_invalidations (
    name, owner, event, reason, table_name, column_name, changed_at, changed_by, began_at, duration, computed, reused)
  SELECT
    v.name, COALESCE(c.relowner::regrole, v.owner), event, reason, table_name, column_name, changed_at, changed_by, began_at,
    pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) began_at, computed, reused
  FROM sim.stored_result_views AS v
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) v.relation
  WHERE v.view_id OPERATOR(pg_catalog.=) note_event.view_id;
END;
COMMENT ON FUNCTION sim.note_event(
  integer, text, text, text, text, timestamptz, text, timestamptz, bigint, bigint) IS
  'adds a row to the history of a result view, given by its number';

CREATE FUNCTION sim.note_failure(
  view_id integer,
  failure text,
  error_code text)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
BEGIN
  SELECT v.* INTO kept FROM sim.stored_result_views AS v
    WHERE v.view_id = note_failure.view_id
      AND 2 = (SELECT count(*) FROM pg_class AS c WHERE c.oid IN (v.view, v.relation));
  IF NOT FOUND THEN
    RETURN 'failed';
  END IF;
  -- A table that was made anew has rows later: who writes them refreshes then.
  PERFORM sim.keep_refresh_sources(view_id);
  -- Cancelled, waited too long, out of step with others or out of memory: the next refresh may succeed.
  IF error_code ~ '^(40|53|57|58|72|55P03)' THEN
    PERFORM sim.note_stale(view_id, failure);
    RETURN 'stale';
  END IF;
  kept.model := sim.result_view_model(view_id);
  BEGIN
    kept.failed_keys := sim.digest_of_keys(kept);
  EXCEPTION WHEN OTHERS THEN
    kept.failed_keys := NULL;
  END;
  UPDATE sim.stored_result_views AS v SET failure = note_failure.failure, failed_keys = kept.failed_keys
    WHERE v.view_id = note_failure.view_id;
  -- A job that tries again and again fills the history once.
  IF kept.failure IS DISTINCT FROM note_failure.failure THEN
    PERFORM sim.note_event(view_id, 'failed', note_failure.failure);
  END IF;
  RETURN 'failed';
END
$$;
COMMENT ON FUNCTION sim.note_failure(integer, text, text) IS
  'keeps why the refresh of a result view, given by its number, failed; gives failed, or stale where the error need not come again';

CREATE FUNCTION sim.note_stale(
  view_id integer,
  failure text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  before record;
BEGIN
  PERFORM sim.keep_refresh_sources(view_id);
  SELECT s.* INTO before FROM sim.result_view_state(view_id) AS s;
  IF before.state <> 'current' THEN
    PERFORM sim.note_event(view_id, 'stale', concat_ws('; not refreshed: ', before.reason, failure), before.table_name, before.column_name,
      before.changed_at, before.changed_by);
  END IF;
END
$$;
COMMENT ON FUNCTION sim.note_stale(integer, text) IS
  'notes that a result view, given by its number, is left to be refreshed later, because of an error where there was one';

CREATE FUNCTION sim.refresh_view(
  view_id integer,
  max_staleness interval DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
  kept sim.stored_result_views;
  before record;
  began timestamptz;
  complete boolean;
  computed bigint;
  reused bigint;
BEGIN
  PERFORM sim.check_writable('no result view can be refreshed', 'sim.read gives its rows as they are.');
  -- A reader waits for nobody where he need not.
  IF max_staleness IS NOT NULL AND (
    EXISTS (
      SELECT FROM sim.stored_result_views AS v
      WHERE v.view_id = refresh_view.view_id AND v.refreshed_at + max_staleness > clock_timestamp())
    OR (SELECT s.state = 'current' FROM sim.result_view_state(view_id) AS s))
  THEN
    RETURN false;
  END IF;
  -- What follows is read under snapshots that are taken when the lock is held.
  PERFORM sim.lock_result_view(view_id);
  SELECT v.* INTO kept FROM sim.stored_result_views AS v WHERE v.view_id = refresh_view.view_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the result view was dropped meanwhile' USING ERRCODE = 'undefined_object';
  END IF;
  kept.model := sim.result_view_model(view_id);
  UPDATE sim.stored_result_views AS v SET model = kept.model
    WHERE v.view_id = refresh_view.view_id AND v.model <> kept.model;
  SELECT s.* INTO before FROM sim.result_view_state(view_id) AS s;
  IF before.state = 'current' THEN
    -- The same numbers may come from other tables by now.
    PERFORM sim.keep_refresh_sources(view_id);
    UPDATE sim.stored_result_views AS v SET failure = NULL, failed_keys = NULL
      WHERE v.view_id = refresh_view.view_id AND v.failure IS NOT NULL;
    RETURN false;
  END IF;
  IF 2 > (SELECT count(*) FROM pg_class AS c WHERE c.oid IN (kept.view, kept.relation)) THEN
    RAISE EXCEPTION 'the relations of result view % were dropped', kept.name
      USING ERRCODE = 'undefined_object', HINT = 'Make it again with sim.create_result_view.';
  END IF;
  -- What cannot be computed stays as it is.  Where there is nothing else, why it cannot is the error.
  IF NOT (SELECT c.relispopulated FROM pg_class AS c WHERE c.oid = kept.relation)
    OR before.state = 'failed' AND NOT sim.needs_refresh(kept)
  THEN
    PERFORM sim.require_keys(kept.model, kept.trials, kept.seed, kept.scenarios, kept.overrides);
  ELSIF before.state = 'failed' THEN
    SELECT before.state, c.* INTO before FROM sim.result_changes(view_id) AS c LIMIT 1;
  END IF;
  began := clock_timestamp();
  SELECT count(*) FILTER (WHERE NOT w.hit), count(*) FILTER (WHERE w.hit) INTO computed, reused
    FROM sim.warm_results(kept.model, kept.trials, kept.seed, kept.scenarios, kept.overrides, kept.percentiles) AS w
    WHERE current_setting('sim.cache') <> 'off';
  complete := sim.keep_result_inputs(view_id);
  -- What a dump has brought would be taken for the rows of now.
  DELETE FROM sim.stored_restored_rows AS r WHERE r.view_id = refresh_view.view_id;
  EXECUTE format('REFRESH MATERIALIZED VIEW %s %s',
    (SELECT 'CONCURRENTLY' FROM pg_class AS c WHERE c.oid = kept.relation AND c.relispopulated), kept.relation);
  UPDATE sim.stored_result_views AS v SET
      refreshed_at = began, duration = clock_timestamp() - began, failure = NULL, failed_keys = NULL
    WHERE v.view_id = refresh_view.view_id AND complete;
  PERFORM sim.note_event(view_id, 'refreshed', before.reason, before.table_name, before.column_name,
    before.changed_at, before.changed_by, began, computed, reused);
  RETURN true;
END
$$;
COMMENT ON FUNCTION sim.refresh_view(integer, interval) IS
  'refreshes a result view, given by its number, unless it is current or was refreshed less than max_staleness ago, and tells whether it did; what sim.refresh_result_view and all others call';

CREATE FUNCTION sim.refresh_stale(
  max_views integer DEFAULT NULL)
RETURNS TABLE (name text, event text, reason text, duration interval)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  candidate record;
  began timestamptz;
  before record;
  done integer := 0;
BEGIN
  PERFORM sim.check_writable('no result view can be refreshed', 'View sim.result_views tells which are stale.');
  FOR candidate IN
    SELECT v.view_id, v.name FROM sim.stored_result_views AS v
    JOIN pg_class AS c ON c.oid = v.relation
    JOIN pg_class AS p ON p.oid = v.view
    WHERE v.refresh <> 'manual' AND pg_has_role(c.relowner, 'USAGE')
    ORDER BY v.failure IS NOT NULL, v.refreshed_at NULLS FIRST, v.view_id
  LOOP
    EXIT WHEN done >= max_views;
    SELECT s.* INTO before FROM sim.result_view_state(candidate.view_id) AS s;
    CONTINUE WHEN before.state IN ('current', 'refreshing')
      OR NOT sim.lock_result_view(candidate.view_id, waits => false);
    began := clock_timestamp();
    name := candidate.name;
    reason := before.reason;
    BEGIN
      CONTINUE WHEN NOT sim.refresh_view(candidate.view_id);
      event := 'refreshed';
    EXCEPTION WHEN OTHERS THEN
      event := sim.note_failure(candidate.view_id, SQLERRM, SQLSTATE);
      reason := SQLERRM;
    END;
    duration := clock_timestamp() - began;
    done := done + 1;
    RETURN NEXT;
  END LOOP;
  PERFORM sim.note_stale(v.view_id) FROM sim.stored_result_views AS v
    JOIN pg_class AS c ON c.oid = v.relation
    WHERE v.refresh = 'manual' AND pg_has_role(c.relowner, 'USAGE') AND NOT EXISTS (
      SELECT FROM sim.stored_invalidations AS i
      WHERE i.name = v.name AND i.event = 'stale' AND i.began_at > COALESCE(v.refreshed_at, v.created_at));
END
$$;
COMMENT ON FUNCTION sim.refresh_stale(integer) IS
  'refreshes the caller''s result views that are not current, those refreshed longest ago first, those that failed last, max_views at most, but for manual ones and those that another session refreshes; gives a row for each, also for one that failed; notes in the history, once, that a manual one has become stale; readers never wait; an error on a standby and in a read-only transaction (25006)';

CREATE FUNCTION sim.result_view_id(
  relation regclass,
  name text)
RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  parts text[] := parse_ident(name);
  id integer;
BEGIN
  IF name IS NULL THEN
    RAISE EXCEPTION 'name must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  -- Known by its relations, or by the name it had before somebody dropped them, with or without its schema.
  SELECT v.view_id INTO id FROM sim.stored_result_views AS v
    WHERE result_view_id.relation IN (v.view, v.relation)
      OR NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = v.view)
        AND (parts = parse_ident(v.name) OR result_view_id.relation IS NULL AND parts = (parse_ident(v.name))[2:])
    ORDER BY v.view_id DESC LIMIT 1;
  IF id IS NULL AND relation IS NOT NULL THEN
    -- Raises where it is none, or not for the caller's eyes.
    PERFORM FROM sim.result_keys(relation);
    RAISE EXCEPTION 'must be owner of result view %', relation
      USING ERRCODE = 'insufficient_privilege', HINT = format(
        'Members of its owner refresh and drop it by name. Whoever may read it may call sim.read(NULL::%s), which refreshes it, too.', relation);
  END IF;
  IF id IS NULL THEN
    RAISE EXCEPTION 'result view "%" does not exist', name
      USING ERRCODE = 'undefined_object', HINT = 'View sim.result_views lists those of your roles, by the names to use here.';
  END IF;
  RETURN id;
END
$$;
COMMENT ON FUNCTION sim.result_view_id(regclass, text) IS
  'gives the number of the result view that a relation is part of; one that does not exist is an error (42704), somebody else''s too (42501)';

CREATE FUNCTION sim.refresh_result_view(
  name text)
RETURNS boolean
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  -- The name is found along the caller's path.
  SELECT sim.refresh_view(sim.result_view_id(pg_catalog.to_regclass(name), name));
END;
COMMENT ON FUNCTION sim.refresh_result_view(text) IS
  'refreshes a result view unless it is current, and tells whether it had to; readers never wait; one that does not exist is an error (42704), and one whose owner the caller is no member of (42501), who may call sim.read; so is a standby or a read-only transaction (25006)';

CREATE FUNCTION sim.refresh_for_reader(
  relation regclass,
  max_staleness interval)
RETURNS text
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_refresh_for_reader';
COMMENT ON FUNCTION sim.refresh_for_reader(regclass, interval) IS
  'what sim.read calls first: sim.refresh_view with the rights of the result view''s owner, for a caller that may read it; gives the error of a refresh that failed';

CREATE FUNCTION sim.read(
  result_view anyelement,
  max_staleness interval DEFAULT '0')
RETURNS SETOF anyelement
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  relation regclass;
  problem text;
BEGIN
  SELECT NULLIF(t.typrelid, 0)::regclass INTO relation FROM pg_type AS t WHERE t.oid = pg_typeof(result_view);
  IF relation IS NULL THEN
    RAISE EXCEPTION 'type % is not that of a result view', pg_typeof(result_view)
      USING ERRCODE = 'datatype_mismatch', HINT = 'Write sim.read(NULL::my_view).';
  END IF;
  IF max_staleness IS NULL THEN
    RAISE EXCEPTION 'max_staleness must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF NOT current_setting('transaction_read_only')::boolean THEN
    problem := sim.refresh_for_reader(relation, max_staleness);
  END IF;
  IF problem IS NOT NULL THEN
    RAISE WARNING 'result view % was not refreshed: %', relation, problem;
  END IF;
  RETURN QUERY EXECUTE format('SELECT * FROM %s', relation);
END
$$;
COMMENT ON FUNCTION sim.read(anyelement, interval) IS
  'gives the rows of a result view, SELECT * FROM sim.read(NULL::my_view), refreshed first where it is not current and the last refresh is longer ago than max_staleness; in a read-only transaction, or where the refresh fails, the rows as they are, with their state';

-- At the end of a writer's transaction.

CREATE FUNCTION sim.queue_model_refreshes()
RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_queue_model_refreshes';
COMMENT ON FUNCTION sim.queue_model_refreshes() IS
  'trigger of the tables of models: queues the result views with refresh => ''on_commit'' of the model that is changed';

CREATE FUNCTION sim.refresh_queued()
RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_refresh_queued';
COMMENT ON FUNCTION sim.refresh_queued() IS
  'deferred trigger of sim.stored_refresh_queue: refreshes the result views that the transaction has queued';

CREATE CONSTRAINT TRIGGER refresh_queued AFTER INSERT ON sim.stored_refresh_queue
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sim.refresh_queued();
ALTER TABLE sim.stored_refresh_queue ENABLE ALWAYS TRIGGER refresh_queued;

CREATE TRIGGER queue_model_refreshes AFTER UPDATE OR DELETE ON sim.stored_models
  FOR EACH ROW EXECUTE FUNCTION sim.queue_model_refreshes();
CREATE TRIGGER queue_model_refreshes AFTER INSERT OR UPDATE OR DELETE ON sim.stored_scenarios
  FOR EACH ROW EXECUTE FUNCTION sim.queue_model_refreshes();
CREATE TRIGGER queue_model_refreshes AFTER INSERT OR UPDATE OR DELETE ON sim.stored_bindings
  FOR EACH ROW EXECUTE FUNCTION sim.queue_model_refreshes();
