-- 73_result_views.sql -- making, dropping and listing result views.

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
  IF start_date IS NULL AND step_length IS NOT NULL THEN
    RAISE EXCEPTION 'step_length needs a start_date'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'It is what times count from: start_date => ''2027-01-01''.';
  ELSIF start_date IS NULL THEN
    RETURN NULL;
  ELSIF start_date + step_length <= start_date::timestamp THEN
    RAISE EXCEPTION 'step_length is %', step_length
      USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the time from one step to the next, more than 0.';
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
  'writes the expression of the time of a step; NULL without a start date; a step length without one, or of 0 or less, is an error (22023)';

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
  SELECT string_agg(format(', r.percentiles[%s] AS %I', q.place, sim.percentile_column(q.level)), '' ORDER BY q.place) INTO columns
    FROM unnest(kept.percentiles) WITH ORDINALITY AS q (level, place);
  EXECUTE format(
    'CREATE MATERIALIZED VIEW %s AS SELECT r.scenario, r.output, r.step, r.trials, r.failed_trials, r.mean, r.std_error, r.stddev,'
    ' r.skewness, r.kurtosis, r.min, r.p05, r.p25, r.median, r.p75, r.p95, r.max%s, r.key FROM sim.result_rows(%s) AS r WITH NO DATA',
    stored_name, columns, kept.view_id);
  EXECUTE format('CREATE UNIQUE INDEX ON %s (scenario, output, step) NULLS NOT DISTINCT', stored_name);
  SELECT string_agg(
      format('d.%I', a.attname) || CASE WHEN a.attname = 'step' THEN COALESCE(', ' || time_column || ' AS "time"', '') ELSE '' END,
      ', ' ORDER BY a.attnum)
    INTO columns FROM pg_attribute AS a
    WHERE a.attrelid = stored_name::regclass AND a.attnum > 0 AND a.attname <> 'key';
  EXECUTE format(
    'CREATE VIEW %s AS WITH now AS MATERIALIZED (SELECT * FROM sim.result_keys(%L::regclass))'
    ' SELECT %s, CASE WHEN n.key = d.key THEN ''current'' WHEN COALESCE(n.failed, a.failed) THEN ''failed'' ELSE ''stale'' END AS state,'
    ' a.as_of FROM %s AS d'
    ' CROSS JOIN (SELECT bool_or(failed AND scenario IS NULL) AS failed, max(as_of) AS as_of FROM now) AS a'
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
  used record;
BEGIN
  SELECT n.* INTO used FROM sim.named_version(kept.model) AS n;
  IF kept.refresh = 'on_commit' AND NOT sim.may_edit(used.model_id) THEN
    RAISE NOTICE 'changes of model % do not refresh result view %', used.model_name, kept.name
      USING DETAIL = 'That takes the time of who makes them, so it needs the privilege edit.';
  END IF;
  FOR source IN
    SELECT DISTINCT s.relation, s.relation_name, s.tracked, s.reason FROM sim.binding_sources AS s
    WHERE kept.refresh = 'on_commit' AND s.model = used.model_name
  LOOP
    IF NOT source.tracked THEN
      RAISE NOTICE 'writers of % do not refresh result view %', source.relation_name, kept.name
        USING DETAIL = COALESCE('It is not tracked: ' || source.reason, 'It is not tracked.'),
          HINT = CASE WHEN has_table_privilege(source.relation, 'TRIGGER') THEN ''
            ELSE 'They do when its owner has called sim.track and granted TRIGGER on it to the owner of the result view.' END;
    ELSIF NOT has_table_privilege(source.relation, 'TRIGGER') THEN
      RAISE EXCEPTION 'writers of % cannot refresh result view %', source.relation_name, kept.name
        USING ERRCODE = 'insufficient_privilege',
          DETAIL = 'That takes their time, so it needs the right TRIGGER on the table.',
          HINT = 'Use refresh => ''deferred'', or have the owner of the table grant the right.';
    END IF;
  END LOOP;
  -- What the query calls may change without any table of its own.
  FOR source IN
    SELECT b.name, b.reason FROM sim.bindings AS b
    WHERE kept.refresh = 'on_commit' AND b.model = used.model_name AND b.state = 'untracked'
      AND NOT EXISTS (
        SELECT FROM sim.binding_sources AS s WHERE s.model = b.model AND s.name = b.name AND NOT s.tracked)
  LOOP
    RAISE NOTICE 'not all changes of what "%" reads refresh result view %', source.name, kept.name
      USING DETAIL = 'It is not tracked: ' || source.reason;
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
  taken regclass;
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
  IF EXISTS (SELECT FROM unnest(kept.percentiles) AS q WHERE q IS NULL) THEN
    RAISE EXCEPTION 'a percentile must not be null'
      USING ERRCODE = 'null_value_not_allowed',
        HINT = 'Percentiles are fractions as in percentile_cont: ARRAY[0.05, 0.5, 0.95].';
  END IF;
  kept.percentiles := ARRAY(
    SELECT DISTINCT q FROM unnest(kept.percentiles) AS q WHERE q NOT IN (0.05, 0.25, 0.5, 0.75, 0.95) ORDER BY q);
  kept.percentiles := NULLIF(kept.percentiles, '{}');
  kept.view_id := nextval('sim.stored_result_view_ids');
  kept.model_id := (SELECT n.model_id FROM sim.named_version(kept.model) AS n);
  taken := COALESCE(to_regclass(kept.name), to_regclass(stored_name));
  IF taken IS NOT NULL THEN
    RAISE EXCEPTION 'relation % already exists', taken
      USING ERRCODE = 'duplicate_table',
        DETAIL = format('Result view %s would consist of %1$s and %s.', kept.name, stored_name),
        HINT = CASE
          WHEN EXISTS (SELECT FROM sim.stored_result_views AS v WHERE taken IN (v.view, v.relation))
          THEN format('Call sim.drop_result_view(%L) first.', taken)
          ELSE 'Take another name.'
        END;
  END IF;
  IF NOT has_database_privilege(current_database(), 'TEMPORARY') THEN
    RAISE EXCEPTION 'result view % could not be refreshed', kept.name
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'A refresh makes a temporary table, so that readers need not wait, and that takes the right TEMPORARY on the database.',
        HINT = format('Have its owner call GRANT TEMPORARY ON DATABASE %I TO %s.', current_database(), kept.owner);
  END IF;
  PERFORM sim.make_result_relations(kept, stored_name, sim.time_column(kept, start_date, step_length));
  -- What somebody dropped without sim.drop_result_view does not stand in the way of a name.
  DELETE FROM sim.stored_result_views AS v
    WHERE v.name = kept.name AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = v.view)
      OR v.view = kept.name::regclass OR v.relation = stored_name::regclass;
  INSERT INTO sim.stored_result_views
    (view_id, name, view, relation, owner, model, model_id, trials, seed, scenarios, overrides, percentiles, refresh)
    VALUES (kept.view_id, kept.name, kept.name::regclass, stored_name::regclass, kept.owner, kept.model, kept.model_id,
      kept.trials, kept.seed, kept.scenarios, kept.overrides, kept.percentiles, kept.refresh)
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
    ROW(NULL, name, NULL, NULL, NULL, model, NULL, trials, seed, scenarios, overrides, percentiles, refresh, NULL, NULL, NULL,
      NULL, NULL, NULL, NULL, NULL)::sim.stored_result_views,
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
  PERFORM sim.check_writable('no result view can be dropped');
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
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  oldest timestamptz := sim.oldest_kept(prune_invalidations.keep);
  deleted bigint;
BEGIN
  DELETE FROM sim.stored_invalidations AS i WHERE i.began_at < oldest;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END
$$;
COMMENT ON FUNCTION sim.prune_invalidations(interval) IS
  'deletes the rows of sim.invalidation_log that are older, and tells how many there were; a negative interval is an error (22023)';

-- Looking.

CREATE VIEW sim.result_views WITH (security_invoker = true) AS
  SELECT
    COALESCE(p.oid::regclass::text, v.name) AS name,
    sim.result_view_model(v.view_id) AS model,
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
COMMENT ON COLUMN sim.result_views.model IS 'model, or model@version, by its name of now';
COMMENT ON COLUMN sim.result_views.state IS 'current: a fresh computation would give the same numbers; stale; refreshing: stale, and another session is at it; failed: stale, and cannot be refreshed';
COMMENT ON COLUMN sim.result_views.reason IS 'why it is not current; NULL when it is';
COMMENT ON COLUMN sim.result_views.table_name IS 'table that has changed or is gone, where it is a table';
COMMENT ON COLUMN sim.result_views.column_name IS 'columns of it that are read';
COMMENT ON COLUMN sim.result_views.changed_at IS 'when it was changed first, by the transaction that alone has changed it since the last refresh; NULL where there are several, or that is not known';
COMMENT ON COLUMN sim.result_views.changed_by IS 'role of the session of this transaction';
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
COMMENT ON COLUMN sim.invalidation_log.changed_at IS 'when it was changed first, by the transaction that alone has changed it since the last refresh; NULL where there are several, or that is not known';
COMMENT ON COLUMN sim.invalidation_log.changed_by IS 'role of the session of this transaction';
COMMENT ON COLUMN sim.invalidation_log.began_at IS 'when it happened, or the refresh began';
COMMENT ON COLUMN sim.invalidation_log.duration IS 'how long it took';
COMMENT ON COLUMN sim.invalidation_log.computed IS 'outputs of scenarios that were computed for it';
COMMENT ON COLUMN sim.invalidation_log.reused IS 'outputs of scenarios that were found in the cache';
COMMENT ON COLUMN sim.invalidation_log.performed_by IS 'role of the session in which it happened';

GRANT SELECT ON sim.result_views, sim.invalidation_log TO PUBLIC;
