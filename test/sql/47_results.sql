-- 47_results.sql -- statistics out of the cache are the bits that a computation gives, and what is not there alone is computed.
BEGIN;
SELECT plan(63);

SELECT sim.create_model('plant', $$
  input material = 100   range 0 to 10000
  input energy   ~ normal(80, 12)
  input idle     = 1
  co2      = 0.1 * energy + 0.05 * disposal
  disposal = 0.8 * material + co2
  output total = material + energy + disposal
  output fuel  = 3 * energy
  output often = sqrt(energy - 80)
$$);
SELECT sim.create_scenario('plant', 'dear', '{"material": 120}');
SELECT sim.create_scenario('plant', 'twin', '{"material": 120, "idle": 5}');
SELECT sim.create_scenario('plant', 'wild', '{"energy": "~ normal(80, 24)"}');
SELECT sim.create_model('path', $$
  steps 6 month
  input start = 100
  input drift[t] = 0.01
  input change[t] ~ normal(0.01, 0.05)
  level[0] = start
  level[t] = level[t-1] * (1 + change[t])
  rate[t] = drift[t] * 2
  output rate[t] every 2
  output level[t] every 3
  output final = level[last]
$$);
SELECT sim.create_scenario('path', 'bumpy', '{"drift": [1, 2, 3, 4, 5, 6]}');
SELECT sim.create_scenario('path', 'chance', '{"drift": "~ normal(0.01, 0.05)"}');

CREATE FUNCTION pg_temp.cache_line(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
    IF line ~ 'Cache:' THEN RETURN trim(line); END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; lines text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    lines := lines || trim(line) || E'\n';
  END LOOP;
  RETURN lines;
END $$;
/* The rows with all their bits, computed or from the cache. */
CREATE FUNCTION pg_temp.bits(query text, level text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
  PERFORM set_config('sim.cache', level, true);
  EXECUTE format('SELECT string_agg(r::text, E''\n'') FROM (%s) AS r', query) INTO result;
  RETURN result;
END $$;
/* Computed; computed and kept; found. */
CREATE FUNCTION pg_temp.check_query(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE afresh text := pg_temp.bits(query, 'off');
BEGIN
  PERFORM set_config('extra_float_digits', '3', true);
  RETURN NEXT is(pg_temp.bits(query, 'session'), afresh, 'kept: ' || query);
  RETURN NEXT is(pg_temp.bits(query, 'session'), afresh, 'found: ' || query);
END $$;
DISCARD PLANS;

SELECT pg_temp.check_query($$SELECT * FROM sim.monte_carlo('plant', 3000)$$);
SELECT pg_temp.check_query($$SELECT * FROM sim.monte_carlo('plant', 3000, scenarios => ARRAY['*'])$$);
SELECT pg_temp.check_query($$SELECT * FROM sim.monte_carlo('plant', 3000, 2, ARRAY['wild', 'twin'], '{"idle": 3}')$$);
SELECT pg_temp.check_query($$SELECT * FROM sim.monte_carlo('path', 300)$$);
SELECT pg_temp.check_query($$SELECT * FROM sim.monte_carlo('path', 300, scenarios => ARRAY['*'])$$);
SELECT pg_temp.check_query($$SELECT * FROM sim.monte_carlo('path', 300, scenarios => ARRAY['bumpy', 'base'])$$);
SELECT pg_temp.check_query($$SELECT * FROM sim.monte_carlo('path', 300, scenarios => ARRAY['bumpy'])$$);
SELECT pg_temp.check_query($$SELECT * FROM sim.percentiles('plant', ARRAY[0.5, 0.05, 0.5, 1], 300, scenarios => ARRAY['*'])$$);
SELECT pg_temp.check_query($$SELECT * FROM sim.percentiles('path', ARRAY[0.99, 0], 3)$$);
SELECT pg_temp.check_query($$SELECT * FROM sim.monte_carlo('plant', 1)$$);

-- What EXPLAIN tells.
SET LOCAL sim.cache = session;
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.monte_carlo('plant', 500)$$), 'Cache: 0 of 3 results found', 'nothing is there at first');
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.monte_carlo('plant', 500)$$), 'Cache: 3 of 3 results found (session)', 'then all');
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.monte_carlo('plant', 500, overrides => '{"material": 50}')$$),
  'Cache: 2 of 3 results found (session)', 'outputs that do not read the override are there');
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.monte_carlo('plant', 500, scenarios => ARRAY['*'])$$),
  'Cache: 7 of 12 results found (session)', 'and those of scenarios that do not change them');
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.monte_carlo('plant', 500, scenarios => ARRAY['*'])$$),
  'Cache: 12 of 12 results found (session)', 'all of them');
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.percentiles('plant', ARRAY[0.5], 500)$$), 'Cache: 0 of 3 results found', 'percentiles are other results');
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.percentiles('plant', ARRAY[0.5, 0.1], 500)$$), 'Cache: 0 of 3 results found', 'as are other percentiles');
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.percentiles('plant', ARRAY[0.1, 0.5, 0.1], 500)$$), 'Cache: 3 of 3 results found (session)',
  'in any order');
SELECT matches(pg_temp.plan_of($$SELECT * FROM sim.monte_carlo('plant', 500)$$), 'Cache: 3 of 3 results found \(session\)\nMethod: reads the cache',
  'EXPLAIN without ANALYZE tells, too');
SELECT matches(pg_temp.plan_of($$SELECT * FROM sim.monte_carlo('plant', 501)$$), 'Cache: 0 of 3 results found\nMethod: simulates in this process',
  'also what would be done');
SELECT unalike(pg_temp.plan_of($$SELECT * FROM sim.compare('plant', ARRAY['*'], trials => 500)$$), '%Cache%', 'sim.compare computes');
SET LOCAL sim.cache = off;
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.monte_carlo('plant', 500)$$), NULL, 'no word of a cache that is off');
SET LOCAL sim.cache = session;

-- Errors are those of a computation, and are not kept.
SELECT lives_ok($$SELECT * FROM sim.monte_carlo('plant', 500, overrides => '{"idle": 1}')$$, 'an unread override');
SELECT throws_ok($$SELECT * FROM sim.monte_carlo('plant', 500, overrides => '{"material": -1}')$$, '22003', NULL, 'a value outside the range');
SELECT throws_ok($$SELECT * FROM sim.monte_carlo('plant', 500, overrides => '{"energy": "~ normal(80, -1)"}')$$, NULL, NULL, 'a wrong distribution');
SELECT throws_ok($$SELECT * FROM sim.monte_carlo('plant', 500, overrides => '{"energy": "~ normal(80, idle - 2)"}')$$, NULL, NULL, 'one that shows when it is computed');
SELECT throws_ok($$SELECT * FROM sim.monte_carlo('plant', 500, overrides => '{"energy": "~ normal(80, idle - 2)"}')$$, NULL, NULL, 'and again');
SELECT throws_ok($$SELECT * FROM sim.monte_carlo('nobody', 500)$$, '42704', NULL, 'an unknown model');

-- Computed ahead.
SET LOCAL sim.cache = 'table';
SELECT results_eq($$SELECT * FROM sim.warm('plant', 700, scenarios => ARRAY['base', 'dear', 'twin'])$$,
  $$VALUES ('base', 'total', false), ('base', 'fuel', false), ('base', 'often', false), ('dear', 'total', false), ('dear', 'fuel', false),
    ('dear', 'often', false), ('twin', 'total', false), ('twin', 'fuel', false), ('twin', 'often', false)$$, 'what was computed');
SELECT is((SELECT count(*) FROM sim.stored_cache), 4::bigint, 'each result once, and in the table');
SELECT ok((SELECT every(hit) FROM sim.warm('plant', 700, scenarios => ARRAY['*']) WHERE scenario <> 'wild'), 'what was there');
SELECT ok((SELECT every(NOT hit) FROM sim.warm('plant', 700, percentiles => ARRAY[0.5])), 'percentiles were not');
SELECT ok((SELECT every(hit) FROM sim.warm('plant', 700, percentiles => ARRAY[0.5])), 'and are');
SELECT sim.cache_clear('session');
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.monte_carlo('plant', 700)$$), 'Cache: 3 of 3 results found (' ||
  CASE WHEN (SELECT entries FROM sim.cache_stats WHERE level = 'shared') > 0 THEN 'shared)' ELSE 'table)' END, 'another session finds them');
SET LOCAL sim.cache = session;
SELECT lives_ok($$SELECT * FROM sim.monte_carlo('plant', 701)$$, 'in the session alone');
SET LOCAL sim.cache = 'table';
SELECT ok((SELECT every(hit) FROM sim.warm('plant', 701)), 'warming finds it there');
SELECT sim.cache_clear('session');
SELECT isnt(pg_temp.cache_line($$SELECT * FROM sim.monte_carlo('plant', 701)$$), 'Cache: 0 of 3 results found', 'and keeps it in the table');
CREATE TABLE prices (price float8);
INSERT INTO prices VALUES (100);
SELECT sim.bind('plant', 'material', 'SELECT price FROM prices');
SELECT ok((SELECT every(hit) FROM sim.warm('plant', 700)), 'bound to the value it had');
SELECT results_eq('SELECT name, rows FROM sim.stored_readings', $$VALUES ('material', 1::bigint)$$, 'what was read is known to other sessions');
SELECT sim.unbind('plant', 'material');
SET LOCAL sim.cache = off;
SELECT throws_ok($$SELECT * FROM sim.warm('plant', 700)$$, '55000', 'there is no cache to warm', 'without a cache');
SET LOCAL sim.cache = session;

-- Solving: what takes long is kept, too.
SELECT sim.create_model('slow', (SELECT string_agg(format('v%s = 0.3 * cos(v%s) + 0.2 * v%s + a', i, (i * 7 + 1) % 500, (i + 1) % 500), E'\n')
  FROM generate_series(0, 499) AS i) || E'\ninput a = 1\nsum_up[t] = v0 * t\nsteps 3\noutput total = v0 + v1');
SELECT sim.create_scenario('slow', 'more', '{"a": 2}');
SELECT sim.create_scenario('slow', 'much', '{"a": "1 + 2"}');
SELECT sim.create_scenario('slow', 'other', '{"a": "~ normal(4, 1)"}');
SELECT pg_temp.check_query($$SELECT * FROM sim.converge('slow')$$);
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.converge('slow')$$), 'Cache: 1 of 1 scenarios found', 'a solution that took long is found');
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.converge('slow', ARRAY['more', 'base', 'much'])$$), 'Cache: 1 of 3 scenarios found',
  'among others that are solved');
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.converge('slow', ARRAY['*'])$$), 'Cache: 3 of 4 scenarios found', 'and kept');
SELECT is(pg_temp.bits($$SELECT * FROM sim.converge('slow', ARRAY['*'])$$, 'session'), pg_temp.bits($$SELECT * FROM sim.converge('slow', ARRAY['*'])$$, 'off'),
  'the same bits');
SET LOCAL sim.cache = session;
SELECT is((SELECT array_agg(scenario) FROM sim.converge('slow', ARRAY['other', 'base']) WHERE variable = 'total'), ARRAY['other', 'base'],
  'scenarios come in the order asked for');
SELECT results_eq($$SELECT scenario, variable, difference FROM sim.compare('slow', ARRAY['more']) WHERE variable = 'total'$$,
  $$SELECT 'more', 'total', b.value - a.value FROM sim.converge('slow', ARRAY['base']) AS a, sim.converge('slow', ARRAY['more']) AS b
    WHERE a.variable = 'total' AND b.variable = 'total'$$, 'sim.compare finds them, too');
SELECT is((SELECT count(*) FROM sim.converge_report('slow')), 1::bigint, 'sim.converge_report solves');
SELECT throws_ok($$SELECT * FROM sim.converge('slow', overrides => '{"b": 1}')$$, '42704', NULL, 'an unknown input');
SELECT lives_ok($$SELECT * FROM sim.converge('plant')$$, 'a quick model');
SELECT is(pg_temp.cache_line($$SELECT * FROM sim.converge('plant')$$), NULL, 'is solved each time');

SELECT is(sim.live_objects(), 0::bigint, 'no object of the engine is left');

SELECT * FROM finish();
ROLLBACK;
