-- 43_merge.sql -- sim.chunks and sim.merge: the merge tree in SQL, in any order and grouping.
BEGIN;
SELECT plan(23);

SELECT sim.create_model('plant', $$
  input energy ~ normal(80, 12)
  output total = energy * 2
  output failing = sqrt(energy - 80)
$$);
SELECT sim.create_scenario('plant', 'hot', '{"energy": "~ normal(100, 12)"}');
SET LOCAL sim.chunk_leaves = 1;
CREATE TEMP TABLE job AS SELECT sim.experiment('plant', 50000, 1, ARRAY['*']) AS experiment;
CREATE TEMP TABLE parts AS SELECT c.* FROM job, LATERAL sim.chunks(experiment) AS c;

SELECT is((SELECT experiment FROM job), sim.experiment('plant', 50000, 1, ARRAY['*']), 'equal arguments give equal bytes');
SELECT isnt((SELECT experiment FROM job), sim.experiment('plant', 50000, 2, ARRAY['*']), 'another seed, other bytes');
SELECT is((SELECT count(*) FROM parts), 98::bigint, 'a chunk a leaf and scenario');
SELECT results_eq('SELECT scenario, count(*), min(chunk), max(chunk) FROM parts GROUP BY 1 ORDER BY 1',
  'VALUES (0, 49::bigint, 0::bigint, 48::bigint), (1, 49, 49, 97)', 'chunks are numbered over all scenarios');

-- Order and grouping.
CREATE TEMP TABLE whole AS SELECT sim.merge(partial) AS state FROM parts;
-- All of a partial but the number of chunks it was made of, which is a matter of scheduling.
CREATE FUNCTION pg_temp.result_of(partial bytea) RETURNS text LANGUAGE sql AS
  $$ SELECT md5(overlay(partial PLACING '\x0000000000000000'::bytea FROM 14 FOR 8)) $$;
SELECT is((SELECT sim.merge(partial ORDER BY chunk DESC) FROM parts), state, 'backwards') FROM whole;
SELECT is((SELECT sim.merge(partial ORDER BY md5(chunk::text)) FROM parts), state, 'shuffled') FROM whole;
SELECT is((SELECT sim.merge(m) FROM (SELECT sim.merge(partial ORDER BY md5(chunk::text)) AS m FROM parts GROUP BY chunk % 7) AS g), state, 'in groups')
  FROM whole;
SELECT is((SELECT sim.merge(m) FROM (SELECT sim.merge(partial) AS m FROM parts GROUP BY chunk / 10) AS g), state, 'in runs') FROM whole;
SELECT is((SELECT sim.merge(state) FROM whole), state, 'one partial merged is itself') FROM whole;
SELECT is((SELECT sim.merge(partial) FROM parts WHERE false), NULL, 'no partial, no result');
SELECT is((SELECT sim.merge(p) FROM (SELECT partial AS p FROM parts UNION ALL SELECT NULL) AS t), state, 'a NULL adds nothing') FROM whole;
SET LOCAL sim.chunk_leaves = 8;
SELECT isnt(pg_temp.result_of((SELECT sim.merge(partial) FROM parts WHERE chunk > 0)), pg_temp.result_of(state), 'a missing chunk shows') FROM whole;
SELECT is(pg_temp.result_of((SELECT sim.merge(c.partial) FROM job, LATERAL sim.chunks(experiment) AS c)), pg_temp.result_of(state), 'chunks of another size merge to the same bits') FROM whole;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL max_parallel_workers_per_gather = 3;
CREATE FUNCTION pg_temp.merged(experiment bytea) RETURNS bytea LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT sim.merge(partial) FROM sim.chunks(experiment));
END $$;
SELECT is(pg_temp.result_of(pg_temp.merged(experiment)), pg_temp.result_of(state), 'workers merge to the same bits') FROM job, whole;
SELECT is(pg_temp.result_of((SELECT sim.merge(partial) FROM sim.chunks(experiment))), pg_temp.result_of(state), 'a correlated subquery') FROM job, whole;

-- What cannot be merged.
SELECT throws_ok('SELECT sim.merge(p) FROM (SELECT partial AS p FROM parts UNION ALL (SELECT partial FROM parts LIMIT 1)) AS t', 'XX001', NULL,
  'a trial counted twice is an error');
SELECT throws_ok('SELECT sim.merge(p) FROM (SELECT partial AS p FROM parts UNION ALL SELECT ''\xdeadbeef''::bytea) AS t', 'XX001', NULL, 'bytes that are no partial');
SELECT throws_ok('SELECT sim.merge(p) FROM (SELECT partial AS p FROM parts UNION ALL SELECT partial FROM sim.chunks(sim.experiment(''plant'', 1000))) AS t',
  'XX001', NULL, 'partials of another shape');

-- What is no experiment.
SELECT throws_ok('SELECT count(partial) FROM sim.chunks(''\x'')', 'XX001', NULL, 'no bytes');
SELECT throws_ok('SELECT count(partial) FROM sim.chunks(''\xdeadbeef'')', 'XX001', NULL, 'bytes that are no experiment');
SELECT throws_ok('SELECT count(partial) FROM sim.chunks(NULL)', '22004', 'experiment must not be null', 'NULL');
SELECT throws_ok('SELECT count(partial) FROM job, sim.chunks(experiment, ''\xdeadbeef'')', 'XX001', NULL, 'bytes that do not say what to keep');
-- Every damaged byte is either noticed or harmless, and never takes the server down.
CREATE FUNCTION pg_temp.survives(damaged bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sim.merge(partial) FROM sim.chunks(damaged);
  RETURN true;
EXCEPTION WHEN data_corrupted OR syntax_error OR undefined_object OR invalid_parameter_value OR numeric_value_out_of_range
  OR program_limit_exceeded OR data_exception OR character_not_in_repertoire THEN
  RETURN true;
END $$;
SET LOCAL sim.max_trials = 100000;
SELECT ok(bool_and(pg_temp.survives(set_byte(e, n, 255 - get_byte(e, n)))), 'damaged experiments')
  FROM (SELECT sim.experiment('plant', 300) AS e) AS j, LATERAL generate_series(0, length(e) - 1) AS n;

SELECT * FROM finish();
ROLLBACK;
