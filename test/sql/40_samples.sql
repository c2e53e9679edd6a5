-- 40_samples.sql -- sim.samples: the same rows wherever a query may put it, and only what is asked for.
BEGIN;
SELECT plan(57);

SELECT sim.create_model('plant', $$
  input material  = 100
  input energy    ~ normal(80, 12)
  input transport ~ triangular(20, 25, 40)
  co2      = 0.1 * energy + 0.05 * disposal
  disposal = 0.8 * material + co2
  output total = material + energy + transport + disposal
  output dear  = total > 320
$$);
SELECT sim.create_model('path', $$
  steps 6 month
  input change[t] ~ normal(0.01, 0.05)
  level[0] = 100
  level[t] = level[t-1] * (1 + change[t])
  gain[t]  = level[t] - level[t-1]
  output level[t] every 3
  output gain[t]
  output final = level[last]
$$);
SELECT sim.create_model('sometimes', $$
  input x ~ uniform(-1, 1)
  output root = sqrt(x)
  output twice = 2 * x
$$);
SELECT sim.create_scenario('plant', 'poor', '{"material": 50}');

CREATE TEMP TABLE expected AS SELECT * FROM sim.samples('plant', 3000) AS s(trial bigint, total float8, dear float8);

-- What a row is.
SELECT is((SELECT count(*) FROM expected), 3000::bigint, 'one row a trial');
SELECT results_eq('SELECT trial FROM expected', 'SELECT generate_series(1, 3000)::bigint', 'trials count from 1, in order without workers');
SELECT results_eq('SELECT dear FROM expected', 'SELECT (total > 320)::int::float8 FROM expected', 'a condition is 0 or 1');
SELECT results_eq(
  'SELECT total FROM sim.samples(''plant'', 3000) AS s(total float8)', 'SELECT total FROM expected', 'a single output is enough');
SELECT results_eq(
  'SELECT dear, trial, total FROM sim.samples(''plant'', 3000) AS s(dear float8, trial bigint, total float8)',
  'SELECT dear, trial, total FROM expected', 'columns may come in any order');
SELECT is((SELECT count(*) FROM sim.samples('plant', 3000) AS s(trial bigint, total float8)), 3000::bigint,
  'rows are counted without a column being read');
SELECT results_eq('SELECT trial FROM sim.samples(''plant'', 3) AS s(trial bigint)', ARRAY[1, 2, 3]::bigint[],
  'the trial alone may be asked for');
SELECT results_eq(
  'SELECT "TOTAL" FROM sim.samples(''plant'', 2) AS s(total float8) JOIN LATERAL (SELECT total AS "TOTAL") AS t ON true',
  'SELECT total FROM expected WHERE trial <= 2', 'columns may be used in lateral expressions');

-- Arguments.
SELECT is((SELECT count(*) FROM sim.samples('plant') AS s(trial bigint)), 10000::bigint, 'trials default to 10,000');
SELECT is((SELECT count(*) FROM sim.samples('plant', NULL) AS s(trial bigint)), 10000::bigint, 'NULL trials are the default');
SELECT results_eq(
  'SELECT total FROM sim.samples(''plant'', 100, 1) AS s(total float8)', 'SELECT total FROM expected WHERE trial <= 100',
  'a shorter run is the beginning of a longer one');
SELECT isnt((SELECT sum(total) FROM sim.samples('plant', 100, 2) AS s(total float8)),
  (SELECT sum(total) FROM expected WHERE trial <= 100), 'another seed is another future');
SELECT results_eq(
  'SELECT round((e.total - p.total)::numeric, 9) FROM expected AS e JOIN sim.samples(''plant'', 50, scenario => ''poor'') AS p(trial bigint, total float8) USING (trial)',
  'SELECT round(a.total::numeric, 9) FROM (SELECT 50 + 0.8 * 50 + 0.05 * 0.8 * 50 / 0.95 AS total) AS a, generate_series(1, 50)',
  'a scenario runs on the same random numbers');
SELECT results_eq(
  'SELECT total FROM sim.samples(''plant'', 50, scenario => ''poor'') AS s(total float8)',
  'SELECT total FROM sim.samples(''plant'', 50, overrides => ''{"material": 50}'') AS s(total float8)',
  'overrides of the call are as a scenario''s');
SELECT results_eq(
  'SELECT total FROM sim.samples(''plant'', 5, overrides => NULL) AS s(total float8)',
  'SELECT total FROM expected WHERE trial <= 5', 'NULL overrides are none');
SELECT results_eq(
  'SELECT total FROM sim.samples(''plant@1'', 5, scenario => ''base'') AS s(total float8)',
  'SELECT total FROM expected WHERE trial <= 5', 'name@version and the base may be named');

-- Time.
SELECT is((SELECT count(*) FROM sim.samples('path', 10) AS s(trial bigint, final float8)), 10::bigint,
  'a scalar over time has one row a trial');
SELECT results_eq('SELECT DISTINCT step FROM sim.samples(''path'', 2) AS s(step int, level float8) ORDER BY 1', ARRAY[0, 3, 6],
  'an output reported every 3 steps has rows at these');
SELECT results_eq('SELECT trial, step FROM sim.samples(''path'', 2) AS s(trial bigint, step int, gain float8)',
  'SELECT t::bigint, s FROM generate_series(1, 2) AS t, generate_series(1, 6) AS s', 'steps within trials');
SELECT results_eq(
  'SELECT step, level IS NULL, gain IS NULL FROM sim.samples(''path'', 1) AS s(step int, level float8, gain float8)',
  'VALUES (0, false, true), (1, true, false), (2, true, false), (3, false, false), (4, true, false), (5, true, false), (6, false, false)',
  'what does not exist or is not reported at a step is NULL');
SELECT is((SELECT count(*) FROM sim.samples('path', 10) AS s(trial bigint, level float8)), 30::bigint,
  'an output with time has a row a step even where the step is not named');
SELECT is((SELECT count(*) FROM sim.samples('path', 10) AS s(trial bigint, step int)), 70::bigint,
  'the step alone has the rows of all outputs with time');
SELECT is((SELECT count(DISTINCT (trial, final)) FROM sim.samples('path', 10) AS s(trial bigint, level float8, final float8)), 10::bigint,
  'a scalar is repeated at each step');
SELECT results_eq(
  'SELECT final FROM sim.samples(''path'', 10) AS s(final float8)',
  'SELECT level FROM sim.samples(''path'', 10) AS s(trial bigint, step int, level float8) WHERE step = 6',
  'the last step is what the scalar reads');

-- Failed values.
SELECT is((SELECT count(*) FROM sim.samples('sometimes', 1000) AS s(root float8, twice float8)
           WHERE root = 'NaN' AND twice < 0), (SELECT count(*) FROM sim.samples('sometimes', 1000) AS s(twice float8) WHERE twice < 0),
  'a failed value is given as it is, its neighbours are not touched');

-- Wherever a query may put it.
SELECT results_eq(
  'SELECT (s).trial, (s).total FROM (SELECT s FROM sim.samples(''plant'', 5) AS s(trial bigint, total float8)) AS t',
  'SELECT trial, total FROM expected WHERE trial <= 5', 'a whole row');
SELECT results_eq(
  'SELECT trial, total, n FROM ROWS FROM (sim.samples(''plant'', 3) AS (trial bigint, total float8), generate_series(1, 3)) AS s(trial, total, n)',
  'SELECT trial, total, trial::int FROM expected WHERE trial <= 3', 'ROWS FROM with several functions');
SELECT results_eq(
  'SELECT trial, total, ordinality FROM ROWS FROM (sim.samples(''plant'', 3) AS (trial bigint, total float8)) WITH ORDINALITY',
  'SELECT trial, total, trial FROM expected WHERE trial <= 3', 'WITH ORDINALITY');
SELECT results_eq(
  'SELECT t.seed, s.trial, s.total FROM (VALUES (1), (2)) AS t(seed), LATERAL sim.samples(''plant'', 2, t.seed) AS s(trial bigint, total float8) ORDER BY 1, 2',
  'SELECT 1, trial, total FROM expected WHERE trial <= 2
   UNION ALL SELECT 2, trial, total FROM sim.samples(''plant'', 2, 2) AS s(trial bigint, total float8)', 'LATERAL: each row has its own arguments');
SELECT results_eq(
  'SELECT t.price, sum(s.total) FROM (VALUES (50), (100)) AS t(price),
     LATERAL sim.samples(''plant'', 100, overrides => jsonb_build_object(''material'', t.price)) AS s(total float8) GROUP BY 1 ORDER BY 1',
  'SELECT 50, sum(total) FROM sim.samples(''plant'', 100, scenario => ''poor'') AS s(total float8)
   UNION ALL SELECT 100, sum(total) FROM expected WHERE trial <= 100', 'LATERAL over a table of parameters');
SELECT results_eq(
  'SELECT t.n, (SELECT count(*) FROM sim.samples(''plant'', t.n) AS s(trial bigint) WHERE trial % 2 = 0) FROM (VALUES (3), (10)) AS t(n)',
  'VALUES (3, 1::bigint), (10, 5)', 'a correlated subquery');
SELECT results_eq(
  'SELECT t.n FROM generate_series(1, 4) AS t(n), LATERAL sim.samples(''plant'', 3) AS s(trial bigint) WHERE s.trial = t.n',
  ARRAY[1, 2, 3], 'a join with its own rows');
SELECT ok(EXISTS (SELECT FROM sim.samples('plant', 100000) AS s(total float8) WHERE total > 300), 'EXISTS');
SELECT ok(NOT EXISTS (SELECT FROM sim.samples('plant', 1000) AS s(total float8) WHERE total < 0), 'NOT EXISTS');
SELECT results_eq(
  'SELECT trial FROM sim.samples(''plant'', 2) AS s(trial bigint) UNION ALL SELECT trial FROM sim.samples(''plant'', 1) AS s(trial bigint)',
  ARRAY[1, 2, 1]::bigint[], 'UNION ALL');
SELECT results_eq(
  'WITH s AS MATERIALIZED (SELECT * FROM sim.samples(''plant'', 5) AS s(trial bigint, total float8))
   SELECT a.trial FROM s AS a JOIN s AS b ON a.total = b.total ORDER BY 1', ARRAY[1, 2, 3, 4, 5]::bigint[], 'a CTE read twice');
SELECT results_eq(
  'SELECT a.total = b.total FROM sim.samples(''plant'', 3) AS a(trial bigint, total float8) JOIN sim.samples(''plant'', 3) AS b(trial bigint, total float8) USING (trial)',
  ARRAY[true, true, true], 'a join of two scans');
SELECT results_eq('SELECT trial FROM sim.samples(''plant'', 10000000000) AS s(trial bigint, total float8) LIMIT 2',
  ARRAY[1, 2]::bigint[], 'LIMIT returns at once');
SELECT results_eq('SELECT trial FROM sim.samples(''plant'', 3000) AS s(trial bigint, total float8) ORDER BY total DESC LIMIT 1',
  'SELECT trial FROM expected ORDER BY total DESC LIMIT 1', 'ORDER BY');
SELECT is((SELECT sum(total) FROM expected WHERE total > 300),
  (SELECT sum(total) FROM sim.samples('plant', 3000) AS s(total float8) WHERE total > 300), 'WHERE filters the scan''s rows');

-- Prepared statements.
PREPARE run(bigint, bigint) AS SELECT count(*), min(trial), max(total) FROM sim.samples('plant', $1, $2) AS s(trial bigint, total float8);
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT results_eq('EXECUTE run(100, 1)', 'SELECT 100::bigint, 1::bigint, max(total) FROM expected WHERE trial <= 100', 'a generic plan');
SELECT results_eq('EXECUTE run(200, 1)', 'SELECT 200::bigint, 1::bigint, max(total) FROM expected WHERE trial <= 200',
  'a generic plan with other parameters');
SET LOCAL plan_cache_mode = force_custom_plan;
SELECT results_eq('EXECUTE run(300, 1)', 'SELECT 300::bigint, 1::bigint, max(total) FROM expected WHERE trial <= 300', 'a custom plan');
RESET plan_cache_mode;

-- Cursors.
DECLARE forward CURSOR FOR SELECT trial FROM sim.samples('plant', 10) AS s(trial bigint, total float8);
SELECT results_eq('FETCH 3 FROM forward', ARRAY[1, 2, 3]::bigint[], 'a cursor');
SELECT results_eq('FETCH 2 FROM forward', ARRAY[4, 5]::bigint[], 'a cursor goes on where it stood');
DECLARE both_ways SCROLL CURSOR FOR SELECT trial FROM sim.samples('plant', 10) AS s(trial bigint, total float8);
SELECT results_eq('FETCH 3 FROM both_ways', ARRAY[1, 2, 3]::bigint[], 'a scroll cursor');
SELECT results_eq('FETCH BACKWARD 2 FROM both_ways', ARRAY[2, 1]::bigint[], 'a scroll cursor goes back');

-- Statements that store.
CREATE TEMP TABLE kept AS SELECT * FROM sim.samples('plant', 3000) AS s(trial bigint, total float8, dear float8);
SELECT set_eq('SELECT * FROM kept', 'SELECT * FROM expected', 'CREATE TABLE AS');
CREATE TEMP TABLE inserted (trial bigint, total float8);
INSERT INTO inserted SELECT trial, total FROM sim.samples('plant', 3000) AS s(trial bigint, total float8);
SELECT set_eq('SELECT * FROM inserted', 'SELECT trial, total FROM expected', 'INSERT ... SELECT');

-- PL/pgSQL.
CREATE FUNCTION pg_temp.count_dear() RETURNS int LANGUAGE plpgsql AS $$
DECLARE row record; found_dear int := 0;
BEGIN
  FOR row IN SELECT dear FROM sim.samples('plant', 3000) AS s(dear float8) LOOP
    found_dear := found_dear + row.dear::int;
  END LOOP;
  RETURN found_dear;
END $$;
SELECT is(pg_temp.count_dear(), (SELECT sum(dear)::int FROM expected), 'a PL/pgSQL loop');

-- Views.
SELECT lives_ok($$SELECT sim.create_sample_view('plant_samples', 'plant', 500, 3, overrides => '{"material": 50}')$$,
  'a view of samples');
SELECT columns_are('plant_samples', ARRAY['trial', 'total', 'dear'], 'it has the outputs in their order');
SELECT results_eq('SELECT total FROM plant_samples',
  'SELECT total FROM sim.samples(''plant'', 500, 3, overrides => ''{"material": 50}'') AS s(total float8)', 'it shows the samples');
SELECT lives_ok($$SELECT sim.create_sample_view('pg_temp."Path samples"', 'path', 5)$$, 'a view in a named schema');
SELECT results_eq('SELECT count(*), count(level), count(DISTINCT step) FROM pg_temp."Path samples"', 'VALUES (35::bigint, 15::bigint, 7::bigint)',
  'it has the step where an output has time');
SELECT throws_ok($$SELECT sim.create_sample_view('plant_samples', 'plant')$$, '42P07', NULL, 'a name that is taken');

-- Read-only transactions.
SET TRANSACTION READ ONLY;
SELECT results_eq('SELECT total FROM sim.samples(''plant'', 3) AS s(total float8)', 'SELECT total FROM expected WHERE trial <= 3',
  'samples in a read-only transaction');

SELECT * FROM finish();
ROLLBACK;
