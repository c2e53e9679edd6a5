-- 62_run_views.sql -- what a person or a BI tool sees of stored runs, and how runs are found, exported and deleted.
--
-- Each view that shows numbers says whether they are current.  The answers are computed when the column is read, once a run:
-- a grouped subquery is neither pulled up into the rows nor computed where nobody reads it.

CREATE VIEW sim.runs WITH (security_invoker = true) AS
  SELECT
    r.run_id AS run,
    r.name,
    r.tags,
    COALESCE(m.name, r.model) AS model,
    r.version,
    r.trials,
    r.seed,
    r.scenarios,
    r.overrides,
    c.current,
    r.owner,
    r.created_at,
    r.duration,
    r.workers,
    r.keep_samples,
    r.step_label,
    r.code_version,
    r.result_hash
  FROM sim.stored_runs AS r
  LEFT JOIN sim.stored_models AS m ON m.model_id OPERATOR(pg_catalog.=) r.model_id
  LEFT JOIN LATERAL (SELECT sim.is_current(r.run_id) AS current GROUP BY ()) AS c ON true;
COMMENT ON VIEW sim.runs IS 'the stored runs that the current role may see';
COMMENT ON COLUMN sim.runs.run IS 'number of the run';
COMMENT ON COLUMN sim.runs.name IS 'what its maker calls it';
COMMENT ON COLUMN sim.runs.tags IS 'words to find it by';
COMMENT ON COLUMN sim.runs.model IS 'name of the model, the last one where it is gone';
COMMENT ON COLUMN sim.runs.version IS 'version of the model that was run';
COMMENT ON COLUMN sim.runs.trials IS 'trials of each scenario';
COMMENT ON COLUMN sim.runs.seed IS 'seed of the random numbers';
COMMENT ON COLUMN sim.runs.scenarios IS 'scenarios as asked for; NULL: the base';
COMMENT ON COLUMN sim.runs.overrides IS 'overrides of the call';
COMMENT ON COLUMN sim.runs.current IS 'whether the same call would give the same now, in all outputs; NULL where the model is gone or may not be run';
COMMENT ON COLUMN sim.runs.owner IS 'role that ran it, whose members see and delete it';
COMMENT ON COLUMN sim.runs.created_at IS 'when its inputs were read';
COMMENT ON COLUMN sim.runs.duration IS 'how long simulating and storing took';
COMMENT ON COLUMN sim.runs.workers IS 'parallel workers that simulated';
COMMENT ON COLUMN sim.runs.keep_samples IS 'whether the samples are stored';
COMMENT ON COLUMN sim.runs.step_label IS 'what a step is called; NULL without time';
COMMENT ON COLUMN sim.runs.code_version IS 'version of the extension that ran it';
COMMENT ON COLUMN sim.runs.result_hash IS 'hash of the statistics, as sim.result_hash gives it';

CREATE VIEW sim.run_inputs WITH (security_invoker = true) AS
  SELECT
    i.run_id AS run,
    i.scenario,
    i.input,
    i.source,
    i.definition,
    i.value,
    i.row_count,
    pg_catalog.encode(i.hash, 'hex') AS hash
  FROM sim.stored_run_inputs AS i;
COMMENT ON VIEW sim.run_inputs IS 'what the inputs of stored runs were, by scenario';
COMMENT ON COLUMN sim.run_inputs.run IS 'number of the run';
COMMENT ON COLUMN sim.run_inputs.scenario IS 'name of the scenario';
COMMENT ON COLUMN sim.run_inputs.input IS 'input or data block';
COMMENT ON COLUMN sim.run_inputs.source IS 'default, scenario, override or binding';
COMMENT ON COLUMN sim.run_inputs.definition IS 'what defined it';
COMMENT ON COLUMN sim.run_inputs.value IS 'its value where it is one number';
COMMENT ON COLUMN sim.run_inputs.row_count IS 'rows that a binding supplied';
COMMENT ON COLUMN sim.run_inputs.hash IS 'hash of what it was';

CREATE VIEW sim.results WITH (security_invoker = true) AS
  SELECT
    s.run_id AS run,
    s.scenario,
    s.output,
    s.step,
    s.unit,
    s.trials,
    s.failed_trials,
    s.mean,
    s.std_error,
    s.stddev,
    s.skewness,
    s.kurtosis,
    s.min,
    s.p05,
    s.p25,
    s.median,
    s.p75,
    s.p95,
    s.max,
    CASE WHEN c.results IS NOT NULL THEN
      COALESCE((c.results OPERATOR(pg_catalog.->) s.scenario OPERATOR(pg_catalog.->) s.output)::boolean, false)
    END AS current
  FROM sim.stored_runs AS r
  LEFT JOIN LATERAL (SELECT sim.current_results(r.run_id) AS results GROUP BY ()) AS c ON true
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id;
COMMENT ON VIEW sim.results IS 'statistics of stored runs, by scenario, output and step';
COMMENT ON COLUMN sim.results.run IS 'number of the run';
COMMENT ON COLUMN sim.results.scenario IS 'name of the scenario';
COMMENT ON COLUMN sim.results.output IS 'name of the output';
COMMENT ON COLUMN sim.results.step IS 'step; NULL for an output without time';
COMMENT ON COLUMN sim.results.unit IS 'unit of the output; NULL without one';
COMMENT ON COLUMN sim.results.trials IS 'number of trials';
COMMENT ON COLUMN sim.results.failed_trials IS 'trials without a finite value, which enter nothing else';
COMMENT ON COLUMN sim.results.mean IS 'mean';
COMMENT ON COLUMN sim.results.std_error IS 'standard error of the mean';
COMMENT ON COLUMN sim.results.stddev IS 'standard deviation';
COMMENT ON COLUMN sim.results.skewness IS 'skewness';
COMMENT ON COLUMN sim.results.kurtosis IS 'excess kurtosis';
COMMENT ON COLUMN sim.results.min IS 'smallest value';
COMMENT ON COLUMN sim.results.p05 IS '5 % percentile';
COMMENT ON COLUMN sim.results.p25 IS '25 % percentile';
COMMENT ON COLUMN sim.results.median IS 'median';
COMMENT ON COLUMN sim.results.p75 IS '75 % percentile';
COMMENT ON COLUMN sim.results.p95 IS '95 % percentile';
COMMENT ON COLUMN sim.results.max IS 'largest value';
COMMENT ON COLUMN sim.results.current IS 'whether the same call would give this number now; NULL where the model is gone or may not be run';

CREATE VIEW sim.histograms WITH (security_invoker = true) AS
  SELECT
    s.run_id AS run,
    s.scenario,
    s.output,
    s.step,
    s.unit,
    b.bin::integer AS bin,
    b.lower,
    b.upper,
    b.trials,
    b.trials::float8 OPERATOR(pg_catalog./) (s.trials OPERATOR(pg_catalog.-) s.failed_trials)::float8 AS share,
    CASE WHEN c.results IS NOT NULL THEN
      COALESCE((c.results OPERATOR(pg_catalog.->) s.scenario OPERATOR(pg_catalog.->) s.output)::boolean, false)
    END AS current
  FROM sim.stored_runs AS r
  LEFT JOIN LATERAL (SELECT sim.current_results(r.run_id) AS results GROUP BY ()) AS c ON true
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id
  JOIN sim.stored_histograms AS h
    ON h.run_id OPERATOR(pg_catalog.=) s.run_id AND h.place OPERATOR(pg_catalog.=) s.place
  CROSS JOIN LATERAL ROWS FROM (
    pg_catalog.unnest(h.edges[:pg_catalog.cardinality(h.counts)]), pg_catalog.unnest(h.edges[2:]), pg_catalog.unnest(h.counts))
    WITH ORDINALITY AS b (lower, upper, trials, bin);
COMMENT ON VIEW sim.histograms IS 'histograms of stored runs, a row a bin';
COMMENT ON COLUMN sim.histograms.run IS 'number of the run';
COMMENT ON COLUMN sim.histograms.scenario IS 'name of the scenario';
COMMENT ON COLUMN sim.histograms.output IS 'name of the output';
COMMENT ON COLUMN sim.histograms.step IS 'step; NULL for an output without time';
COMMENT ON COLUMN sim.histograms.unit IS 'unit of the output; NULL without one';
COMMENT ON COLUMN sim.histograms.bin IS 'number of the bin, from 1';
COMMENT ON COLUMN sim.histograms.lower IS 'lower edge, which belongs to the bin';
COMMENT ON COLUMN sim.histograms.upper IS 'upper edge, which belongs to the last bin only';
COMMENT ON COLUMN sim.histograms.trials IS 'trials in the bin';
COMMENT ON COLUMN sim.histograms.share IS 'share of the trials with a finite value';
COMMENT ON COLUMN sim.histograms.current IS 'whether the same call would give this number now; NULL where the model is gone or may not be run';

CREATE VIEW sim.samples_stored WITH (security_invoker = true) AS
  SELECT
    s.run_id AS run,
    s.scenario,
    s.output,
    s.step,
    s.unit,
    a.first_trial,
    a.samples,
    CASE WHEN c.results IS NOT NULL THEN
      COALESCE((c.results OPERATOR(pg_catalog.->) s.scenario OPERATOR(pg_catalog.->) s.output)::boolean, false)
    END AS current
  FROM sim.stored_runs AS r
  LEFT JOIN LATERAL (SELECT sim.current_results(r.run_id) AS results GROUP BY ()) AS c ON true
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id
  JOIN sim.stored_samples AS a
    ON a.run_id OPERATOR(pg_catalog.=) s.run_id AND a.place OPERATOR(pg_catalog.=) s.place;
COMMENT ON VIEW sim.samples_stored IS 'samples of stored runs that keep them, a row for some consecutive trials';
COMMENT ON COLUMN sim.samples_stored.run IS 'number of the run';
COMMENT ON COLUMN sim.samples_stored.scenario IS 'name of the scenario';
COMMENT ON COLUMN sim.samples_stored.output IS 'name of the output';
COMMENT ON COLUMN sim.samples_stored.step IS 'step; NULL for an output without time';
COMMENT ON COLUMN sim.samples_stored.unit IS 'unit of the output; NULL without one';
COMMENT ON COLUMN sim.samples_stored.first_trial IS 'trial of the first sample, from 1';
COMMENT ON COLUMN sim.samples_stored.samples IS 'values in consecutive trials; those that are not finite are failed trials';
COMMENT ON COLUMN sim.samples_stored.current IS 'whether the same call would give this number now; NULL where the model is gone or may not be run';

GRANT SELECT ON sim.runs, sim.run_inputs, sim.results, sim.histograms, sim.samples_stored TO PUBLIC;

CREATE FUNCTION sim.search_runs(
  query text DEFAULT NULL,
  tags text[] DEFAULT NULL,
  model text DEFAULT NULL,
  since timestamptz DEFAULT NULL)
RETURNS SETOF sim.runs
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
  SELECT r.*
  FROM sim.runs AS r
  CROSS JOIN (
    SELECT pg_catalog.split_part(search_runs.model, '@', 1) AS given, pg_catalog.split_part(search_runs.model, '@', 2) AS version)
    AS named
  WHERE (search_runs.query IS NULL
      OR pg_catalog.strpos(
        pg_catalog.lower(pg_catalog.concat_ws(' ', r.name, r.model, pg_catalog.array_to_string(r.tags, ' '))),
        pg_catalog.lower(search_runs.query)) OPERATOR(pg_catalog.>) 0)
    AND (search_runs.tags IS NULL OR r.tags OPERATOR(pg_catalog.@>) search_runs.tags)
    AND (search_runs.model IS NULL
      OR r.model OPERATOR(pg_catalog.=) CASE
        WHEN named.given OPERATOR(pg_catalog.~~) '"%"'
        THEN pg_catalog.replace(pg_catalog.btrim(named.given, '"'), '""', '"')
        ELSE pg_catalog.lower(named.given COLLATE pg_catalog."C") END
      AND (named.version OPERATOR(pg_catalog.=) '' OR r.version::text OPERATOR(pg_catalog.=) named.version))
    AND (search_runs.since IS NULL OR r.created_at OPERATOR(pg_catalog.>=) search_runs.since)
  ORDER BY r.run DESC;
END;
COMMENT ON FUNCTION sim.search_runs(text, text[], text, timestamptz) IS
  'finds stored runs, the newest first: query is a part of name, model or tags in small or capital letters, tags are all to be there, model is its name, folded as an SQL identifier is, or name@version for the runs of one version; what is NULL does not matter';

CREATE FUNCTION sim.drop_run(
  run bigint,
  if_exists boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM sim.stored_runs AS r WHERE r.run_id = drop_run.run;
  IF FOUND THEN
    RETURN;
  ELSIF drop_run.if_exists THEN
    RAISE NOTICE 'run % does not exist, skipping', coalesce(drop_run.run::text, 'NULL');
  ELSE
    PERFORM sim.find_run(drop_run.run);
    RAISE EXCEPTION 'run % is not yours to delete', drop_run.run
      USING ERRCODE = 'insufficient_privilege', HINT = 'Members of the role that owns it may; see view sim.runs.';
  END IF;
END
$$;
COMMENT ON FUNCTION sim.drop_run(bigint, boolean) IS
  'deletes a stored run with all that belongs to it; one that does not exist is an error (42704), or a notice with if_exists => true';

CREATE FUNCTION sim.prune(
  keep interval DEFAULT NULL,
  keep_last integer DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  oldest timestamptz;
  deleted bigint;
BEGIN
  IF prune.keep IS NULL AND prune.keep_last IS NULL THEN
    RAISE EXCEPTION 'nothing says which runs to keep'
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Say how old a run may be, keep => ''90 days'', or how many runs of each model stay, keep_last => 10.';
  ELSIF prune.keep_last < 0 THEN
    RAISE EXCEPTION 'keep_last is %', prune.keep_last
      USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the number of runs of each model that stay, 0 or more.';
  END IF;
  IF prune.keep IS NOT NULL THEN
    oldest := sim.oldest_kept(prune.keep);
  END IF;
  DELETE FROM sim.stored_runs AS r
  USING (
    SELECT s.run_id, row_number() OVER (PARTITION BY s.model_id ORDER BY s.run_id DESC) AS place FROM sim.stored_runs AS s) AS p
  WHERE p.run_id = r.run_id
    AND (oldest IS NULL OR r.created_at < oldest)
    AND (prune.keep_last IS NULL OR p.place > prune.keep_last);
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END
$$;
COMMENT ON FUNCTION sim.prune(interval, integer) IS
  'deletes stored runs that are older than `keep` and not among the last `keep_last` of their model, and tells how many; what is NULL protects none, one of the two must be said, and neither is negative (22023)';
