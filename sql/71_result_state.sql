-- 71_result_state.sql -- whether a result view is current, and if not, what has changed.
--
-- The keys of its rows are compared with those of the same arguments now, under the snapshot of the statement that asks.

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
  'gives the keys of what the rows of a result view would be computed from now, found with the rights of its owner; those that cannot be computed have failed, and have none; where nothing can be told one row alone has failed, without names; what the plain view of a result view compares; relation is the materialized view, which or whose plain view the caller must be allowed to read';

CREATE FUNCTION sim.kept_keys(
  relation regclass,
  OUT scenario text,
  OUT output text,
  OUT key bytea)
RETURNS SETOF record
LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 10
AS 'MODULE_PATHNAME', 'sim_kept_keys';
COMMENT ON FUNCTION sim.kept_keys(regclass) IS
  'gives the keys of what the rows of a result view were computed from; relation is the materialized view, and nothing that its owner has defined on it is evaluated';

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
    ELSE pg_catalog.lower(named.given COLLATE pg_catalog."C")
  END
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) CASE named.number WHEN '' THEN m.current_version ELSE named.number::integer END;
END;
COMMENT ON FUNCTION sim.named_version(text) IS
  'gives the version that name or name@version stands for; no row where there is none';

CREATE FUNCTION sim.model_reference(
  name text,
  reference text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT COALESCE(
    pg_catalog.quote_ident(name) OPERATOR(pg_catalog.||) pg_catalog.substr(reference, NULLIF(pg_catalog.strpos(reference, '@'), 0)),
    pg_catalog.quote_ident(name),
    reference);
END;
COMMENT ON FUNCTION sim.model_reference(text, text) IS
  'puts the name of a model into a reference to it, name or name@version; gives the reference as it is where the name is NULL';

-- pg_restore turns row_security off, and refreshes materialized views that call this.
CREATE FUNCTION sim.result_view_model(
  view_id integer)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET row_security = on
BEGIN ATOMIC
  SELECT sim.model_reference(m.name, v.model)
  FROM sim.stored_result_views AS v
  LEFT JOIN sim.stored_models AS m ON m.model_id OPERATOR(pg_catalog.=) v.model_id
  WHERE v.view_id OPERATOR(pg_catalog.=) result_view_model.view_id;
END;
COMMENT ON FUNCTION sim.result_view_model(integer) IS
  'gives the name, or name@version, that the model of a result view, given by its number, has now; that of its last refresh once the model is dropped';

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
  kept.model := sim.result_view_model(view_id);
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
        IS DISTINCT FROM (before.source, before.definition, before.value, before.rows, before.hash)
        -- What has no value has not changed to another one.
        AND (now.input IS NULL OR now.hash IS NOT NULL))
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
    SELECT f.* INTO followed FROM sim.followed_change(kept, now_used.model_id, now_used.model_name, change.input) AS f
      WHERE change.old_source = 'binding' AND change.new_source = 'binding';
    RETURN QUERY SELECT
      CASE
        WHEN change.place = 1 OR 'scenario' IN (change.old_source, change.new_source) THEN concat(change.what, change.arrow)
        WHEN change.new_source IS NULL THEN change.what || ' gone'
        WHEN change.old_source IS NULL THEN change.what || ' added'
        WHEN change.old_source <> 'binding' AND change.new_source = 'binding' THEN format('%s bound:%s', change.what, change.arrow)
        WHEN change.old_source = 'binding' AND change.new_source <> 'binding' THEN format('%s unbound:%s', change.what, change.arrow)
        WHEN change.new_source = 'binding'
          THEN format('%s changed: %s%s', COALESCE(followed.column_path, 'what the query gives'), change.what, change.arrow)
        ELSE format('%s changed%s', change.what, ':' || NULLIF(change.arrow, ''))
      END,
      followed.table_name, followed.column_name, followed.changed_at, followed.changed_by;
  END LOOP;
END
$$;
COMMENT ON FUNCTION sim.result_changes(integer) IS
  'lists what has changed since the last refresh of a result view, given by its number';

CREATE FUNCTION sim.only_change(
  kept sim.stored_result_views,
  model_name text,
  input text,
  OUT changed_at timestamptz,
  OUT changed_by text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH RECURSIVE family AS (
    -- A partition is changed by itself.
    SELECT s.relation::oid AS member
    FROM sim.binding_sources AS s
    WHERE s.model OPERATOR(pg_catalog.=) only_change.model_name AND s.name OPERATOR(pg_catalog.=) only_change.input
    UNION
    SELECT i.inhrelid
    FROM family AS f JOIN pg_catalog.pg_inherits AS i ON i.inhparent OPERATOR(pg_catalog.=) f.member),
  -- One that began before the refresh may have ended after it, and so may what a refresh at the end of a transaction has seen.
  since AS (
    SELECT c.transaction, c.changed_at, c.changed_by::text AS changed_by, c.command
    FROM sim.stored_changes AS c
    WHERE c.relation IN (SELECT f.member FROM family AS f)
      AND (COALESCE(NOT pg_catalog.pg_visible_in_snapshot(c.transaction, (kept).snapshot), true)
        OR c.changed_at OPERATOR(pg_catalog.>=) (kept).refreshed_at)
      AND COALESCE(
        c.transaction OPERATOR(pg_catalog.<>) (kept).transaction
          OR (kept).refresh OPERATOR(pg_catalog.<>) 'on_commit'
          OR c.changed_at OPERATOR(pg_catalog.>=) (kept).refreshed_at,
        true))
  SELECT pg_catalog.min(c.changed_at), pg_catalog.min(c.changed_by)
  FROM since AS c
  HAVING pg_catalog.count(DISTINCT c.transaction) OPERATOR(pg_catalog.=) 1
    AND pg_catalog.bool_and(c.command OPERATOR(pg_catalog.<>) 'several')
    -- None is missing among them.
    AND (SELECT pg_catalog.bool_and(pg_catalog.has_any_column_privilege(f.member, 'SELECT')) FROM family AS f)
    AND NOT EXISTS (
      SELECT FROM sim.binding_sources AS s
      WHERE s.model OPERATOR(pg_catalog.=) only_change.model_name AND s.name OPERATOR(pg_catalog.=) only_change.input
        AND NOT s.tracked);
END;
COMMENT ON FUNCTION sim.only_change(sim.stored_result_views, text, text) IS
  'tells when and by whom the tables of a binding were changed since the last refresh of a result view, where one transaction alone has written rows of them; a change of the tables by ALTER TABLE is not told';

CREATE FUNCTION sim.followed_change(
  kept sim.stored_result_views,
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
      alone.changed_at,
      alone.changed_by
    FROM sim.binding_sources AS s
    JOIN sim.stored_bindings AS b
      ON b.model_id = followed_change.model_id AND b.name = followed_change.input
    CROSS JOIN LATERAL (
      SELECT COALESCE(
        string_agg(c.name, ', ') FILTER (WHERE a.attname IS NOT NULL), string_agg(c.name, ', ')) AS columns
      FROM unnest(s.columns) AS c (name)
      LEFT JOIN pg_attribute AS a ON a.attrelid = b.view AND a.attname = c.name) AS named
    LEFT JOIN LATERAL (
      -- A partition is changed by itself.
      WITH RECURSIVE family AS (
        SELECT s.relation::oid AS member
        UNION
        SELECT i.inhrelid FROM family AS f JOIN pg_inherits AS i ON i.inhparent = f.member)
      SELECT c.changed_at FROM family AS f JOIN sim.stored_changes AS c ON c.relation = f.member
      ORDER BY c.transaction DESC LIMIT 1) AS last ON true
    CROSS JOIN LATERAL sim.only_change(kept, followed_change.model_name, followed_change.input) AS alone
    WHERE s.model = followed_change.model_name AND s.name = followed_change.input
    ORDER BY last.changed_at DESC NULLS LAST, s.relation_name
    LIMIT 1;
END
$$;
COMMENT ON FUNCTION sim.followed_change(sim.stored_result_views, integer, text, text) IS
  'names the table of a binding that was changed last; and by whom and when, as sim.only_change';

CREATE FUNCTION sim.digest_of_keys(
  kept sim.stored_result_views)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE WHEN pg_catalog.bool_and(k.key IS NOT NULL)
    THEN pg_catalog.sha256(pg_catalog.string_agg(k.key, ''::bytea ORDER BY k.scenario, k.output)) END
  FROM sim.output_keys((kept).model, (kept).trials, (kept).seed, (kept).scenarios, (kept).overrides) AS k;
END;
COMMENT ON FUNCTION sim.digest_of_keys(sim.stored_result_views) IS 'one hash of all keys that a result view has now; NULL where one is missing';

CREATE FUNCTION sim.needs_refresh(
  kept sim.stored_result_views)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT EXISTS (
    SELECT FROM (SELECT DISTINCT k.scenario, k.output, k.key FROM sim.kept_keys((kept).relation) AS k) AS before
    FULL JOIN sim.output_keys((kept).model, (kept).trials, (kept).seed, (kept).scenarios, (kept).overrides) AS now
      ON now.scenario OPERATOR(pg_catalog.=) before.scenario AND now.output OPERATOR(pg_catalog.=) before.output
    WHERE now.key IS DISTINCT FROM before.key AND (now.output IS NULL OR now.key IS NOT NULL));
END;
COMMENT ON FUNCTION sim.needs_refresh(sim.stored_result_views) IS
  'tells whether a refresh of a result view that holds rows would give other rows, those that can be computed; others stay as they are';

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
  detail text;
BEGIN
  SELECT v.* INTO kept FROM sim.stored_result_views AS v WHERE v.view_id = result_view_state.view_id;
  kept.model := sim.result_view_model(view_id);
  SELECT c.relispopulated INTO filled FROM pg_class AS c
    WHERE c.oid = kept.relation AND EXISTS (SELECT FROM pg_class AS p WHERE p.oid = kept.view);
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
    -- Not by a query of the relation: who asks may be a superuser, and it may be anybody's.
    differs := EXISTS (
      SELECT FROM (SELECT DISTINCT k.scenario, k.output, k.key FROM sim.kept_keys(kept.relation) AS k) AS kept_now
      FULL JOIN sim.output_keys(kept.model, kept.trials, kept.seed, kept.scenarios, kept.overrides) AS now
        ON now.scenario = kept_now.scenario AND now.output = kept_now.output AND now.key = kept_now.key
      WHERE now.key IS NULL OR kept_now.key IS NULL);
    IF NOT differs THEN
      state := 'current';
      RETURN;
    END IF;
    -- What cannot be computed is the reason before all others.
    PERFORM sim.require_keys(kept.model, kept.trials, kept.seed, kept.scenarios, kept.overrides);
    SELECT c.*, count(*) OVER () - 1 INTO reason, table_name, column_name, changed_at, changed_by, more
      FROM sim.result_changes(view_id) AS c LIMIT 1;
    reason := COALESCE(reason || CASE WHEN more > 0 THEN format(' and %s more', more) ELSE '' END,
      CASE
        WHEN pg_relation_size(kept.relation) = 0 THEN 'it holds no rows yet'
        WHEN EXISTS (
          SELECT FROM sim.stored_invalidations AS i
          WHERE i.name = kept.name AND i.event = 'refreshed' AND i.began_at > kept.refreshed_at)
        THEN 'some of it could not be computed when it was refreshed'
        ELSE 'computed by another version of pg_simulate' END);
  EXCEPTION
    WHEN object_not_in_prerequisite_state THEN
      -- Of a binding that is broken: the detail says by what.
      GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
      state := 'failed';
      reason := concat_ws(': ', SQLERRM, rtrim(detail, '.'));
      SELECT min(s.relation_name) INTO table_name FROM sim.named_version(kept.model) AS n
        JOIN sim.binding_sources AS s ON s.model = n.model_name AND s.relation IS NULL;
      RETURN;
    WHEN OTHERS THEN
      state := 'failed';
      reason := SQLERRM;
      RETURN;
  END;
  IF EXISTS (
    SELECT FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
    WHERE l.locktype = 'object' AND l.granted AND d.datname = current_database()
      AND l.classid = 'sim.stored_result_views'::regclass AND l.objid = view_id::oid
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
