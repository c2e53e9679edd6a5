-- 74_result_rows.sql -- what the rows of result views come from: a computation, or in a restore a dump.
--
-- pg_restore runs the query of a materialized view again, when what it reads may not be there yet, or is there no longer.  So a
-- dump carries the rows, and the query takes those.

CREATE FUNCTION sim.result_query(
  kept sim.stored_result_views)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  arguments text := format(
    'model => sim.result_view_model(%s), trials => %L::bigint, seed => %L::bigint, scenarios => %L::text[],'
    ' overrides => %L::jsonb', kept.view_id, kept.trials, kept.seed, kept.scenarios, kept.overrides);
BEGIN
  -- Each row has its fellow on the other side.  Full joins, because the planner expects few rows, and would compare each with
  -- each.  Rows that cannot be computed stay as they are.
  RETURN format(
    'WITH k AS MATERIALIZED (SELECT * FROM sim.output_keys(%2$s))'
    ' SELECT m.scenario, m.output, m.step, m.trials, m.failed_trials, m.mean, m.std_error, m.stddev, m.skewness,'
    ' m.kurtosis, m.min, m.p05, m.p25, m.median, m.p75, m.p95, m.max, %1$s, k.key FROM sim.result_statistics(%2$s) AS m'
    ' FULL JOIN (SELECT * FROM k WHERE key IS NOT NULL) AS k'
    ' ON k.scenario = m.scenario AND k.output = m.output',
    CASE WHEN kept.percentiles IS NULL THEN 'NULL::float8[]' ELSE 'p.percentiles' END, arguments)
    || CASE WHEN kept.percentiles IS NULL THEN '' ELSE format(
      ' FULL JOIN (SELECT scenario, output, step, array_agg(value ORDER BY percentile) AS percentiles'
      ' FROM sim.result_percentiles(percentiles => %L::float8[], %s) GROUP BY scenario, output, step) AS p'
      ' ON p.scenario = m.scenario AND p.output = m.output AND COALESCE(p.step, -1) = COALESCE(m.step, -1)',
      kept.percentiles, arguments) END
    || format(
      ' UNION ALL SELECT d.* FROM (SELECT FROM k WHERE key IS NULL LIMIT 1) AS any_fault'
      ' CROSS JOIN LATERAL sim.kept_rows(%s::oid::regclass) AS d'
      ' WHERE (d.scenario, d.output) IN (SELECT o.scenario, o.output FROM k AS o WHERE o.key IS NULL)', kept.relation::oid);
END
$$;
COMMENT ON FUNCTION sim.result_query(sim.stored_result_views) IS 'writes the query that computes the rows of a result view';

CREATE FUNCTION sim.result_rows(
  view_id integer,
  restoring boolean DEFAULT (pg_catalog.current_setting('row_security') OPERATOR(pg_catalog.=) 'off'))
RETURNS TABLE (
  scenario text,
  output text,
  step integer,
  trials bigint,
  failed_trials bigint,
  mean float8,
  std_error float8,
  stddev float8,
  skewness float8,
  kurtosis float8,
  min float8,
  p05 float8,
  p25 float8,
  median float8,
  p75 float8,
  p95 float8,
  max float8,
  percentiles float8[],
  key bytea)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
  kept sim.stored_result_views;
BEGIN
  SELECT v.* INTO kept FROM sim.stored_result_views AS v WHERE v.view_id = result_rows.view_id;
  IF NOT FOUND THEN
    IF restoring THEN
      RETURN;
    END IF;
    RAISE EXCEPTION 'the result view does not exist'
      USING ERRCODE = 'undefined_object', HINT = 'View sim.result_views lists the result views.';
  END IF;
  IF pg_relation_size(kept.relation) = 0 THEN
    RETURN QUERY SELECT
        r.scenario, r.output, r.step, r.trials, r.failed_trials, r.mean, r.std_error, r.stddev, r.skewness, r.kurtosis, r.min,
        r.p05, r.p25, r.median, r.p75, r.p95, r.max, r.percentiles, r.key
      FROM sim.stored_restored_rows AS r WHERE r.view_id = result_rows.view_id;
    -- A restore computes nothing: what the model reads may not be there yet, or be there no longer.
    IF FOUND OR restoring THEN
      RETURN;
    END IF;
  END IF;
  RETURN QUERY EXECUTE sim.result_query(kept);
END
$$;
COMMENT ON FUNCTION sim.result_rows(integer, boolean) IS
  'gives the rows that a result view, given by its number, has from now on, as its materialized view asks for them: those of a fresh computation; for a materialized view that holds nothing those that a dump has brought, and no others while pg_restore is at work, which turns row_security off';

CREATE FUNCTION sim.kept_rows(
  relation regclass,
  OUT scenario text,
  OUT output text,
  OUT step integer,
  OUT trials bigint,
  OUT failed_trials bigint,
  OUT mean float8,
  OUT std_error float8,
  OUT stddev float8,
  OUT skewness float8,
  OUT kurtosis float8,
  OUT min float8,
  OUT p05 float8,
  OUT p25 float8,
  OUT median float8,
  OUT p75 float8,
  OUT p95 float8,
  OUT max float8,
  OUT percentiles float8[],
  OUT key bytea)
RETURNS SETOF record
LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 10
AS 'MODULE_PATHNAME', 'sim_kept_rows';
COMMENT ON FUNCTION sim.kept_rows(regclass) IS
  'gives the rows of a result view as they are; relation is the materialized view, and nothing that its owner has defined on it is evaluated; no row where it is none, holds none, or the caller may not read it';

CREATE FUNCTION sim.views_to_dump()
RETURNS SETOF integer
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT v.view_id FROM sim.stored_result_views AS v
  JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) v.relation
  JOIN pg_catalog.pg_class AS p ON p.oid OPERATOR(pg_catalog.=) v.view;
END;
COMMENT ON FUNCTION sim.views_to_dump() IS 'gives the numbers of the result views that pg_dump takes: those whose relations are there';

CREATE FUNCTION sim.rows_to_dump()
RETURNS SETOF sim.stored_restored_rows
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT v.view_id, r.* FROM sim.stored_result_views AS v CROSS JOIN LATERAL sim.kept_rows(v.relation) AS r
  WHERE v.view_id IN (SELECT sim.views_to_dump());
END;
COMMENT ON FUNCTION sim.rows_to_dump() IS
  'gives the rows of all result views, which pg_dump takes for those of sim.stored_restored_rows';

CREATE FUNCTION sim.keep_result_inputs(
  view_id integer)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
  used record;
  inputs sim.stored_result_inputs[];
  complete boolean;
BEGIN
  SELECT v.* INTO kept FROM sim.stored_result_views AS v WHERE v.view_id = keep_result_inputs.view_id;
  SELECT n.* INTO used FROM sim.named_version(kept.model) AS n;
  inputs := ARRAY(
    SELECT ROW(keep_result_inputs.view_id, e.scenario, e.input, e.source, e.definition, e.value, e.rows, e.hash)::sim.stored_result_inputs
    FROM sim.effective_inputs(kept.model, kept.scenarios, kept.overrides) AS e);
  complete := NOT EXISTS (SELECT FROM unnest(inputs) AS e WHERE e.hash IS NULL);
  UPDATE sim.stored_result_views AS v SET
      version = used.version, model_id = used.model_id, snapshot = pg_current_snapshot(), transaction = pg_current_xact_id()
    WHERE v.view_id = keep_result_inputs.view_id AND complete;
  -- Rows that stay as they are still come from what an input was that has no value now.
  DELETE FROM sim.stored_result_inputs AS i
    WHERE i.view_id = keep_result_inputs.view_id AND NOT EXISTS (
      SELECT FROM unnest(inputs) AS e WHERE e.scenario = i.scenario AND e.input = i.input AND e.hash IS NULL);
  INSERT INTO sim.stored_result_inputs SELECT e.* FROM unnest(inputs) AS e WHERE e.hash IS NOT NULL;
  PERFORM sim.keep_refresh_sources(view_id);
  RETURN complete;
END
$$;
COMMENT ON FUNCTION sim.keep_result_inputs(integer) IS
  'keeps what a result view, given by its number, is computed from, and which tables'' writers refresh it; tells whether all of it can be computed';

CREATE FUNCTION sim.keep_refresh_sources(
  view_id integer)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  used record;
BEGIN
  SELECT n.* INTO used FROM sim.stored_result_views AS v CROSS JOIN LATERAL sim.named_version(sim.result_view_model(v.view_id)) AS n
    WHERE v.view_id = keep_refresh_sources.view_id AND v.refresh = 'on_commit';
  IF NOT FOUND THEN
    RETURN;
  END IF;
  WITH wanted AS (
    SELECT DISTINCT s.relation, 0 AS model_id FROM sim.binding_sources AS s
    WHERE s.model = used.model_name AND s.relation IS NOT NULL
    UNION ALL
    SELECT 'sim.stored_models'::regclass, used.model_id WHERE sim.may_edit(used.model_id)),
  gone AS (
    DELETE FROM sim.stored_refresh_sources AS s
    WHERE s.view_id = keep_refresh_sources.view_id AND (s.relation, s.model_id) NOT IN (SELECT w.relation, w.model_id FROM wanted AS w))
  INSERT INTO sim.stored_refresh_sources (relation, model_id, view_id)
    SELECT w.relation, w.model_id, keep_refresh_sources.view_id FROM wanted AS w
    ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION sim.keep_refresh_sources(integer) IS
  'keeps which tables'' writers refresh a result view, given by its number, at the end of their transactions';
