-- 70_result_views.sql -- results as materialized views, which tell whether they are current and are refreshed.
--
-- A result view is two relations of its maker: a materialized view with the statistics, and beside it a plain view, which
-- is what dashboards read.  Each row of the materialized view carries the key of what it was computed from, found by the
-- same query under the same snapshot.  Whether a number is current is decided when it is read, under the reader's snapshot,
-- by comparing this key with the one that the same arguments have now; nobody sets a flag, so none can be wrong.
-- The tables here hold the arguments, and what is needed to say why something is stale.

CREATE SEQUENCE sim.stored_result_view_ids AS integer;
COMMENT ON SEQUENCE sim.stored_result_view_ids IS 'numbers of result views, in which order they are locked';
GRANT USAGE ON SEQUENCE sim.stored_result_view_ids TO PUBLIC;

CREATE TABLE sim.stored_result_views (
  view_id integer PRIMARY KEY DEFAULT pg_catalog.nextval('sim.stored_result_view_ids'),
  name text NOT NULL,
  view regclass NOT NULL,
  relation regclass NOT NULL UNIQUE,
  owner regrole NOT NULL,
  model text NOT NULL,
  trials bigint,
  seed bigint NOT NULL,
  scenarios text[],
  overrides jsonb NOT NULL,
  percentiles float8[],
  refresh text NOT NULL
    CHECK (refresh OPERATOR(pg_catalog.=) ANY (ARRAY['on_commit', 'deferred', 'manual'])),
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  version integer,
  refreshed_at timestamptz,
  duration interval,
  failure text,
  failed_keys bytea
);
COMMENT ON TABLE sim.stored_result_views IS 'result views; see view sim.result_views';
COMMENT ON COLUMN sim.stored_result_views.view_id IS 'number of the result view';
COMMENT ON COLUMN sim.stored_result_views.name IS 'name with schema when it was made, for when the view is gone';
COMMENT ON COLUMN sim.stored_result_views.view IS 'plain view that users read';
COMMENT ON COLUMN sim.stored_result_views.relation IS 'materialized view that holds the statistics';
COMMENT ON COLUMN sim.stored_result_views.owner IS 'role that made it, for when the materialized view is gone';
COMMENT ON COLUMN sim.stored_result_views.model IS 'model as it was named: name or name@version';
COMMENT ON COLUMN sim.stored_result_views.trials IS 'number of trials; NULL as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_result_views.seed IS 'seed';
COMMENT ON COLUMN sim.stored_result_views.scenarios IS 'scenarios; NULL: the base alone';
COMMENT ON COLUMN sim.stored_result_views.overrides IS 'values of inputs by name';
COMMENT ON COLUMN sim.stored_result_views.percentiles IS 'percentiles with columns of their own';
COMMENT ON COLUMN sim.stored_result_views.refresh IS 'when it is refreshed: on_commit, deferred or manual';
COMMENT ON COLUMN sim.stored_result_views.created_at IS 'when it was made';
COMMENT ON COLUMN sim.stored_result_views.version IS 'version of the model at the last refresh';
COMMENT ON COLUMN sim.stored_result_views.refreshed_at IS 'when the last refresh began, before it read anything';
COMMENT ON COLUMN sim.stored_result_views.duration IS 'how long the last refresh took';
COMMENT ON COLUMN sim.stored_result_views.failure IS 'why the last refresh failed; NULL when it did not';
COMMENT ON COLUMN sim.stored_result_views.failed_keys IS 'digest of the keys with which it failed; NULL where they could not be found';

CREATE TABLE sim.stored_result_inputs (
  view_id integer NOT NULL REFERENCES sim.stored_result_views ON DELETE CASCADE,
  scenario text NOT NULL,
  input text NOT NULL,
  source text NOT NULL,
  definition text,
  value float8,
  rows bigint,
  hash bytea,
  PRIMARY KEY (view_id, scenario, input)
);
COMMENT ON TABLE sim.stored_result_inputs IS 'what each input was at the last refresh of a result view, to say what has changed since';
COMMENT ON COLUMN sim.stored_result_inputs.view_id IS 'the result view';
COMMENT ON COLUMN sim.stored_result_inputs.scenario IS 'scenario';
COMMENT ON COLUMN sim.stored_result_inputs.input IS 'input or data block';
COMMENT ON COLUMN sim.stored_result_inputs.source IS 'what supplied it: default, scenario, override or binding';
COMMENT ON COLUMN sim.stored_result_inputs.definition IS 'its text';
COMMENT ON COLUMN sim.stored_result_inputs.value IS 'its value, where it was one number';
COMMENT ON COLUMN sim.stored_result_inputs.rows IS 'number of bound rows';
COMMENT ON COLUMN sim.stored_result_inputs.hash IS 'hash of the value';

CREATE TABLE sim.stored_refresh_sources (
  relation regclass NOT NULL,
  model_id integer NOT NULL,
  view_id integer NOT NULL REFERENCES sim.stored_result_views ON DELETE CASCADE,
  PRIMARY KEY (relation, model_id, view_id)
);
COMMENT ON TABLE sim.stored_refresh_sources IS 'tables whose writers refresh result views when they commit';
COMMENT ON COLUMN sim.stored_refresh_sources.relation IS 'table that a binding of the model reads; sim.stored_models for the model itself';
COMMENT ON COLUMN sim.stored_refresh_sources.model_id IS 'the model, with sim.stored_models; else 0';
COMMENT ON COLUMN sim.stored_refresh_sources.view_id IS 'the result view';

-- Its rows never outlive their transaction.
CREATE UNLOGGED TABLE sim.stored_refresh_queue (
  transaction xid8 NOT NULL,
  view_id integer NOT NULL,
  PRIMARY KEY (transaction, view_id)
);
COMMENT ON TABLE sim.stored_refresh_queue IS 'result views that running transactions refresh when they commit; nobody else ever sees a row';
COMMENT ON COLUMN sim.stored_refresh_queue.transaction IS 'the transaction';
COMMENT ON COLUMN sim.stored_refresh_queue.view_id IS 'the result view';

CREATE TABLE sim.stored_invalidations (
  name text NOT NULL,
  owner regrole NOT NULL,
  event text NOT NULL
    CHECK (event OPERATOR(pg_catalog.=) ANY (ARRAY['refreshed', 'failed', 'stale'])),
  reason text,
  table_name text,
  column_name text,
  changed_at timestamptz,
  changed_by text,
  began_at timestamptz NOT NULL,
  duration interval,
  computed bigint,
  reused bigint,
  performed_by regrole NOT NULL DEFAULT (SESSION_USER::regrole)
);
CREATE INDEX ON sim.stored_invalidations (began_at);
COMMENT ON TABLE sim.stored_invalidations IS 'history of result views; see view sim.invalidation_log';
COMMENT ON COLUMN sim.stored_invalidations.name IS 'result view';
COMMENT ON COLUMN sim.stored_invalidations.owner IS 'role whose members see the row';
COMMENT ON COLUMN sim.stored_invalidations.event IS 'refreshed, failed, or stale where a writer could not refresh';
COMMENT ON COLUMN sim.stored_invalidations.reason IS 'what had changed, or the error';
COMMENT ON COLUMN sim.stored_invalidations.table_name IS 'table that had changed';
COMMENT ON COLUMN sim.stored_invalidations.column_name IS 'column that had changed';
COMMENT ON COLUMN sim.stored_invalidations.changed_at IS 'when it had changed';
COMMENT ON COLUMN sim.stored_invalidations.changed_by IS 'who had changed it';
COMMENT ON COLUMN sim.stored_invalidations.began_at IS 'when the refresh began';
COMMENT ON COLUMN sim.stored_invalidations.duration IS 'how long it took';
COMMENT ON COLUMN sim.stored_invalidations.computed IS 'outputs of scenarios that were computed';
COMMENT ON COLUMN sim.stored_invalidations.reused IS 'outputs of scenarios that were found in the cache';
COMMENT ON COLUMN sim.stored_invalidations.performed_by IS 'role of the session in which it happened';

ALTER TABLE sim.stored_result_views ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_result_inputs ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_refresh_sources ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_refresh_queue ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_invalidations ENABLE ROW LEVEL SECURITY;

-- Whoever owns the materialized view owns the result view.
CREATE POLICY members ON sim.stored_result_views
  USING (pg_catalog.pg_has_role(
    COALESCE((SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) relation), owner), 'MEMBER'))
  WITH CHECK (EXISTS (
    SELECT FROM pg_catalog.pg_class AS c
    WHERE c.oid OPERATOR(pg_catalog.=) relation
      AND c.relkind OPERATOR(pg_catalog.=) 'm'
      AND pg_catalog.pg_has_role(c.relowner, 'MEMBER')));

CREATE POLICY members ON sim.stored_result_inputs
  USING (EXISTS (
    SELECT FROM sim.stored_result_views AS v
    WHERE v.view_id OPERATOR(pg_catalog.=) stored_result_inputs.view_id));

-- A refresh takes the time of the writers of a table: who may put triggers on it may ask for that.
CREATE POLICY members ON sim.stored_refresh_sources
  USING (EXISTS (
    SELECT FROM sim.stored_result_views AS v
    WHERE v.view_id OPERATOR(pg_catalog.=) stored_refresh_sources.view_id))
  WITH CHECK (
    EXISTS (
      SELECT FROM sim.stored_result_views AS v
      WHERE v.view_id OPERATOR(pg_catalog.=) stored_refresh_sources.view_id)
    AND CASE relation
      WHEN 'sim.stored_models'::regclass THEN EXISTS (
        SELECT FROM sim.stored_models AS m
        WHERE m.model_id OPERATOR(pg_catalog.=) stored_refresh_sources.model_id)
      ELSE pg_catalog.has_table_privilege(relation, 'TRIGGER')
    END);

CREATE POLICY members ON sim.stored_invalidations
  USING (pg_catalog.pg_has_role(owner, 'MEMBER'));

GRANT SELECT, INSERT, UPDATE, DELETE ON sim.stored_result_views TO PUBLIC;
GRANT SELECT, INSERT, DELETE ON sim.stored_result_inputs, sim.stored_refresh_sources, sim.stored_invalidations TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sim.stored_result_view_ids', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_result_views', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_result_inputs', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_refresh_sources', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_invalidations', '');

-- The state of a result view.

CREATE FUNCTION sim.result_keys(
  relation regclass,
  OUT scenario text,
  OUT output text,
  OUT key bytea,
  OUT failed boolean,
  OUT as_of timestamptz)
RETURNS SETOF record
LANGUAGE c STABLE STRICT PARALLEL UNSAFE ROWS 10
AS 'MODULE_PATHNAME', 'sim_result_keys';
COMMENT ON FUNCTION sim.result_keys(regclass) IS
  'gives the keys of what the rows of a result view would be computed from now, found with the rights of its owner; one row alone that has failed where there are none; what the plain view of a result view compares; relation is the materialized view, which or whose plain view the caller must be allowed to read';

CREATE FUNCTION sim.named_version(
  model text)
RETURNS TABLE (model_id integer, model_name text, version integer, source text, created_at timestamptz, created_by regrole)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT m.model_id, m.name, v.version, v.source, v.created_at, v.created_by
  FROM (
    SELECT pg_catalog.split_part(model, '@', 1) AS given, pg_catalog.split_part(model, '@', 2) AS number) AS named
  JOIN sim.stored_models AS m ON m.name OPERATOR(pg_catalog.=) CASE
    WHEN named.given OPERATOR(pg_catalog.~~) '"%"'
      THEN pg_catalog.replace(pg_catalog.btrim(named.given, '"'), '""', '"')
    ELSE pg_catalog.lower(named.given)
  END
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) CASE named.number WHEN '' THEN m.current_version ELSE named.number::integer END;
END;
COMMENT ON FUNCTION sim.named_version(text) IS
  'gives the version that name or name@version stands for; no row where there is none';

CREATE FUNCTION sim.result_changes(
  view_id integer)
RETURNS TABLE (reason text, table_name text, column_name text, changed_at timestamptz, changed_by text)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
  now_used record;
  change record;
  followed record;
BEGIN
  SELECT v.* INTO STRICT kept FROM sim.stored_result_views AS v WHERE v.view_id = result_changes.view_id;
  SELECT n.* INTO now_used FROM sim.named_version(kept.model) AS n;
  IF now_used.version <> kept.version THEN
    RETURN QUERY SELECT
      format('model %s replaced: version %s -> %s', now_used.model_name, kept.version, now_used.version),
      NULL::text, NULL::text, now_used.created_at, now_used.created_by::text;
  END IF;
  FOR change IN
    WITH before AS (
      SELECT i.scenario, i.input, i.source, i.definition, i.value, i.rows, i.hash
      FROM sim.stored_result_inputs AS i WHERE i.view_id = result_changes.view_id),
    now AS (
      SELECT e.scenario, e.input, e.source, e.definition, e.value, e.rows, e.hash
      FROM sim.effective_inputs(kept.model, kept.scenarios, kept.overrides) AS e),
    differing AS (
      SELECT
        COALESCE(now.scenario, before.scenario) AS scenario,
        COALESCE(now.input, before.input) AS input,
        before.source AS old_source,
        now.source AS new_source,
        COALESCE(before.value::text, before.rows || ' rows', before.definition) AS was,
        COALESCE(now.value::text, now.rows || ' rows', now.definition) AS is_now
      FROM before FULL JOIN now ON now.scenario = before.scenario AND now.input = before.input
      WHERE (now.source, now.definition, now.value, now.rows, now.hash)
        IS DISTINCT FROM (before.source, before.definition, before.value, before.rows, before.hash))
    SELECT 1 AS place, NULL AS input, 'scenario' AS old_source, 'scenario' AS new_source,
      format('scenario %s %s', d.scenario, CASE WHEN bool_or(d.old_source IS NULL) THEN 'added' ELSE 'gone' END) AS what,
      NULL AS arrow
    FROM differing AS d
    WHERE d.scenario NOT IN (SELECT before.scenario FROM before) OR d.scenario NOT IN (SELECT now.scenario FROM now)
    GROUP BY d.scenario
    UNION ALL
    SELECT CASE d.new_source WHEN 'binding' THEN 0 ELSE 2 END, d.input, d.old_source, d.new_source,
      CASE WHEN 'scenario' IN (d.old_source, d.new_source)
        THEN format('scenario %s changed: %s', min(d.scenario), d.input) ELSE d.input END,
      CASE WHEN d.was <> d.is_now THEN format(' %s -> %s', d.was, d.is_now) ELSE '' END
    FROM differing AS d
    WHERE d.scenario IN (SELECT before.scenario FROM before) AND d.scenario IN (SELECT now.scenario FROM now)
    GROUP BY d.input, d.old_source, d.new_source, d.was, d.is_now
    ORDER BY 1, 5
  LOOP
    SELECT f.* INTO followed FROM sim.followed_change(now_used.model_id, now_used.model_name, change.input) AS f
      WHERE change.old_source = 'binding' AND change.new_source = 'binding';
    RETURN QUERY SELECT
      CASE
        WHEN change.place = 1 OR 'scenario' IN (change.old_source, change.new_source) THEN concat(change.what, change.arrow)
        WHEN change.new_source IS NULL THEN change.what || ' gone'
        WHEN change.old_source IS NULL THEN change.what || ' added'
        WHEN change.old_source <> 'binding' AND change.new_source = 'binding' THEN format('%s bound:%s', change.what, change.arrow)
        WHEN change.old_source = 'binding' AND change.new_source <> 'binding' THEN format('%s unbound:%s', change.what, change.arrow)
        WHEN change.new_source = 'binding'
          THEN format('%s changed: %s%s', COALESCE(followed.column_path, 'the query'), change.what, change.arrow)
        ELSE format('%s changed%s', change.what, ':' || NULLIF(change.arrow, ''))
      END,
      followed.table_name, followed.column_name, followed.changed_at, followed.changed_by;
  END LOOP;
END
$$;
COMMENT ON FUNCTION sim.result_changes(integer) IS
  'lists what has changed since the last refresh of a result view, given by its number';

CREATE FUNCTION sim.followed_change(
  model_id integer,
  model_name text,
  input text)
RETURNS TABLE (table_name text, column_name text, column_path text, changed_at timestamptz, changed_by text)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- The columns that the query hands on by their own names, or all that it reads.
  RETURN QUERY
    SELECT
      s.relation_name::text,
      named.columns,
      COALESCE((SELECT c.relname FROM pg_class AS c WHERE c.oid = s.relation), s.relation_name) || COALESCE('.' || named.columns, ''),
      last.changed_at,
      last.changed_by::text
    FROM sim.binding_sources AS s
    JOIN sim.stored_bindings AS b
      ON b.model_id = followed_change.model_id AND b.name = followed_change.input
    CROSS JOIN LATERAL (
      SELECT COALESCE(
        string_agg(c.name, ', ') FILTER (WHERE a.attname IS NOT NULL), string_agg(c.name, ', ')) AS columns
      FROM unnest(s.columns) AS c (name)
      LEFT JOIN pg_attribute AS a ON a.attrelid = b.view AND a.attname = c.name) AS named
    LEFT JOIN LATERAL (
      SELECT c.changed_at, c.changed_by FROM sim.stored_changes AS c
      WHERE c.relation = s.relation ORDER BY c.transaction DESC LIMIT 1) AS last ON true
    WHERE s.model = followed_change.model_name AND s.name = followed_change.input
    ORDER BY last.changed_at DESC NULLS LAST, s.relation_name
    LIMIT 1;
END
$$;
COMMENT ON FUNCTION sim.followed_change(integer, text, text) IS
  'names the table of a binding that was changed last, by whom and when';

CREATE FUNCTION sim.digest_of_keys(
  kept sim.stored_result_views)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT pg_catalog.sha256(pg_catalog.string_agg(k.key, ''::bytea ORDER BY k.scenario, k.output))
  FROM sim.output_keys((kept).model, (kept).trials, (kept).seed, (kept).scenarios, (kept).overrides) AS k;
END;
COMMENT ON FUNCTION sim.digest_of_keys(sim.stored_result_views) IS 'one hash of all keys that a result view has now';

CREATE FUNCTION sim.result_view_state(
  view_id integer,
  OUT state text,
  OUT reason text,
  OUT table_name text,
  OUT column_name text,
  OUT changed_at timestamptz,
  OUT changed_by text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
  filled boolean;
  differs boolean;
  more bigint;
BEGIN
  SELECT v.* INTO kept FROM sim.stored_result_views AS v WHERE v.view_id = result_view_state.view_id;
  -- A column of another type could bring functions of its owner's along, and who asks may be a superuser.
  SELECT c.relispopulated INTO filled FROM pg_class AS c
    WHERE c.oid = kept.relation AND EXISTS (SELECT FROM pg_class AS p WHERE p.oid = kept.view)
      AND 3 = (
        SELECT count(*) FROM pg_attribute AS a
        WHERE a.attrelid = c.oid
          AND (a.attname, a.atttypid) IN (('scenario', 'text'::regtype), ('output', 'text'::regtype), ('key', 'bytea'::regtype)));
  IF filled IS NULL THEN
    state := 'failed';
    reason := 'its relations were dropped without sim.drop_result_view';
    RETURN;
  END IF;
  IF NOT filled THEN
    state := 'stale';
    reason := 'it holds no rows yet';
    RETURN;
  END IF;
  BEGIN
    EXECUTE format(
      'SELECT EXISTS (SELECT FROM (SELECT DISTINCT scenario, output, key FROM %s) AS kept'
      ' FULL JOIN sim.output_keys($1, $2, $3, $4, $5) AS now'
      ' ON now.scenario = kept.scenario AND now.output = kept.output AND now.key = kept.key'
      ' WHERE now.key IS NULL OR kept.key IS NULL)', kept.relation)
      INTO differs USING kept.model, kept.trials, kept.seed, kept.scenarios, kept.overrides;
    IF NOT differs THEN
      state := 'current';
      RETURN;
    END IF;
    SELECT c.*, count(*) OVER () - 1 INTO reason, table_name, column_name, changed_at, changed_by, more
      FROM sim.result_changes(view_id) AS c LIMIT 1;
    reason := COALESCE(reason || CASE WHEN more > 0 THEN format(' and %s more', more) ELSE '' END,
      'computed by another version of pg_simulate');
  EXCEPTION WHEN OTHERS THEN
    state := 'failed';
    reason := SQLERRM;
    RETURN;
  END;
  IF EXISTS (
    SELECT FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()
      AND l.classid = 1936289142::oid AND l.objid = view_id::oid AND l.objsubid = 2
      AND l.pid <> pg_backend_pid())
  THEN
    state := 'refreshing';
  ELSIF kept.failed_keys = sim.digest_of_keys(kept) THEN
    state := 'failed';
    reason := kept.failure;
  ELSE
    state := 'stale';
  END IF;
END
$$;
COMMENT ON FUNCTION sim.result_view_state(integer) IS
  'tells whether a result view, given by its number, is current under the snapshot of the statement that asks, and if not, what has changed since, and whether another session refreshes it';

-- Refreshing.

CREATE FUNCTION sim.lock_result_view(
  view_id integer)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  -- 1936289142 spells "simv"; sim.result_view_state looks for it.
  SELECT pg_catalog.pg_advisory_xact_lock(1936289142, view_id);
END;
COMMENT ON FUNCTION sim.lock_result_view(integer) IS
  'waits until no other transaction refreshes or drops a result view, given by its number, and keeps others from it until this one ends';

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
  failure text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
BEGIN
  SELECT v.* INTO kept FROM sim.stored_result_views AS v WHERE v.view_id = note_failure.view_id;
  BEGIN
    kept.failed_keys := sim.digest_of_keys(kept);
  EXCEPTION WHEN OTHERS THEN
    kept.failed_keys := NULL;
  END;
  UPDATE sim.stored_result_views AS v SET failure = note_failure.failure, failed_keys = kept.failed_keys
    WHERE v.view_id = note_failure.view_id;
  PERFORM sim.note_event(view_id, 'failed', failure);
END
$$;
COMMENT ON FUNCTION sim.note_failure(integer, text) IS 'keeps why the refresh of a result view, given by its number, failed';

CREATE FUNCTION sim.note_stale(
  view_id integer)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  before record;
BEGIN
  SELECT s.* INTO before FROM sim.result_view_state(view_id) AS s;
  IF before.state <> 'current' THEN
    PERFORM sim.note_event(view_id, 'stale', before.reason, before.table_name, before.column_name,
      before.changed_at, before.changed_by);
  END IF;
END
$$;
COMMENT ON FUNCTION sim.note_stale(integer) IS
  'notes that a writer''s transaction left a result view, given by its number, to be refreshed later';

CREATE FUNCTION sim.refresh_view(
  view_id integer,
  max_staleness interval DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
  before record;
  began timestamptz;
  computed bigint;
  reused bigint;
BEGIN
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
  SELECT s.* INTO before FROM sim.result_view_state(view_id) AS s;
  IF before.state = 'current' THEN
    UPDATE sim.stored_result_views AS v SET failure = NULL, failed_keys = NULL
      WHERE v.view_id = refresh_view.view_id AND v.failure IS NOT NULL;
    RETURN false;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = kept.relation) THEN
    RAISE EXCEPTION 'the materialized view of result view % was dropped', kept.name
      USING ERRCODE = 'undefined_object', HINT = 'Make it again with sim.create_result_view.';
  END IF;
  began := clock_timestamp();
  SELECT count(*) FILTER (WHERE NOT w.hit), count(*) FILTER (WHERE w.hit) INTO computed, reused
    FROM sim.warm(kept.model, kept.trials, kept.seed, kept.scenarios, kept.overrides, kept.percentiles) AS w
    WHERE current_setting('sim.cache') <> 'off';
  PERFORM sim.keep_result_inputs(view_id);
  EXECUTE format('REFRESH MATERIALIZED VIEW %s %s',
    (SELECT 'CONCURRENTLY' FROM pg_class AS c WHERE c.oid = kept.relation AND c.relispopulated), kept.relation);
  UPDATE sim.stored_result_views AS v SET
      refreshed_at = began, duration = clock_timestamp() - began, failure = NULL, failed_keys = NULL
    WHERE v.view_id = refresh_view.view_id;
  PERFORM sim.note_event(view_id, 'refreshed', before.reason, before.table_name, before.column_name,
    before.changed_at, before.changed_by, began, computed, reused);
  RETURN true;
END
$$;
COMMENT ON FUNCTION sim.refresh_view(integer, interval) IS
  'refreshes a result view, given by its number, unless it is current or was refreshed less than max_staleness ago, and tells whether it did; what sim.refresh_result_view and all others call';

CREATE FUNCTION sim.keep_result_inputs(
  view_id integer)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
  used record;
BEGIN
  SELECT v.* INTO kept FROM sim.stored_result_views AS v WHERE v.view_id = keep_result_inputs.view_id;
  SELECT n.* INTO used FROM sim.named_version(kept.model) AS n;
  UPDATE sim.stored_result_views AS v SET version = used.version WHERE v.view_id = keep_result_inputs.view_id;
  DELETE FROM sim.stored_result_inputs AS i WHERE i.view_id = keep_result_inputs.view_id;
  INSERT INTO sim.stored_result_inputs (view_id, scenario, input, source, definition, value, rows, hash)
    SELECT keep_result_inputs.view_id, e.scenario, e.input, e.source, e.definition, e.value, e.rows, e.hash
    FROM sim.effective_inputs(kept.model, kept.scenarios, kept.overrides) AS e;
  DELETE FROM sim.stored_refresh_sources AS s WHERE s.view_id = keep_result_inputs.view_id;
  INSERT INTO sim.stored_refresh_sources (relation, model_id, view_id)
    SELECT DISTINCT s.relation, 0, keep_result_inputs.view_id FROM sim.binding_sources AS s
    WHERE kept.refresh = 'on_commit' AND s.model = used.model_name AND s.relation IS NOT NULL
      AND has_table_privilege(s.relation, 'TRIGGER')
    UNION ALL
    SELECT 'sim.stored_models'::regclass, used.model_id, keep_result_inputs.view_id WHERE kept.refresh = 'on_commit';
END
$$;
COMMENT ON FUNCTION sim.keep_result_inputs(integer) IS
  'keeps what a result view, given by its number, is computed from, and which tables'' writers refresh it';

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
  FOR candidate IN
    SELECT v.view_id, v.name FROM sim.stored_result_views AS v
    JOIN pg_class AS c ON c.oid = v.relation
    WHERE v.refresh <> 'manual' AND pg_has_role(c.relowner, 'USAGE')
    ORDER BY v.refreshed_at NULLS FIRST, v.view_id
  LOOP
    EXIT WHEN done >= max_views;
    SELECT s.* INTO before FROM sim.result_view_state(candidate.view_id) AS s;
    CONTINUE WHEN before.state IN ('current', 'refreshing')
      OR NOT pg_try_advisory_xact_lock(1936289142, candidate.view_id);
    began := clock_timestamp();
    name := candidate.name;
    reason := before.reason;
    BEGIN
      CONTINUE WHEN NOT sim.refresh_view(candidate.view_id);
      event := 'refreshed';
    EXCEPTION WHEN OTHERS THEN
      event := 'failed';
      reason := SQLERRM;
      PERFORM sim.note_failure(candidate.view_id, SQLERRM);
    END;
    duration := clock_timestamp() - began;
    done := done + 1;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION sim.refresh_stale(integer) IS
  'refreshes the caller''s result views that are not current, those refreshed longest ago first and max_views at most, but for manual ones and those that another session refreshes; gives a row for each, also for one that failed; readers never wait';

CREATE FUNCTION sim.result_view_id(
  relation regclass,
  name text)
RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  id integer;
BEGIN
  IF name IS NULL THEN
    RAISE EXCEPTION 'name must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  -- Known by its relations, or by the name it had before somebody dropped them.
  SELECT v.view_id INTO id FROM sim.stored_result_views AS v
    WHERE result_view_id.relation IN (v.view, v.relation)
      OR v.name = result_view_id.name AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = v.view);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'result view "%" does not exist', name
      USING ERRCODE = 'undefined_object', HINT = 'View sim.result_views lists the result views.';
  END IF;
  RETURN id;
END
$$;
COMMENT ON FUNCTION sim.result_view_id(regclass, text) IS
  'gives the number of the result view that a relation is part of; one that does not exist is an error (42704)';

CREATE FUNCTION sim.refresh_result_view(
  name text)
RETURNS boolean
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  -- The name is found along the caller's path.
  SELECT sim.refresh_view(sim.result_view_id(pg_catalog.to_regclass(name), name));
END;
COMMENT ON FUNCTION sim.refresh_result_view(text) IS
  'refreshes a result view unless it is current, and tells whether it had to; readers never wait; one that does not exist is an error (42704)';

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

-- Making and dropping.

CREATE FUNCTION sim.percentile_column(
  percentile float8)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT 'p' OPERATOR(pg_catalog.||) CASE
    WHEN percent OPERATOR(pg_catalog.<) 10 THEN '0' ELSE ''
  END OPERATOR(pg_catalog.||) pg_catalog.replace(percent::text, '.', '_')
  FROM (SELECT pg_catalog.trim_scale(percentile::numeric OPERATOR(pg_catalog.*) 100) AS percent) AS scaled;
END;
COMMENT ON FUNCTION sim.percentile_column(float8) IS
  'names the column of a percentile in a result view: p10 for 0.1, p99_5 for 0.995';

CREATE FUNCTION sim.result_query(
  kept sim.stored_result_views)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  arguments text := format(
    'model => %L::text, trials => %L::bigint, seed => %L::bigint, scenarios => %L::text[], overrides => %L::jsonb',
    kept.model, kept.trials, kept.seed, kept.scenarios, kept.overrides);
  columns text;
  pivot text;
BEGIN
  SELECT string_agg(format(', p.%I', sim.percentile_column(q)), '' ORDER BY q),
    string_agg(format(', max(value) FILTER (WHERE percentile = %L::float8) AS %I', q, sim.percentile_column(q)), '' ORDER BY q)
    INTO columns, pivot FROM unnest(kept.percentiles) AS q;
  RETURN format(
    'SELECT m.scenario, m.output, m.step, m.trials, m.failed_trials, m.mean, m.std_error, m.stddev, m.skewness,'
    ' m.kurtosis, m.min, m.p05, m.p25, m.median, m.p75, m.p95, m.max%s, k.key FROM sim.monte_carlo(%s) AS m'
    ' JOIN sim.output_keys(%2$s) AS k ON k.scenario = m.scenario AND k.output = m.output', columns, arguments)
    || CASE WHEN kept.percentiles IS NULL THEN '' ELSE format(
      ' LEFT JOIN (SELECT scenario, output, step%s FROM sim.percentiles(percentiles => %L::float8[], %s)'
      ' GROUP BY scenario, output, step) AS p'
      ' ON p.scenario = m.scenario AND p.output = m.output AND p.step IS NOT DISTINCT FROM m.step',
      pivot, kept.percentiles, arguments) END;
END
$$;
COMMENT ON FUNCTION sim.result_query(sim.stored_result_views) IS 'writes the query of the materialized view of a result view';

CREATE FUNCTION sim.time_column(
  kept sim.stored_result_views,
  start_date date,
  step_length interval)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  label text;
  length interval := step_length;
BEGIN
  IF start_date IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT f.step_label INTO label FROM sim.named_version(kept.model) AS n, sim.model_facts(n.source) AS f WHERE f.steps > 0;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'model "%" has no time', kept.model
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave out start_date.';
  END IF;
  IF length IS NULL THEN
    length := CASE
      WHEN label ~ '^(hour|day|week|month|year)s?$' THEN ('1 ' || label)::interval
      WHEN label ~ '^quarters?$' THEN '3 months'::interval
    END;
  END IF;
  IF length IS NULL THEN
    RAISE EXCEPTION 'the length of a step of model "%" is not known', kept.model
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Give it: step_length => ''1 month''.';
  END IF;
  -- A date is the same date for every reader, whatever his time zone.
  RETURN format('(%L::timestamp + d.step * %L::interval)::timestamptz', start_date, length);
END
$$;
COMMENT ON FUNCTION sim.time_column(sim.stored_result_views, date, interval) IS
  'writes the expression of the time of a step; NULL without a start date';

CREATE FUNCTION sim.make_result_relations(
  kept sim.stored_result_views,
  stored_name text,
  time_column text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  columns text;
BEGIN
  EXECUTE format('CREATE MATERIALIZED VIEW %s AS %s WITH NO DATA', stored_name, sim.result_query(kept));
  EXECUTE format('CREATE UNIQUE INDEX ON %s (scenario, output, step) NULLS NOT DISTINCT', stored_name);
  SELECT string_agg(
      format('d.%I', a.attname) || CASE WHEN a.attname = 'step' THEN COALESCE(', ' || time_column || ' AS "time"', '') ELSE '' END,
      ', ' ORDER BY a.attnum)
    INTO columns FROM pg_attribute AS a
    WHERE a.attrelid = stored_name::regclass AND a.attnum > 0 AND a.attname <> 'key';
  EXECUTE format(
    'CREATE VIEW %s AS WITH now AS MATERIALIZED (SELECT * FROM sim.result_keys(%L::regclass))'
    ' SELECT %s, CASE WHEN n.key = d.key THEN ''current'' WHEN a.failed THEN ''failed'' ELSE ''stale'' END AS state, a.as_of'
    ' FROM %s AS d CROSS JOIN (SELECT bool_or(failed) AS failed, max(as_of) AS as_of FROM now) AS a'
    ' LEFT JOIN now AS n ON n.scenario = d.scenario AND n.output = d.output',
    kept.name, stored_name, columns, stored_name);
  EXECUTE format('COMMENT ON VIEW %s IS %L', kept.name, 'results of model ' || kept.model);
  EXECUTE format('COMMENT ON MATERIALIZED VIEW %s IS %L', stored_name, 'what view ' || kept.name || ' shows');
END
$$;
COMMENT ON FUNCTION sim.make_result_relations(sim.stored_result_views, text, text) IS
  'makes the materialized view of a result view, empty, and its plain view, as the caller';

CREATE FUNCTION sim.check_writers(
  kept sim.stored_result_views)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  source record;
BEGIN
  FOR source IN
    SELECT DISTINCT s.relation, s.relation_name, s.tracked, s.reason FROM sim.binding_sources AS s
    WHERE kept.refresh = 'on_commit' AND s.model = (SELECT n.model_name FROM sim.named_version(kept.model) AS n)
  LOOP
    IF NOT source.tracked THEN
      RAISE NOTICE 'writers of % do not refresh result view %', source.relation_name, kept.name
        USING DETAIL = COALESCE('It is not tracked: ' || source.reason, 'It is not tracked.');
    ELSIF NOT has_table_privilege(source.relation, 'TRIGGER') THEN
      RAISE EXCEPTION 'writers of % cannot refresh result view %', source.relation_name, kept.name
        USING ERRCODE = 'insufficient_privilege',
          DETAIL = 'That takes their time, so it needs the right TRIGGER on the table.',
          HINT = 'Use refresh => ''deferred'', or have the owner of the table grant the right.';
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION sim.check_writers(sim.stored_result_views) IS
  'refuses refresh => ''on_commit'' where the caller may not put triggers on the tables of the model (42501), and tells which are not tracked';

CREATE FUNCTION sim.make_result_view(
  kept sim.stored_result_views,
  path_schema text,
  start_date date,
  step_length interval)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  parts text[] := parse_ident(kept.name);
  stored_name text;
BEGIN
  IF kept.refresh IS NULL OR kept.refresh <> ALL (ARRAY['on_commit', 'deferred', 'manual']) THEN
    RAISE EXCEPTION 'refresh cannot be %', quote_nullable(kept.refresh)
      USING ERRCODE = 'invalid_parameter_value', HINT = 'It is ''on_commit'', ''deferred'' or ''manual''.';
  END IF;
  IF kept.name IS NULL OR kept.model IS NULL OR kept.seed IS NULL THEN
    RAISE EXCEPTION 'name, model and seed must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF cardinality(parts) > 2 OR octet_length(parts[cardinality(parts)]) > 56 THEN
    RAISE EXCEPTION '"%" cannot be the name of a result view', kept.name
      USING ERRCODE = 'invalid_name', HINT = 'Name it view or schema.view, with 56 bytes at most: its rows are in view_stored.';
  END IF;
  IF cardinality(parts) = 1 THEN
    IF path_schema IS NULL THEN
      RAISE EXCEPTION 'no schema has been selected to create in' USING ERRCODE = 'undefined_schema';
    END IF;
    parts := ARRAY[path_schema] || parts;
  END IF;
  kept.name := format('%I.%I', parts[1], parts[2]);
  stored_name := format('%I.%I', parts[1], parts[2] || '_stored');
  kept.owner := (SELECT u.oid::regrole FROM pg_roles AS u WHERE u.rolname = CURRENT_USER);
  kept.overrides := COALESCE(kept.overrides, '{}');
  kept.percentiles := ARRAY(
    SELECT DISTINCT q FROM unnest(kept.percentiles) AS q WHERE q NOT IN (0.05, 0.25, 0.5, 0.75, 0.95) ORDER BY q);
  kept.percentiles := NULLIF(kept.percentiles, '{}');
  PERFORM sim.make_result_relations(kept, stored_name, sim.time_column(kept, start_date, step_length));
  -- What somebody dropped without sim.drop_result_view does not stand in the way of a name.
  DELETE FROM sim.stored_result_views AS v
    WHERE v.name = kept.name AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = v.view)
      OR v.view = kept.name::regclass OR v.relation = stored_name::regclass;
  INSERT INTO sim.stored_result_views
    (name, view, relation, owner, model, trials, seed, scenarios, overrides, percentiles, refresh)
    VALUES (kept.name, kept.name::regclass, stored_name::regclass, kept.owner, kept.model, kept.trials, kept.seed,
      kept.scenarios, kept.overrides, kept.percentiles, kept.refresh)
    RETURNING * INTO kept;
  PERFORM sim.check_writers(kept);
  PERFORM sim.refresh_view(kept.view_id);
END
$$;
COMMENT ON FUNCTION sim.make_result_view(sim.stored_result_views, text, date, interval) IS
  'what sim.create_result_view calls with the first schema of the caller''s path';

CREATE FUNCTION sim.create_result_view(
  name text,
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}',
  percentiles float8[] DEFAULT NULL,
  refresh text DEFAULT 'deferred',
  start_date date DEFAULT NULL,
  step_length interval DEFAULT NULL)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  SELECT sim.make_result_view(
    ROW(NULL, name, NULL, NULL, NULL, model, trials, seed, scenarios, overrides, percentiles, refresh, NULL, NULL, NULL,
      NULL, NULL, NULL)::sim.stored_result_views,
    pg_catalog.current_schema(), start_date, step_length);
END;
COMMENT ON FUNCTION sim.create_result_view(
  text, text, bigint, bigint, text[], jsonb, float8[], text, date, interval) IS
  'makes a plain view of the statistics of sim.monte_carlo, with state and as_of, over a materialized view named after it with _stored, both the caller''s, in the schema that the name says or the first on the caller''s search_path; percentiles get columns of their own (p10, p99_5), steps a time from start_date; refresh: on_commit (at the end of each writer''s transaction), deferred (by sim.refresh_stale) or manual; other arguments as sim.monte_carlo; a name that is taken is an error (42P07)';

CREATE FUNCTION sim.drop_result_relations(
  relation regclass,
  name text,
  if_exists boolean)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
BEGIN
  BEGIN
    kept.view_id := sim.result_view_id(relation, name);
  EXCEPTION WHEN undefined_object THEN
    IF NOT if_exists THEN
      RAISE;
    END IF;
    RAISE NOTICE 'result view "%" does not exist, skipping', name;
    RETURN;
  END;
  PERFORM sim.lock_result_view(kept.view_id);
  DELETE FROM sim.stored_result_views AS v WHERE v.view_id = kept.view_id RETURNING v.* INTO kept;
  IF EXISTS (SELECT FROM pg_class AS c WHERE c.oid = kept.view) THEN
    EXECUTE format('DROP VIEW %s', kept.view);
  END IF;
  IF EXISTS (SELECT FROM pg_class AS c WHERE c.oid = kept.relation) THEN
    EXECUTE format('DROP MATERIALIZED VIEW %s', kept.relation);
  END IF;
END
$$;
COMMENT ON FUNCTION sim.drop_result_relations(regclass, text, boolean) IS
  'drops what the result view that a relation is part of consists of; what sim.drop_result_view calls';

CREATE FUNCTION sim.drop_result_view(
  name text,
  if_exists boolean DEFAULT false)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  SELECT sim.drop_result_relations(pg_catalog.to_regclass(name), name, if_exists);
END;
COMMENT ON FUNCTION sim.drop_result_view(text, boolean) IS
  'drops a result view with its materialized view, unless something depends on them (2BP01); its history stays; one that does not exist is an error (42704), or a notice with if_exists => true';

CREATE FUNCTION sim.prune_invalidations(
  keep interval)
RETURNS bigint
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  WITH gone AS (
    DELETE FROM sim.stored_invalidations AS i
    WHERE i.began_at OPERATOR(pg_catalog.<) (pg_catalog.now() OPERATOR(pg_catalog.-) keep)
    RETURNING 1)
  SELECT pg_catalog.count(*) FROM gone;
END;
COMMENT ON FUNCTION sim.prune_invalidations(interval) IS
  'deletes the rows of sim.invalidation_log that are older, and tells how many there were';

-- Looking.

CREATE VIEW sim.result_views WITH (security_invoker = true) AS
  SELECT
    COALESCE(p.oid::regclass::text, v.name) AS name,
    v.model,
    s.state,
    s.reason,
    s.table_name,
    s.column_name,
    s.changed_at,
    s.changed_by,
    v.refreshed_at AS as_of,
    v.refresh,
    v.trials,
    v.seed,
    v.scenarios,
    v.overrides,
    v.percentiles,
    COALESCE(c.relowner::regrole, v.owner) AS owner,
    c.oid::regclass AS stored_in,
    v.duration,
    v.created_at
  FROM sim.stored_result_views AS v
  LEFT JOIN pg_catalog.pg_class AS p ON p.oid OPERATOR(pg_catalog.=) v.view
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) v.relation
  CROSS JOIN LATERAL sim.result_view_state(v.view_id) AS s;
COMMENT ON VIEW sim.result_views IS 'the result views of the roles that the current role is a member of, with their state as this statement sees it';
COMMENT ON COLUMN sim.result_views.name IS 'plain view that users read';
COMMENT ON COLUMN sim.result_views.model IS 'model, or model@version';
COMMENT ON COLUMN sim.result_views.state IS 'current: a fresh computation would give the same numbers; stale; refreshing: stale, and another session is at it; failed: stale, and cannot be refreshed';
COMMENT ON COLUMN sim.result_views.reason IS 'why it is not current; NULL when it is';
COMMENT ON COLUMN sim.result_views.table_name IS 'table that has changed, where it is a table';
COMMENT ON COLUMN sim.result_views.column_name IS 'columns of it that are read';
COMMENT ON COLUMN sim.result_views.changed_at IS 'when the last change was made, where that is known';
COMMENT ON COLUMN sim.result_views.changed_by IS 'who made it, where that is known';
COMMENT ON COLUMN sim.result_views.as_of IS 'when the last refresh began';
COMMENT ON COLUMN sim.result_views.refresh IS 'when it is refreshed: on_commit, deferred or manual';
COMMENT ON COLUMN sim.result_views.trials IS 'number of trials; NULL as in sim.monte_carlo';
COMMENT ON COLUMN sim.result_views.seed IS 'seed';
COMMENT ON COLUMN sim.result_views.scenarios IS 'scenarios; NULL: the base alone';
COMMENT ON COLUMN sim.result_views.overrides IS 'values of inputs by name';
COMMENT ON COLUMN sim.result_views.percentiles IS 'percentiles with columns of their own';
COMMENT ON COLUMN sim.result_views.owner IS 'role that may refresh and drop it, with whose rights it is refreshed';
COMMENT ON COLUMN sim.result_views.stored_in IS 'materialized view with the numbers';
COMMENT ON COLUMN sim.result_views.duration IS 'how long the last refresh took';
COMMENT ON COLUMN sim.result_views.created_at IS 'when it was made';

CREATE VIEW sim.invalidation_log WITH (security_invoker = true) AS
  SELECT
    i.name, i.event, i.reason, i.table_name, i.column_name, i.changed_at, i.changed_by, i.began_at, i.duration, i.computed,
    i.reused, i.performed_by
  FROM sim.stored_invalidations AS i;
COMMENT ON VIEW sim.invalidation_log IS 'what happened to result views, and why; sim.prune_invalidations shortens it';
COMMENT ON COLUMN sim.invalidation_log.name IS 'result view, with the name it was made with';
COMMENT ON COLUMN sim.invalidation_log.event IS 'refreshed; failed; stale: changed by a transaction that could not refresh it';
COMMENT ON COLUMN sim.invalidation_log.reason IS 'what had changed; the error of one that failed';
COMMENT ON COLUMN sim.invalidation_log.table_name IS 'table that had changed, where it was a table';
COMMENT ON COLUMN sim.invalidation_log.column_name IS 'columns of it that are read';
COMMENT ON COLUMN sim.invalidation_log.changed_at IS 'when the last change was made, where that is known';
COMMENT ON COLUMN sim.invalidation_log.changed_by IS 'who made it, where that is known';
COMMENT ON COLUMN sim.invalidation_log.began_at IS 'when it happened, or the refresh began';
COMMENT ON COLUMN sim.invalidation_log.duration IS 'how long it took';
COMMENT ON COLUMN sim.invalidation_log.computed IS 'outputs of scenarios that were computed for it';
COMMENT ON COLUMN sim.invalidation_log.reused IS 'outputs of scenarios that were found in the cache';
COMMENT ON COLUMN sim.invalidation_log.performed_by IS 'role of the session in which it happened';

GRANT SELECT ON sim.result_views, sim.invalidation_log TO PUBLIC;
