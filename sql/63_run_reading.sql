-- 63_run_reading.sql -- what stored runs tell without running again: percentiles, histograms, exceedance, correlations, years.
--
-- Where samples are stored the answers are exact.  Otherwise they come from the sketch, which bounds them.  The arithmetic is
-- the module's; a lateral subquery reads the blocks of one reported number after the other.

CREATE FUNCTION sim.sample_percentiles_transition(internal, float8[], float8[], float8[], float8[], bigint) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_percentiles_transition';
COMMENT ON FUNCTION sim.sample_percentiles_transition(internal, float8[], float8[], float8[], float8[], bigint) IS
  'transition function of sim.sample_percentiles';

CREATE FUNCTION sim.sample_percentiles_final(internal) RETURNS float8[]
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_percentiles_final';
COMMENT ON FUNCTION sim.sample_percentiles_final(internal) IS 'final function of sim.sample_percentiles';

CREATE AGGREGATE sim.sample_percentiles(samples float8[], percentiles float8[], levels float8[], sketch float8[], trials bigint) (
  SFUNC = sim.sample_percentiles_transition,
  STYPE = internal,
  SSPACE = 1000000,
  FINALFUNC = sim.sample_percentiles_final,
  FINALFUNC_MODIFY = READ_WRITE,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE sim.sample_percentiles(float8[], float8[], float8[], float8[], bigint) IS
  'gives exact percentiles of the finite values in blocks of samples, as percentile_cont does, in the memory of a few hundredths of them: the sketch is that of these values, trials their number; NULL for no values; other values than those of the sketch are an error (XX001)';

CREATE FUNCTION sim.sample_counts_transition(internal, float8[], float8[], boolean) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_counts_transition';
COMMENT ON FUNCTION sim.sample_counts_transition(internal, float8[], float8[], boolean) IS 'transition function of sim.sample_counts';

CREATE FUNCTION sim.sample_counts_final(internal) RETURNS bigint[]
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_counts_final';
COMMENT ON FUNCTION sim.sample_counts_final(internal) IS 'final function of sim.sample_counts';

CREATE AGGREGATE sim.sample_counts(samples float8[], points float8[], inclusive boolean) (
  SFUNC = sim.sample_counts_transition,
  STYPE = internal,
  FINALFUNC = sim.sample_counts_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE sim.sample_counts(float8[], float8[], boolean) IS
  'counts the finite values below each of the ascending points, or inclusive at it, too, in blocks of samples; one element more: all of them';

CREATE FUNCTION sim.sample_pairs_transition(internal, float8[], boolean, boolean) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_pairs_transition';
COMMENT ON FUNCTION sim.sample_pairs_transition(internal, float8[], boolean, boolean) IS 'transition function of sim.sample_pairs';

CREATE FUNCTION sim.sample_pairs_final(internal) RETURNS float8[]
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_pairs_final';
COMMENT ON FUNCTION sim.sample_pairs_final(internal) IS 'final function of sim.sample_pairs';

CREATE AGGREGATE sim.sample_pairs(samples float8[], second boolean, ranks boolean) (
  SFUNC = sim.sample_pairs_transition,
  STYPE = internal,
  SSPACE = 1000000,
  FINALFUNC = sim.sample_pairs_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE sim.sample_pairs(float8[], boolean, boolean) IS
  'compares two numbers trial by trial, whose blocks of samples come in order, those of the second marked: {trials, mean difference, its standard error, Pearson''s correlation, Spearman''s}; NaN for what does not exist, and for Spearman''s unless ranks; trials that failed in either are left out';

CREATE FUNCTION sim.independent_error(std_error float8, other_std_error float8) RETURNS float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_independent_error';
COMMENT ON FUNCTION sim.independent_error(float8, float8) IS
  'gives the standard error of the difference of two independent numbers: the root of the sum of squares';

CREATE FUNCTION sim.percentile_rows(percentiles float8[], exact float8[], levels float8[], sketch float8[])
RETURNS TABLE (percentile float8, value float8, lower float8, upper float8)
LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'sim_percentile_rows';
COMMENT ON FUNCTION sim.percentile_rows(float8[], float8[], float8[], float8[]) IS
  'lists percentiles with bounds that hold them: the exact ones, or where these are NULL, what a sketch tells';

CREATE FUNCTION sim.exceedance_rows(points float8[], counts float8[], levels float8[], sketch float8[], trials bigint)
RETURNS TABLE (value float8, probability float8, lower float8, upper float8)
LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 50 AS 'MODULE_PATHNAME', 'sim_exceedance_rows';
COMMENT ON FUNCTION sim.exceedance_rows(float8[], float8[], float8[], float8[], bigint) IS
  'lists the share of trials beyond each point, with bounds that hold it: by the counts of inclusive sim.sample_counts, or where these are NULL, by a sketch';

CREATE FUNCTION sim.share_rows(edges float8[], counts float8[], levels float8[], sketch float8[], trials bigint)
RETURNS TABLE (bin integer, lower float8, upper float8, share float8, share_lower float8, share_upper float8)
LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'sim_share_rows';
COMMENT ON FUNCTION sim.share_rows(float8[], float8[], float8[], float8[], bigint) IS
  'lists the share of trials between the edges of a histogram, with bounds that hold it: by the counts of sim.sample_counts, or where these are NULL, by a sketch';

CREATE FUNCTION sim.sketch_edges(levels float8[], sketch float8[], bins integer) RETURNS float8[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sketch_edges';
COMMENT ON FUNCTION sim.sketch_edges(float8[], float8[], integer) IS
  'gives round edges of about so many bins over the middle 99 % of what a sketch stands for, and one more on each side that is needed';

CREATE FUNCTION sim.find_run(
  run bigint,
  with_samples boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept boolean;
BEGIN
  SELECT r.keep_samples INTO kept FROM sim.stored_runs AS r WHERE r.run_id = find_run.run;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'run % does not exist', coalesce(find_run.run::text, 'NULL')
      USING ERRCODE = 'undefined_object', HINT = 'View sim.runs lists the runs you may see.';
  ELSIF find_run.with_samples AND NOT kept THEN
    RAISE EXCEPTION 'run % keeps no samples', find_run.run
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Run it again with keep_samples => true.';
  END IF;
  RETURN find_run.run;
END
$$;
COMMENT ON FUNCTION sim.find_run(bigint, boolean) IS
  'gives the number of a stored run back; one that does not exist is an error (42704), and so, where they are needed, is one without samples (55000)';

CREATE FUNCTION sim.run_data(
  run bigint)
RETURNS TABLE (name text, column_name text, place bigint, value float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT d.name, d.column_name, d.place, d.value
  FROM sim.stored_run_data AS r
  CROSS JOIN LATERAL sim.experiment_data(r.experiment) AS d
  WHERE r.run_id OPERATOR(pg_catalog.=) sim.find_run(run_data.run);
END;
COMMENT ON FUNCTION sim.run_data(bigint) IS
  'lists the rows that bindings supplied to a stored run, as they were: of data blocks column by column, of inputs with NULL for column_name; none for a run that read more than 4 MB, and none for who is no member of its owner';

CREATE FUNCTION sim.run_percentiles(
  run bigint,
  percentiles float8[])
RETURNS TABLE (scenario text, output text, step integer, percentile float8, value float8, lower float8, upper float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.scenario, s.output, s.step, p.percentile, p.value, p.lower, p.upper
  FROM sim.stored_runs AS r
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id
  CROSS JOIN LATERAL (
    SELECT sim.sample_percentiles(a.samples, run_percentiles.percentiles, r.levels, s.sketch,
      s.trials OPERATOR(pg_catalog.-) s.failed_trials) AS exact
    FROM sim.stored_samples AS a
    WHERE a.run_id OPERATOR(pg_catalog.=) s.run_id AND a.place OPERATOR(pg_catalog.=) s.place) AS x
  CROSS JOIN LATERAL sim.percentile_rows(run_percentiles.percentiles, x.exact, r.levels, s.sketch) AS p
  WHERE r.run_id OPERATOR(pg_catalog.=) sim.find_run(run_percentiles.run)
  ORDER BY s.place;
END;
COMMENT ON FUNCTION sim.run_percentiles(bigint, float8[]) IS
  'gives percentiles of a stored run''s outputs without running again: exact where its samples are stored or a level of its sketch is asked for, otherwise a value between bounds that hold the exact one; percentiles as sim.percentiles';

CREATE FUNCTION sim.run_histogram(
  run bigint,
  bins integer DEFAULT 20)
RETURNS TABLE (
  scenario text,
  output text,
  step integer,
  bin integer,
  lower float8,
  upper float8,
  share float8,
  share_lower float8,
  share_upper float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.scenario, s.output, s.step, b.bin, b.lower, b.upper, b.share, b.share_lower, b.share_upper
  FROM sim.stored_runs AS r
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id
  CROSS JOIN LATERAL (SELECT sim.sketch_edges(r.levels, s.sketch, COALESCE(run_histogram.bins, 20)) AS edges) AS e
  CROSS JOIN LATERAL (
    SELECT sim.sample_counts(a.samples, e.edges, false) AS counts
    FROM sim.stored_samples AS a
    WHERE a.run_id OPERATOR(pg_catalog.=) s.run_id AND a.place OPERATOR(pg_catalog.=) s.place) AS x
  CROSS JOIN LATERAL sim.share_rows(e.edges, x.counts, r.levels, s.sketch, s.trials OPERATOR(pg_catalog.-) s.failed_trials) AS b
  WHERE r.run_id OPERATOR(pg_catalog.=) sim.find_run(run_histogram.run)
  ORDER BY s.place, b.bin;
END;
COMMENT ON FUNCTION sim.run_histogram(bigint, integer) IS
  'gives a histogram of a stored run''s outputs with about so many bins, without running again: round edges over the middle 99 % and a bin for each tail; exact shares where samples are stored, otherwise shares between bounds that hold the exact ones; a bin has its lower edge, the last its upper, too';

CREATE FUNCTION sim.run_exceedance(
  run bigint,
  thresholds float8[] DEFAULT NULL,
  points integer DEFAULT 50)
RETURNS TABLE (scenario text, output text, step integer, value float8, probability float8, lower float8, upper float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.scenario, s.output, s.step, c.value, c.probability, c.lower, c.upper
  FROM sim.stored_runs AS r
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN run_exceedance.thresholds IS NULL
      THEN sim.sketch_edges(r.levels, s.sketch, COALESCE(run_exceedance.points, 50))
      ELSE ARRAY(SELECT DISTINCT t.value FROM pg_catalog.unnest(run_exceedance.thresholds) AS t (value) ORDER BY t.value)
    END AS points) AS p
  CROSS JOIN LATERAL (
    SELECT sim.sample_counts(a.samples, p.points, true) AS counts
    FROM sim.stored_samples AS a
    WHERE a.run_id OPERATOR(pg_catalog.=) s.run_id AND a.place OPERATOR(pg_catalog.=) s.place) AS x
  CROSS JOIN LATERAL sim.exceedance_rows(p.points, x.counts, r.levels, s.sketch, s.trials OPERATOR(pg_catalog.-) s.failed_trials) AS c
  WHERE r.run_id OPERATOR(pg_catalog.=) sim.find_run(run_exceedance.run)
  ORDER BY s.place, c.value;
END;
COMMENT ON FUNCTION sim.run_exceedance(bigint, float8[], integer) IS
  'gives the probability that a stored run''s outputs exceed each threshold, or each of about so many round values, without running again: exact where samples are stored, otherwise between bounds that hold the exact one';

CREATE FUNCTION sim.find_step(
  run bigint,
  step integer)
RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  last integer;
BEGIN
  SELECT max(s.step) INTO last FROM sim.stored_results AS s WHERE s.run_id = find_step.run;
  IF find_step.step NOT BETWEEN 0 AND last THEN
    RAISE EXCEPTION 'run % has no step %', find_step.run, find_step.step
      USING ERRCODE = 'invalid_parameter_value', HINT = format('Its last step is %s.', last);
  END IF;
  RETURN find_step.step;
END
$$;
COMMENT ON FUNCTION sim.find_step(bigint, integer) IS
  'gives a step of a stored run back; one that a run with time does not have is an error (22023)';

CREATE FUNCTION sim.run_correlations(
  run bigint,
  step integer DEFAULT NULL)
RETURNS TABLE (scenario text, output text, other_output text, trials bigint, pearson float8, spearman float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH reported AS (
    SELECT DISTINCT ON (s.scenario, s.output) s.run_id, s.scenario, s.output, s.place
    FROM sim.stored_results AS s
    WHERE s.run_id OPERATOR(pg_catalog.=) sim.find_run(run_correlations.run, true)
      AND (s.step IS NULL OR run_correlations.step IS NULL
        OR s.step OPERATOR(pg_catalog.=) (SELECT sim.find_step(run_correlations.run, run_correlations.step)))
    ORDER BY s.scenario, s.output, s.step DESC)
  SELECT a.scenario, a.output, b.output, p.found[1]::bigint,
    NULLIF(p.found[4], 'NaN'::float8), NULLIF(p.found[5], 'NaN'::float8)
  FROM reported AS a
  JOIN reported AS b
    ON b.scenario OPERATOR(pg_catalog.=) a.scenario AND b.place OPERATOR(pg_catalog.>) a.place
  CROSS JOIN LATERAL (
    SELECT sim.sample_pairs(x.samples, x.second, true ORDER BY x.first_trial) AS found
    FROM (
      SELECT s.samples, s.first_trial, false AS second FROM sim.stored_samples AS s
      WHERE s.run_id OPERATOR(pg_catalog.=) a.run_id AND s.place OPERATOR(pg_catalog.=) a.place
      UNION ALL
      SELECT s.samples, s.first_trial, true FROM sim.stored_samples AS s
      WHERE s.run_id OPERATOR(pg_catalog.=) b.run_id AND s.place OPERATOR(pg_catalog.=) b.place) AS x) AS p
  ORDER BY a.place, b.place;
END;
COMMENT ON FUNCTION sim.run_correlations(bigint, integer) IS
  'gives Pearson''s and Spearman''s correlation of each two outputs of a stored run, trial by trial, over the trials in which both have a value; outputs with time at the step given, at their last where it is NULL; a step that the run does not have is an error (22023); a run without samples is an error (55000)';
