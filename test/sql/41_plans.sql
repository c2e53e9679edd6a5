-- 41_plans.sql -- the plans: parallel where there is much to do, serial where there is little, and readable.
BEGIN;
SELECT plan(114);
SET LOCAL sim.cache = off;  -- every call computes

SELECT sim.create_model('plant', $$
  input energy    ~ normal(80, 12)
  input transport ~ triangular(20, 25, 40)
  co2      = 0.1 * energy + 0.05 * disposal
  disposal = 80 + co2
  output total = energy + transport + disposal
  output share = transport / total
  output failing = sqrt(energy - 80)
$$);
SELECT sim.create_model('path', $$
  steps 12 month
  input change[t] ~ normal(0.01, 0.05)
  level[0] = 100
  level[t] = level[t-1] * (1 + change[t])
  output level[t]
  output final = level[last]
$$);
SELECT sim.create_model('windows', $$
  data rows_(a)
  input past ~ historical(rows_.a)
  input other ~ normal(0, 1)
  output past
  output total = exp(other)
$$);
SELECT sim.bind('windows', 'rows_', 'SELECT generate_series(1, 30000)::float8 AS a ORDER BY 1');

-- The lines of a plan; numbers that vary are cut off.
CREATE FUNCTION pg_temp.plan_of(query text, options text DEFAULT 'COSTS OFF') RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format('EXPLAIN (%s) %s', options, query);
END $$;
-- The plan's nodes without what they say of themselves, by depth.
CREATE FUNCTION pg_temp.nodes_of(query text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(btrim(replace(line, '->', '')), ' < ')
  FROM pg_temp.plan_of(query) AS line
  WHERE line ~ '->' OR line !~ '^ '
$$;
-- A number of the plan's JSON, found by its key.
CREATE FUNCTION pg_temp.figure(query text, key text, options text DEFAULT 'FORMAT JSON') RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE format('EXPLAIN (%s) %s', options, query) INTO plan;
  RETURN (jsonb_path_query_first(plan::jsonb, ('$.**."' || key || '"')::jsonpath))::numeric;
END $$;

SET LOCAL max_parallel_workers_per_gather = 2;

-- Shapes.
SELECT is(pg_temp.nodes_of('SELECT avg(total) FROM sim.samples(''plant'', 1000000) AS s(trial bigint, total float8) WHERE total > 350'),
  'Finalize Aggregate < Gather < Partial Aggregate < Parallel Custom Scan (SimScan)', 'an aggregate of many trials is parallel');
SELECT is(pg_temp.nodes_of('SELECT avg(total) FROM sim.samples(''plant'', 1000) AS s(total float8)'),
  'Aggregate < Custom Scan (SimScan)', 'few trials need no workers');
SELECT matches(pg_temp.nodes_of('SELECT width_bucket(total, 100, 300, 20), count(*) FROM sim.samples(''plant'', 3000000) AS s(total float8) GROUP BY 1'),
  '^Finalize GroupAggregate < Gather Merge < Sort < Partial HashAggregate < Parallel Custom Scan \(SimScan\)$',
  'groups are made in the workers');
SELECT is(pg_temp.nodes_of('SELECT sim.merge(partial) FROM sim.chunks(sim.experiment(''plant'', 10000000))'),
  'Finalize Aggregate < Gather < Partial Aggregate < Parallel Custom Scan (SimScan)', 'sim.merge over sim.chunks is parallel');
SELECT is(pg_temp.nodes_of('SELECT sim.merge(partial) FROM sim.chunks(sim.experiment(''plant'', 1000))'),
  'Aggregate < Custom Scan (SimScan)', 'and serial for few trials');
SELECT is(pg_temp.nodes_of('SELECT trial, total FROM sim.samples(''plant'', 100) AS s(trial bigint, total float8)'),
  'Custom Scan (SimScan)', 'rows that go to the caller come from one process');
SELECT is(pg_temp.nodes_of('SELECT s FROM sim.samples(''plant'', 100) AS s(trial bigint, total float8)'),
  'Function Scan on samples s', 'a whole row comes from the function');
SELECT is(pg_temp.nodes_of('SELECT count(*) FROM ROWS FROM (sim.samples(''plant'', 100) AS (total float8)) WITH ORDINALITY'),
  'Aggregate < Function Scan on samples', 'WITH ORDINALITY comes from the function');
SELECT is(pg_temp.nodes_of('SELECT s.total FROM generate_series(1, 3) AS t(n), LATERAL sim.samples(''plant'', t.n) AS s(total float8)'),
  'Nested Loop < Function Scan on generate_series t < Custom Scan (SimScan)', 'LATERAL is a scan under a nested loop');
SELECT is(pg_temp.nodes_of('CREATE TABLE kept AS SELECT avg(total) FROM sim.samples(''plant'', 1000000) AS s(total float8)'),
  'Finalize Aggregate < Gather < Partial Aggregate < Parallel Custom Scan (SimScan)', 'CREATE TABLE AS is parallel');
CREATE TEMP TABLE numbers (x float8);
SELECT is(pg_temp.nodes_of('INSERT INTO numbers SELECT avg(total) FROM sim.samples(''plant'', 1000000) AS s(total float8)'),
  'Insert on numbers < Aggregate < Custom Scan (SimScan)', 'PostgreSQL plans no workers for INSERT ... SELECT');

-- Workers: as many as are allowed and as the work is worth.
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is(pg_temp.nodes_of('SELECT avg(total) FROM sim.samples(''plant'', 1000000) AS s(total float8)'),
  'Aggregate < Custom Scan (SimScan)', 'no workers where none are allowed');
SET LOCAL max_parallel_workers_per_gather = 4;
SELECT is(pg_temp.figure('SELECT avg(total) FROM sim.samples(''plant'', 100000000) AS s(total float8)', 'Workers Planned'), 4::numeric,
  'four workers where four are allowed');
SELECT ok(pg_temp.figure('SELECT avg(total) FROM sim.samples(''plant'', 300000) AS s(total float8)', 'Workers Planned') BETWEEN 1 AND 4,
  'as many as the work is worth');
SET LOCAL max_parallel_workers_per_gather = 2;

-- Estimates.
SELECT is(pg_temp.figure('SELECT * FROM sim.samples(''plant'', 12345) AS s(total float8)', 'Plan Rows'), 12345::numeric, 'rows are the trials');
SELECT is(pg_temp.figure('SELECT * FROM sim.samples(''plant'') AS s(total float8)', 'Plan Rows'), 10000::numeric, 'rows are the default trials');
SELECT is(pg_temp.figure('SELECT * FROM sim.samples(''path'', 100) AS s(level float8)', 'Plan Rows'), 1300::numeric, 'with time, rows are trials times steps');
SELECT is(pg_temp.figure('SELECT * FROM sim.samples(''path'', 100) AS s(trial bigint)', 'Plan Rows'), 100::numeric, 'without a variable over time there is a row a trial');
SELECT ok(pg_temp.figure('SELECT * FROM sim.samples(''plant'', 1000000) AS s(total float8)', 'Total Cost')
  > 50 * pg_temp.figure('SELECT * FROM sim.samples(''plant'', 10000) AS s(total float8)', 'Total Cost'), 'cost grows with trials');
PREPARE run(bigint) AS SELECT avg(total) FROM sim.samples('plant', $1) AS s(total float8);
SET LOCAL plan_cache_mode = force_custom_plan;
SELECT is(pg_temp.nodes_of('EXECUTE run(1000000)'),
  'Finalize Aggregate < Gather < Partial Aggregate < Parallel Custom Scan (SimScan)', 'a custom plan knows its parameters');
SELECT is(pg_temp.nodes_of('EXECUTE run(1000)'), 'Aggregate < Custom Scan (SimScan)', 'a custom plan for few trials');
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT is(pg_temp.nodes_of('EXECUTE run(1000)'), 'Aggregate < Custom Scan (SimScan)', 'a generic plan guesses the default trials');
RESET plan_cache_mode;

-- What a plan says.
SELECT set_has('SELECT btrim(line) FROM pg_temp.plan_of(''SELECT total FROM sim.samples(''''plant'''', 1000000) AS s(trial bigint, share float8, total float8)'') AS line',
  $$VALUES ('Model: plant@1'), ('Outputs: total'), ('Trials: 1000000')$$, 'EXPLAIN names model, outputs in use, and trials');
SELECT set_has('SELECT btrim(line) FROM pg_temp.plan_of(''SELECT total FROM sim.samples(''''plant'''', 5000) AS s(trial bigint, total float8) WHERE total > 1 AND trial < 5'') AS line',
  $$VALUES ('Filter: ((total > ''1''::double precision) AND (trial < 5))')$$, 'EXPLAIN shows the filter with its columns');
SELECT is(pg_temp.figure('SELECT avg(total) FROM sim.samples(''plant'', 500000) AS s(total float8)', 'Trials', 'ANALYZE, FORMAT JSON'), 500000::numeric,
  'EXPLAIN ANALYZE counts the trials of leader and workers');
SELECT is(pg_temp.figure('SELECT avg(failing) FROM sim.samples(''plant'', 500000) AS s(failing float8)', 'Failed', 'ANALYZE, FORMAT JSON'),
  (SELECT count(*)::numeric FROM sim.samples('plant', 500000) AS s(failing float8) WHERE failing = 'NaN'), 'and the failed ones');
SELECT is(pg_temp.figure('SELECT avg(total) FROM sim.samples(''plant'', 500000) AS s(total float8, failing float8)', 'Failed', 'ANALYZE, FORMAT JSON'), 0::numeric,
  'an output that is not used fails nothing');
SELECT is(pg_temp.figure('SELECT avg(share) FROM sim.samples(''plant'', 500000) AS s(share float8, failing float8, total float8) WHERE share > 0', 'Operations per Trial', 'ANALYZE, FORMAT JSON'),
  pg_temp.figure('SELECT avg(share) FROM sim.samples(''plant'', 500000) AS s(share float8)', 'Operations per Trial', 'ANALYZE, FORMAT JSON'),
  'and is not computed');
SELECT cmp_ok(pg_temp.figure('SELECT avg(total) FROM sim.samples(''plant'', 500000) AS s(total float8, failing float8)', 'Operations per Trial', 'ANALYZE, FORMAT JSON'), '<',
  pg_temp.figure('SELECT avg(total + failing) FROM sim.samples(''plant'', 500000) AS s(total float8, failing float8)', 'Operations per Trial', 'ANALYZE, FORMAT JSON'),
  'which takes less than to compute it');
SELECT results_eq('SELECT count(*), count(final), sum(final::numeric) FROM sim.samples(''path'', 20000) AS s(step int, level float8, final float8) WHERE final > 0',
  'SELECT 260000::bigint, 260000::bigint, 13 * sum(final::numeric) FROM sim.samples(''path'', 20000) AS s(final float8)',
  'an output that is not used still has its rows');
SELECT results_eq('SELECT count(total) FROM sim.samples(''windows'') AS s(total float8, past float8)', ARRAY[30000::bigint],
  'and its windows decide how many trials there are');
SELECT is(pg_temp.figure('SELECT avg(total) FROM sim.samples(''plant'', 1000000) AS s(total float8)', 'Chunks'),
  pg_temp.figure('SELECT avg(total) FROM sim.samples(''plant'', 1000000) AS s(total float8)', 'Chunks', 'ANALYZE, FORMAT JSON'), 'all chunks are done once');
SELECT is((SELECT sum(m[1]::int)::numeric FROM pg_temp.plan_of('SELECT avg(total) FROM sim.samples(''plant'', 1000000) AS s(total float8)', 'ANALYZE, COSTS OFF') AS line,
    regexp_matches(line, '(?:leader|worker \d+) (\d+)', 'g') AS m WHERE line ~ 'Chunks by Process'),
  pg_temp.figure('SELECT avg(total) FROM sim.samples(''plant'', 1000000) AS s(total float8)', 'Chunks'), 'chunks by process add up');
SELECT ok(pg_temp.figure('SELECT total FROM sim.samples(''plant'', 10000000) AS s(total float8) LIMIT 1', 'Trials', 'ANALYZE, FORMAT JSON') <= 1024,
  'LIMIT simulates one leaf only');

-- Rescans under Gather, and arguments that other parts of the plan supply.
SET LOCAL enable_material = off;
SELECT is((SELECT count(DISTINCT a) FROM generate_series(1, 3) AS g LEFT JOIN (SELECT avg(total) AS a FROM sim.samples('plant', 1000000) AS s(total float8)) AS x ON g < x.a), 1::bigint,
  'a parallel scan that is run again gives the same');
SELECT is(pg_temp.figure('SELECT count(a) FROM generate_series(1, 3) AS g LEFT JOIN (SELECT avg(total + random() * 0) AS a FROM sim.samples(''plant'', 1000000) AS s(total float8)) AS x ON g < x.a',
    'Trials', 'ANALYZE, FORMAT JSON') % 1000000, 0::numeric, 'and simulates whole runs');
RESET enable_material;
SELECT is((SELECT count(*) FROM sim.samples('plant', (SELECT 1000)) AS s(trial bigint)), 1000::bigint, 'an argument from a subquery');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SELECT is((SELECT count(total) FROM sim.samples('plant', (SELECT 100000)) AS s(total float8)), 100000::bigint, 'an argument from a subquery, in workers');
SELECT is((SELECT array_agg(n ORDER BY n) FROM (VALUES (1), (2), (3)) AS t(n), LATERAL (SELECT count(*) AS c FROM sim.samples('plant', 50000) AS s(trial bigint) WHERE trial > t.n) AS x WHERE c = 50000 - n),
  ARRAY[1, 2, 3], 'a correlated subquery over a parallel scan');
RESET parallel_setup_cost;
RESET parallel_tuple_cost;

-- SimStatistics.
SELECT is(pg_temp.nodes_of('SELECT mean FROM sim.monte_carlo(''plant'', 10000000)'),
  'Custom Scan (SimStatistics) < Finalize Aggregate < Gather < Partial Aggregate < Parallel Custom Scan (SimScan)',
  'sim.monte_carlo shows the query that runs inside');
SELECT is(pg_temp.nodes_of('SELECT value FROM sim.percentiles(''plant'', ARRAY[0.5], 10000000)'),
  'Custom Scan (SimStatistics) < Finalize Aggregate < Gather < Partial Aggregate < Parallel Custom Scan (SimScan)', 'so does sim.percentiles');
SELECT is(pg_temp.nodes_of('SELECT value FROM sim.compare(''plant'', ARRAY[''base''], trials => 10000000)'),
  'Custom Scan (SimStatistics) < Finalize Aggregate < Gather < Partial Aggregate < Parallel Custom Scan (SimScan)', 'and sim.compare');
SELECT set_has('SELECT btrim(line) FROM pg_temp.plan_of(''SELECT mean FROM sim.monte_carlo(''''plant'''', 1000)'') AS line',
  $$VALUES ('Method: simulates in this process')$$, 'few trials run without a query');
SELECT set_has('SELECT btrim(line) FROM pg_temp.plan_of(''SELECT value FROM sim.compare(''''plant'''', ARRAY[''''base''''])'') AS line',
  $$VALUES ('Method: converges each scenario'), ('Model: plant@1'), ('Scenarios: base')$$, 'sim.compare without trials converges');
SELECT set_has($q$SELECT btrim(line) FROM pg_temp.plan_of('SELECT mean FROM sim.monte_carlo(''plant'', seed => 7)') AS line$q$,
  $$VALUES ('Model: plant@1'), ('Scenarios: base'), ('Trials: 10000'), ('Seed: 7')$$, 'EXPLAIN names model, scenarios, trials and seed');
SELECT set_has($q$SELECT btrim(line) FROM pg_temp.plan_of('SELECT mean FROM sim.monte_carlo(''plant'', 1000)', 'ANALYZE, COSTS OFF, TIMING OFF') AS line$q$,
  $$VALUES ('Model: plant@1'), ('Scenarios: base'), ('Trials: 1000'), ('Seed: 1')$$, 'as EXPLAIN ANALYZE does');
SELECT set_has($q$SELECT btrim(line) FROM pg_temp.plan_of('SELECT value, std_error FROM sim.compare(''plant'', ARRAY[''base''], trials => 10000000)', 'ANALYZE, COSTS OFF, TIMING OFF') AS line$q$,
  $$VALUES ('Passes: 2'), ('Plan Shown: last pass')$$, 'of several passes it tells which one is shown');
SELECT is(pg_temp.figure('SELECT mean FROM sim.monte_carlo(''plant'', 3000000)', 'Workers Launched', 'ANALYZE, FORMAT JSON'), 2::numeric,
  'EXPLAIN ANALYZE tells the workers that were launched inside');
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL sim.threads = 2;
SELECT is(pg_temp.figure('SELECT mean FROM sim.monte_carlo(''plant'', 3000000)', 'Threads', 'ANALYZE, FORMAT JSON'), 2::numeric,
  'with as many threads as there would be workers there is no query inside');
SELECT is(pg_temp.figure('SELECT mean FROM sim.monte_carlo(''plant'', 3000000)', 'Workers Launched', 'ANALYZE, FORMAT JSON'), 0::numeric, 'and no worker');
SET LOCAL max_parallel_workers_per_gather = 3;
SELECT is(pg_temp.figure('SELECT mean FROM sim.monte_carlo(''plant'', 3000000)', 'Workers Launched', 'ANALYZE, FORMAT JSON'), 3::numeric,
  'more workers than threads are better');
SELECT throws_ok('SET sim.threads = 0', '22023', NULL, 'there is at least one thread');

-- Statistics of which the query reads no column are not computed.
CREATE FUNCTION pg_temp.line_of(query text, name text, options text DEFAULT 'COSTS OFF') RETURNS text LANGUAGE sql AS
  $$SELECT btrim(line) FROM pg_temp.plan_of(query, options) AS line WHERE btrim(line) LIKE name || ':%'$$;
SET LOCAL sim.cache = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL sim.exact_percentile_memory = '64kB';
SELECT is(pg_temp.line_of('SELECT * FROM sim.monte_carlo(''plant'', 50000)', 'Statistics'), 'Statistics: moments, percentiles', 'EXPLAIN tells which statistics are computed');
SELECT is(pg_temp.line_of('SELECT mean, stddev, min, max FROM sim.monte_carlo(''plant'', 50000)', 'Statistics'), 'Statistics: moments', 'percentiles only where one is read');
SELECT is(pg_temp.line_of('SELECT ' || read || ' FROM sim.monte_carlo(''plant'', 50000)', 'Statistics'), 'Statistics: moments, percentiles', 'such as ' || read)
  FROM unnest(ARRAY['p05', 'p25', 'median', 'p75', 'p95']) AS read;
SELECT is(pg_temp.line_of('SELECT mean FROM sim.monte_carlo(''plant'', 50000) WHERE p95 > 0', 'Statistics'), 'Statistics: moments, percentiles', 'or in a filter');
SELECT is(pg_temp.line_of('SELECT mean FROM sim.monte_carlo(''plant'', 50000)', 'Statistics', 'ANALYZE, COSTS OFF'), 'Statistics: moments', 'EXPLAIN ANALYZE tells it, too');
SELECT is(pg_temp.line_of('SELECT mean FROM sim.monte_carlo(''plant'', 50000)', 'Passes', 'ANALYZE, COSTS OFF'), 'Passes: 1', 'moments take one pass, however little memory there is');
SELECT isnt(pg_temp.line_of('SELECT mean, median FROM sim.monte_carlo(''plant'', 50000)', 'Passes', 'ANALYZE, COSTS OFF'), 'Passes: 1', 'where percentiles take several');
SELECT is(pg_temp.line_of('SELECT value FROM sim.compare(''plant'', ARRAY[''base''], trials => 1000)', 'Statistics'), 'Statistics: moments', 'sim.compare without standard errors');
SELECT is(pg_temp.line_of('SELECT value FROM sim.compare(''plant'', ARRAY[''base''], trials => 1000)', 'Passes', 'ANALYZE, COSTS OFF'), 'Passes: 1', 'takes no second pass');
SELECT is(pg_temp.line_of('SELECT std_error FROM sim.compare(''plant'', ARRAY[''base''], trials => 1000, statistic => ''p90'')', 'Statistics'),
  'Statistics: moments, p90, standard errors of differences', 'and with them');
RESET sim.exact_percentile_memory;
-- One pass, too, where those near the percentiles fit.
CREATE TEMP TABLE enough AS SELECT * FROM sim.monte_carlo('plant', 1000000);
SET LOCAL sim.exact_percentile_memory = '20MB';
SELECT is(pg_temp.line_of('SELECT median FROM sim.monte_carlo(''plant'', 1000000)', 'Passes', 'ANALYZE, COSTS OFF'), 'Passes: 1',
  'of samples that do not fit those near the percentiles may fit');
SELECT results_eq('SELECT * FROM sim.monte_carlo(''plant'', 1000000)', 'SELECT * FROM enough', 'with the same statistics');
SET LOCAL sim.threads = 3;
SELECT results_eq('SELECT * FROM sim.monte_carlo(''plant'', 1000000)', 'SELECT * FROM enough', 'in several threads, too');
SET LOCAL sim.threads = 1;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT is(pg_temp.line_of('SELECT median FROM sim.monte_carlo(''plant'', 1000000)', 'Passes', 'ANALYZE, COSTS OFF'), 'Passes: 1', 'workers need one pass, too');
SELECT results_eq('SELECT * FROM sim.monte_carlo(''plant'', 1000000)', 'SELECT * FROM enough', 'for the same statistics');
SET LOCAL sim.exact_percentile_memory = '2MB';
SELECT isnt(pg_temp.line_of('SELECT median FROM sim.monte_carlo(''plant'', 1000000)', 'Passes', 'ANALYZE, COSTS OFF'), 'Passes: 1',
  'where they do not fit there are more passes');
SELECT results_eq('SELECT * FROM sim.monte_carlo(''plant'', 1000000)', 'SELECT * FROM enough', 'and the same statistics');
SET LOCAL max_parallel_workers_per_gather = 0;
RESET sim.exact_percentile_memory;
CREATE TEMP TABLE whole AS SELECT * FROM sim.monte_carlo('plant', 50000);
SELECT results_eq('SELECT trials, failed_trials, mean, std_error, stddev, skewness, kurtosis, min, max FROM sim.monte_carlo(''plant'', 50000)',
  'SELECT trials, failed_trials, mean, std_error, stddev, skewness, kurtosis, min, max FROM whole', 'moments are the same with and without percentiles');
SELECT sim.create_scenario('plant', 'warm', '{"transport": 30}');
CREATE TEMP TABLE compared AS SELECT * FROM sim.compare('plant', ARRAY['*'], trials => 1000, statistic => 'p90');
SELECT results_eq('SELECT scenario, value, baseline, difference FROM sim.compare(''plant'', ARRAY[''*''], trials => 1000, statistic => ''p90'')',
  'SELECT scenario, value, baseline, difference FROM compared', 'differences are the same with and without their errors');
SELECT sim.drop_scenario('plant', 'warm');
RESET sim.cache;
RESET max_parallel_workers_per_gather;

-- Outputs that the query filters away are not computed.
SELECT sim.create_model('wide', $$
  input a ~ normal(10, 2)
  output x = a + 1
  output y = a * a
  output z = a / 2
$$);
SELECT sim.create_scenario('wide', 'high', '{"a": 20}');
/* The outputs that EXPLAIN tells; NULL: all. */
CREATE FUNCTION pg_temp.outputs_of(filter text, call text DEFAULT 'sim.monte_carlo(''wide'', 100)') RETURNS text LANGUAGE sql AS
  'SELECT substring(line, ''Outputs: (.*)'') FROM pg_temp.plan_of(format(''SELECT * FROM %s WHERE %s'', $2, $1)) AS line WHERE line ~ ''Outputs: ''';
/* Whether the filter lets through the rows it should, with all their bits. */
CREATE FUNCTION pg_temp.filters_well(filter text, call text DEFAULT 'sim.monte_carlo(''wide'', 100, scenarios => ARRAY[''*''])') RETURNS text LANGUAGE sql AS
  $f$ SELECT results_eq(format('SELECT * FROM %s WHERE %s', $2, $1), format('SELECT * FROM (SELECT * FROM %s OFFSET 0) AS r WHERE %s', $2, $1), $1) $f$;
SELECT is(pg_temp.outputs_of('output = ''y'''), 'y', 'one output');
SELECT is(pg_temp.outputs_of('''y'' = output'), 'y', 'the other way round');
SELECT is(pg_temp.outputs_of('output IN (''z'', ''x'', ''w'', NULL)'), 'x, z', 'some, in the order of the model');
SELECT is(pg_temp.outputs_of('output IN (''z'', ''x'') AND mean > 0 AND scenario = ''base'''), 'x, z', 'beside other conditions');
SELECT is(pg_temp.outputs_of('output = ''y''', 'sim.percentiles(''wide'', ARRAY[0.5], 100)'), 'y', 'of sim.percentiles');
SELECT is(pg_temp.outputs_of('variable = ''y''', 'sim.compare(''wide'', ARRAY[''high''], trials => 100)'), 'y', 'of sim.compare');
SELECT is(pg_temp.outputs_of('true'), NULL, 'all');
SELECT is(pg_temp.outputs_of('output LIKE ''y%'''), NULL, 'a pattern needs all');
SELECT is(pg_temp.outputs_of('output = ''y'' OR mean > 0'), NULL, 'as does an alternative');
SELECT is(pg_temp.outputs_of('output <> ALL (ARRAY[''y''])'), NULL, 'and an exception');
SELECT is(pg_temp.outputs_of('output = ''y'' COLLATE "C"'), 'y', 'in any collation that compares bytes');
SELECT pg_temp.filters_well(filter) FROM unnest(ARRAY['output = ''y''', 'output IN (''z'', ''x'')', 'output = ''nothing''', 'output = NULL',
  'output = ANY (NULL::text[])', 'output = ANY (''{}'')', 'output = ''y'' AND output = ''x''', 'output > ''x'' AND scenario = ''high''']) AS filter;
SELECT pg_temp.filters_well('variable IN (''y'', ''z'')', 'sim.compare(''wide'', ARRAY[''high''], trials => 100)');
SELECT pg_temp.filters_well('variable IN (''y'', ''z'')', 'sim.compare(''wide'', ARRAY[''high''])');
SELECT pg_temp.filters_well('variable IN (''y'', ''z'')', 'sim.converge(''wide'', ARRAY[''high''])');
PREPARE one_output(text) AS SELECT output, trials FROM sim.monte_carlo('wide', 100) WHERE output = $1;
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT results_eq('EXECUTE one_output(''z'')', $$VALUES ('z', 100::bigint)$$, 'a parameter of a prepared statement');
SELECT results_eq('EXECUTE one_output(''x'')', $$VALUES ('x', 100::bigint)$$, 'and another one');
SELECT is_empty('EXECUTE one_output(NULL)', 'and none');
SELECT set_has('SELECT btrim(line) FROM pg_temp.plan_of(''EXECUTE one_output(''''z'''')'') AS line', $$VALUES ('Filter: (output = $1)'), ('Outputs: z')$$,
  'EXPLAIN tells them, too');
RESET plan_cache_mode;
SELECT is(pg_temp.outputs_of('output = ''nothing'''), NULL, 'none that the model has');
SELECT unalike((SELECT string_agg(line, ' ') FROM pg_temp.plan_of('SELECT * FROM sim.monte_carlo(''wide'', 100) WHERE output = ''nothing''', 'ANALYZE') AS line),
  '%Method%', 'then nothing is simulated');
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_material = off;
SELECT results_eq($$SELECT n.seed, (SELECT array_agg(m.output) FROM sim.monte_carlo('wide', 10, n.seed) AS m
    WHERE m.output = (SELECT (ARRAY['x', 'y', 'z'])[n.seed] FROM pg_class AS c WHERE c.oid = 'pg_class'::regclass AND n.seed > 0))
    FROM generate_series(1, 3) AS n (seed)$$,
  $$VALUES (1, '{x}'::text[]), (2, '{y}'), (3, '{z}')$$, 'one that a subquery finds anew for each call');
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_material;
CREATE ROLE sim_test_threads;
SET LOCAL ROLE sim_test_threads;
SELECT throws_ok('SET sim.threads = 2', '42501', 'permission denied to set parameter "sim.threads"', 'not everybody may have threads');
RESET ROLE;
GRANT SET ON PARAMETER sim.threads TO sim_test_threads;
SET LOCAL ROLE sim_test_threads;
SELECT lives_ok('SET LOCAL sim.threads = 2', 'but whoever a superuser lets');
RESET ROLE;
RESET sim.threads;
RESET max_parallel_workers_per_gather;
SELECT is(pg_temp.nodes_of('SELECT m FROM sim.monte_carlo(''plant'', 10) AS m'), 'Function Scan on monte_carlo m', 'a whole row comes from the function');
SELECT is(pg_temp.nodes_of('SELECT m.mean FROM (VALUES (1), (2)) AS t(seed), LATERAL sim.monte_carlo(''plant'', 10, t.seed) AS m'),
  'Nested Loop < Values Scan on "*VALUES*" < Custom Scan (SimStatistics)', 'LATERAL');
SELECT lives_ok('EXPLAIN (ANALYZE, FORMAT XML) SELECT mean FROM sim.monte_carlo(''plant'', 3000000)', 'XML');
SELECT lives_ok('EXPLAIN (ANALYZE, FORMAT YAML, VERBOSE, BUFFERS) SELECT mean FROM sim.monte_carlo(''plant'', 3000000)', 'YAML, verbose');
SELECT lives_ok('EXPLAIN (VERBOSE) SELECT avg(total) FROM sim.samples(''plant'', 3000000) AS s(total float8)', 'verbose');

-- Other queries are left alone.
SELECT is(pg_temp.nodes_of('SELECT * FROM generate_series(1, 10)'), 'Function Scan on generate_series', 'other functions are left alone');
SELECT is(pg_temp.nodes_of('SELECT * FROM pg_class WHERE oid = 1'), 'Index Scan using pg_class_oid_index on pg_class', 'tables are left alone');
-- Planning without the extension's functions never looks for them.
DROP EXTENSION pg_simulate CASCADE;
SELECT is(pg_temp.nodes_of('SELECT * FROM generate_series(1, 10)'), 'Function Scan on generate_series', 'planning goes on without the extension');

SELECT * FROM finish();
ROLLBACK;
