-- 64_run_reports.sql -- stored runs for people, pages and files: years, differences of two runs, export, summary.

CREATE FUNCTION sim.steps_per_year(step_label text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE pg_catalog.rtrim(pg_catalog.lower(steps_per_year.step_label), 's')
    WHEN 'year' THEN 1 WHEN 'quarter' THEN 4 WHEN 'month' THEN 12 WHEN 'week' THEN 52 WHEN 'day' THEN 365 END;
END;
COMMENT ON FUNCTION sim.steps_per_year(text) IS
  'tells how many steps make a year by what a step is called: year, quarter, month, week, day, or their plurals; NULL for another name';

CREATE FUNCTION sim.run_yearly(
  run bigint,
  every integer DEFAULT NULL)
RETURNS TABLE (
  scenario text,
  output text,
  year integer,
  step integer,
  mean float8,
  std_error float8,
  stddev float8,
  p05 float8,
  p25 float8,
  median float8,
  p75 float8,
  p95 float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  label text;
  steps integer := run_yearly.every;
BEGIN
  SELECT r.step_label INTO label FROM sim.stored_runs AS r WHERE r.run_id = sim.find_run(run_yearly.run);
  IF steps < 1 THEN
    RAISE EXCEPTION 'every is %', steps
      USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the number of steps that make a year, 1 or more.';
  END IF;
  steps := coalesce(steps, sim.steps_per_year(label));
  IF steps IS NULL THEN
    RAISE EXCEPTION 'run % does not say how many of its steps make a year', run_yearly.run
      USING ERRCODE = 'invalid_parameter_value',
        DETAIL = coalesce('Its steps are called ' || quote_literal(label) || '.', 'Its steps have no name, or it has none.'),
        HINT = 'Say it, for example every => 12.';
  END IF;
  RETURN QUERY
    SELECT s.scenario, s.output, s.step / steps, s.step, s.mean, s.std_error, s.stddev, s.p05, s.p25, s.median, s.p75, s.p95
    FROM sim.stored_results AS s
    WHERE s.run_id = run_yearly.run AND s.step % steps = 0
    ORDER BY s.place;
END
$$;
COMMENT ON FUNCTION sim.run_yearly(bigint, integer) IS
  'gives the statistics of a stored run''s outputs with time once a year: at each step that is a multiple of `every`; NULL: 12 for steps called month, 1, 4, 52 or 365 for year, quarter, week or day; another name without `every` is an error (22023), so is less than 1';

CREATE FUNCTION sim.compare_runs(
  run bigint,
  other_run bigint)
RETURNS TABLE (
  kind text,
  scenario text,
  name text,
  step integer,
  value float8,
  other_value float8,
  difference float8,
  std_error float8,
  definition text,
  other_definition text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH asked AS (
    SELECT a.run_id AS a, b.run_id AS b,
      pg_catalog.jsonb_build_object('model', a.model, 'version', a.version, 'trials', a.trials, 'seed', a.seed) AS options,
      pg_catalog.jsonb_build_object('model', b.model, 'version', b.version, 'trials', b.trials, 'seed', b.seed) AS other_options,
      a.keep_samples AND b.keep_samples AND a.seed OPERATOR(pg_catalog.=) b.seed
        AND a.trials OPERATOR(pg_catalog.=) b.trials AS paired
    FROM sim.stored_runs AS a CROSS JOIN sim.stored_runs AS b
    WHERE a.run_id OPERATOR(pg_catalog.=) sim.find_run(compare_runs.run)
      AND b.run_id OPERATOR(pg_catalog.=) sim.find_run(compare_runs.other_run)),
  inputs AS (
    SELECT COALESCE(x.scenario, y.scenario) AS scenario, COALESCE(x.input, y.input) AS input,
      x.value, y.value AS other_value,
      COALESCE(x.definition, CASE WHEN x.value IS NULL THEN x.row_count::text OPERATOR(pg_catalog.||) ' rows' END) AS definition,
      COALESCE(y.definition, CASE WHEN y.value IS NULL THEN y.row_count::text OPERATOR(pg_catalog.||) ' rows' END) AS other_definition
    FROM (SELECT i.* FROM sim.stored_run_inputs AS i JOIN asked AS q ON q.a OPERATOR(pg_catalog.=) i.run_id) AS x
    FULL JOIN (SELECT i.* FROM sim.stored_run_inputs AS i JOIN asked AS q ON q.b OPERATOR(pg_catalog.=) i.run_id) AS y
      ON y.scenario OPERATOR(pg_catalog.=) x.scenario AND y.input OPERATOR(pg_catalog.=) x.input
    WHERE y.hash IS DISTINCT FROM x.hash
      AND COALESCE(x.scenario, y.scenario) IN (
        SELECT s.scenario FROM sim.stored_results AS s JOIN asked AS q ON q.a OPERATOR(pg_catalog.=) s.run_id
        INTERSECT
        SELECT s.scenario FROM sim.stored_results AS s JOIN asked AS q ON q.b OPERATOR(pg_catalog.=) s.run_id)),
  outputs AS (
    SELECT COALESCE(x.scenario, y.scenario) AS scenario, COALESCE(x.output, y.output) AS output,
      NULLIF(COALESCE(x.at, y.at), -1) AS step, x.mean, y.mean AS other_mean, x.std_error, y.std_error AS other_std_error,
      x.place, y.place AS other_place
    FROM (
      SELECT s.*, COALESCE(s.step, -1) AS at
      FROM sim.stored_results AS s JOIN asked AS q ON q.a OPERATOR(pg_catalog.=) s.run_id) AS x
    FULL JOIN (
      SELECT s.*, COALESCE(s.step, -1) AS at
      FROM sim.stored_results AS s JOIN asked AS q ON q.b OPERATOR(pg_catalog.=) s.run_id) AS y
      ON y.scenario OPERATOR(pg_catalog.=) x.scenario
      AND y.output OPERATOR(pg_catalog.=) x.output
      AND y.at OPERATOR(pg_catalog.=) x.at),
  -- One key, one result, to the last bit.
  same AS (
    SELECT x.scenario, x.output
    FROM asked AS q
    JOIN sim.stored_run_keys AS x ON x.run_id OPERATOR(pg_catalog.=) q.a
    JOIN sim.stored_run_keys AS y
      ON y.run_id OPERATOR(pg_catalog.=) q.b
      AND y.scenario OPERATOR(pg_catalog.=) x.scenario
      AND y.output OPERATOR(pg_catalog.=) x.output
      AND y.key OPERATOR(pg_catalog.=) x.key)
  SELECT 'option', NULL::text, o.key, NULL::integer, NULL::float8, NULL::float8, NULL::float8, NULL::float8,
    o.value, q.other_options OPERATOR(pg_catalog.->>) o.key
  FROM asked AS q CROSS JOIN LATERAL pg_catalog.jsonb_each_text(q.options) AS o
  WHERE o.value OPERATOR(pg_catalog.<>) (q.other_options OPERATOR(pg_catalog.->>) o.key)
  UNION ALL
  SELECT 'input', i.scenario, i.input, NULL::integer, i.value, i.other_value,
    i.other_value OPERATOR(pg_catalog.-) i.value, NULL::float8, i.definition, i.other_definition
  FROM inputs AS i
  UNION ALL
  SELECT 'output', o.scenario, o.output, o.step, o.mean, o.other_mean, o.other_mean OPERATOR(pg_catalog.-) o.mean,
    CASE WHEN e.output IS NOT NULL AND o.mean IS NOT NULL THEN 0
    WHEN q.paired AND o.place IS NOT NULL AND o.other_place IS NOT NULL THEN (
      SELECT NULLIF((sim.sample_pairs(x.samples, x.second, false ORDER BY x.first_trial))[3], 'NaN'::float8)
      FROM (
        SELECT s.samples, s.first_trial, false AS second FROM sim.stored_samples AS s
        WHERE s.run_id OPERATOR(pg_catalog.=) q.b AND s.place OPERATOR(pg_catalog.=) o.other_place
        UNION ALL
        SELECT s.samples, s.first_trial, true FROM sim.stored_samples AS s
        WHERE s.run_id OPERATOR(pg_catalog.=) q.a AND s.place OPERATOR(pg_catalog.=) o.place) AS x)
    ELSE sim.independent_error(o.std_error, o.other_std_error) END,
    NULL::text, NULL::text
  FROM outputs AS o
  CROSS JOIN asked AS q
  LEFT JOIN same AS e
    ON e.scenario OPERATOR(pg_catalog.=) o.scenario AND e.output OPERATOR(pg_catalog.=) o.output;
END;
COMMENT ON FUNCTION sim.compare_runs(bigint, bigint) IS
  'compares two stored runs: model, version, trials and seed where they differ; the inputs that differ in scenarios of both, with value and definition in each, and the means of all outputs, the other run''s minus this one''s; std_error is that of the difference: 0 where both have the same content key; of the paired trials where both runs keep samples and have one seed and as many trials; otherwise as of independent runs, which is too large where two results with one seed rise and fall together';

CREATE FUNCTION sim.csv_field(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE WHEN value OPERATOR(pg_catalog.~) '[",\n\r]'
    THEN pg_catalog.concat('"', pg_catalog.replace(value, '"', '""'), '"') ELSE value END;
END;
COMMENT ON FUNCTION sim.csv_field(text) IS 'puts a text in quotes where csv needs them';

CREATE FUNCTION sim.export_run(
  run bigint,
  format text DEFAULT 'csv')
RETURNS SETOF text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  columns CONSTANT text[] := ARRAY['run', 'model', 'version', 'scenario', 'output', 'step', 'unit', 'trials', 'failed_trials', 'mean',
    'std_error', 'stddev', 'skewness', 'kurtosis', 'min', 'p05', 'p25', 'median', 'p75', 'p95', 'max'];
BEGIN
  IF export_run.format NOT IN ('csv', 'json') OR export_run.format IS NULL THEN
    RAISE EXCEPTION 'no format is called %', coalesce(quote_literal(export_run.format), 'NULL')
      USING ERRCODE = 'invalid_parameter_value', HINT = 'There are csv and json.';
  END IF;
  PERFORM sim.find_run(export_run.run);
  PERFORM sim.record_export(export_run.run);
  IF export_run.format = 'csv' THEN
    RETURN NEXT array_to_string(columns, ',');
  END IF;
  RETURN QUERY
    SELECT CASE export_run.format
      WHEN 'json' THEN
        json_build_object('run', r.run_id, 'model', r.model, 'version', r.version, 'scenario', s.scenario,
          'output', s.output, 'step', s.step, 'unit', s.unit, 'trials', s.trials, 'failed_trials', s.failed_trials,
          'mean', s.mean, 'std_error', s.std_error, 'stddev', s.stddev, 'skewness', s.skewness, 'kurtosis', s.kurtosis,
          'min', s.min, 'p05', s.p05, 'p25', s.p25, 'median', s.median, 'p75', s.p75, 'p95', s.p95, 'max', s.max)::text
      ELSE
        array_to_string(ARRAY[r.run_id::text, sim.csv_field(r.model), r.version::text, sim.csv_field(s.scenario),
          sim.csv_field(s.output), s.step::text, sim.csv_field(s.unit), s.trials::text, s.failed_trials::text,
          s.mean::text, s.std_error::text, s.stddev::text, s.skewness::text, s.kurtosis::text,
          s.min::text, s.p05::text, s.p25::text, s.median::text, s.p75::text, s.p95::text, s.max::text], ',', '') END
    FROM sim.stored_runs AS r
    JOIN sim.stored_results AS s ON s.run_id = r.run_id
    WHERE r.run_id = export_run.run
    ORDER BY s.place;
END
$$;
COMMENT ON FUNCTION sim.export_run(bigint, text) IS
  'gives the statistics of a stored run as lines of text: csv with a head line, or json with an object a line; another format is an error (22023)';

CREATE FUNCTION sim.summary(
  run bigint)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
  SELECT pg_catalog.jsonb_build_object(
    'run', r.run, 'name', r.name, 'tags', r.tags, 'model', r.model, 'version', r.version, 'trials', r.trials, 'seed', r.seed,
    'current', r.current, 'created_at', r.created_at, 'step_label', r.step_label,
    'outputs', (
      SELECT pg_catalog.jsonb_agg(o.output ORDER BY o.place)
      FROM (
        SELECT pg_catalog.min(s.place) AS place,
          pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'scenario', s.scenario, 'output', s.output, 'unit', pg_catalog.min(s.unit),
            'failed_trials', pg_catalog.max(s.failed_trials),
            'statistics', pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
              'mean', s.mean, 'std_error', s.std_error, 'stddev', s.stddev, 'min', s.min, 'p05', s.p05, 'p25', s.p25,
              'median', s.median, 'p75', s.p75, 'p95', s.p95, 'max', s.max)) FILTER (WHERE f.is_last) OPERATOR(pg_catalog.->) 0,
            'histogram', pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('edges', h.edges, 'counts', h.counts))
              FILTER (WHERE f.is_last AND h.edges IS NOT NULL) OPERATOR(pg_catalog.->) 0,
            'fan', pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
              'step', s.step, 'p05', s.p05, 'p25', s.p25, 'median', s.median, 'p75', s.p75, 'p95', s.p95) ORDER BY s.step)
              FILTER (WHERE s.step IS NOT NULL
                AND (f.every IS NULL OR s.step OPERATOR(pg_catalog.%) f.every OPERATOR(pg_catalog.=) 0 OR f.is_last)))) AS output
        FROM (
          SELECT w.*, pg_catalog.max(w.step) OVER (PARTITION BY w.scenario, w.output) AS last_step
          FROM sim.stored_results AS w
          WHERE w.run_id OPERATOR(pg_catalog.=) r.run) AS s
        LEFT JOIN sim.stored_histograms AS h
          ON h.run_id OPERATOR(pg_catalog.=) s.run_id AND h.place OPERATOR(pg_catalog.=) s.place
        CROSS JOIN LATERAL (
          SELECT
            sim.steps_per_year(r.step_label) AS every,
            s.step IS NOT DISTINCT FROM s.last_step AS is_last) AS f
        GROUP BY s.scenario, s.output) AS o))
  FROM sim.runs AS r
  WHERE r.run OPERATOR(pg_catalog.=) sim.find_run(summary.run);
END;
COMMENT ON FUNCTION sim.summary(bigint) IS
  'gives a stored run as one compact document for a page: what it is and whether it is current, and for each output its statistics and histogram, at the last step where it has time, and its percentiles over time, once a year';
