-- 48_faults.sql -- a bound value that cannot be used is an error of what reads it, and of nothing else.
BEGIN;
SELECT plan(101);
SET client_min_messages = warning;

CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN query_canceled OR OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(E'\n', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;
CREATE FUNCTION pg_temp.rows_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text;
BEGIN
  EXECUTE format('SELECT string_agg(x::text, E''\n'' ORDER BY x::text) FROM (%s) AS x', statement) INTO found;
  RETURN found;
EXCEPTION WHEN OTHERS THEN
  RETURN 'error: ' || SQLERRM;
END $$;

-- A model of three parts that have nothing to do with each other, bound by a role that may lose its rights.
CREATE ROLE sim_test_binder;
CREATE ROLE sim_test_other;
GRANT USAGE, CREATE ON SCHEMA public TO sim_test_binder, sim_test_other;
CREATE TABLE prices (item text, value float8, parts integer DEFAULT 1);
CREATE TABLE rates (value float8);
CREATE TABLE market (day integer, change float8);
INSERT INTO prices VALUES ('steel', 10);
INSERT INTO rates VALUES (2);
INSERT INTO market SELECT i, i FROM generate_series(1, 20) AS i;
GRANT SELECT, TRIGGER ON prices, rates, market TO sim_test_binder;
SET ROLE sim_test_binder;
SELECT sim.create_model('m', $$
  data market(change)
  input price = 7   range 0 to 1000
  input rate = 3
  input noise ~ normal(0, 1)
  input change ~ empirical(market.change)
  there = 0.5 * back + price
  back = 0.5 * there
  output above = there + noise
  output beside = rate * 3 + noise
  output drawn = change * 2
$$);
SELECT sim.bind('m', 'price', 'SELECT value / (1 / parts) AS value FROM public.prices WHERE item = ''steel''');
SELECT sim.bind('m', 'rate', 'SELECT value FROM public.rates');
SELECT sim.bind('m', 'market', 'SELECT change FROM public.market ORDER BY day');
SELECT sim.create_scenario('m', 'fixed', '{"price": 20}');
SELECT sim.create_scenario('m', 'slow', '{"rate": 1}', parent => 'fixed');
SELECT sim.grant('m', 'sim_test_other', 'run');
RESET ROLE;

CREATE TEMP TABLE calls (reads text, call text);  -- what they read that may have a fault; '' for nothing
INSERT INTO calls VALUES
  ('price', $$SELECT * FROM sim.monte_carlo('m', 200)$$),
  ('price', $$SELECT * FROM sim.monte_carlo('m', 200) WHERE output = 'above'$$),
  ('price', $$SELECT * FROM sim.monte_carlo('m', 200) WHERE output IN ('above', 'drawn')$$),
  ('price', $$SELECT * FROM sim.monte_carlo('m', 200, scenarios => ARRAY['fixed', 'base'])$$),
  ('price', $$SELECT * FROM sim.monte_carlo('m', 200, overrides => '{"rate": "price"}') WHERE output = 'beside'$$),
  ('price', $$SELECT * FROM sim.percentiles('m', ARRAY[0.5], 200)$$),
  ('price', $$SELECT * FROM sim.samples('m', 5) AS s(above float8)$$),
  ('price', $$SELECT * FROM sim.samples('m', 5) AS s(price float8, beside float8)$$),
  ('price', $$SELECT * FROM ROWS FROM (sim.samples('m', 5) AS (above float8)) WITH ORDINALITY$$),
  ('price', $$SELECT * FROM sim.warm('m', 200)$$),
  ('price', $$SELECT sim.run('m', 200)$$),
  ('price', $$SELECT * FROM sim.converge('m')$$),
  ('price', $$SELECT * FROM sim.converge('m') WHERE variable = 'back'$$),
  ('price', $$SELECT sim.converge('m')$$),
  ('price', $$SELECT * FROM sim.converge_report('m')$$),
  ('price', $$SELECT * FROM sim.compare('m', ARRAY['fixed'])$$),
  ('price', $$SELECT * FROM sim.compare('m', ARRAY['fixed'], trials => 200)$$),
  ('price', $$SELECT * FROM sim.compare('m', ARRAY['fixed'], trials => 200) WHERE variable = 'above'$$),
  ('price', $$SELECT sim.report('m', 200)$$),
  ('price', $$SELECT sim.result_hash('m', 200)$$),
  ('price', $$SELECT sim.experiment('m', 200)$$),
  ('price', $$SELECT * FROM sim.explain_model('m')$$),
  ('price', $$SELECT sim.require_keys('m', 200)$$),
  ('market', $$SELECT * FROM sim.monte_carlo('m', 200, scenarios => ARRAY['fixed'])$$),
  ('market', $$SELECT * FROM sim.samples('m', 5) AS s(drawn float8)$$),
  ('market', $$SELECT * FROM sim.converge('m', ARRAY['fixed'])$$),
  ('', $$SELECT * FROM sim.monte_carlo('m', 200) WHERE output = 'beside'$$),
  ('', $$SELECT * FROM sim.monte_carlo('m', 200) WHERE 'beside' = output$$),
  ('', $$SELECT * FROM sim.monte_carlo('m', 200) WHERE output IN ('beside', 'none')$$),
  ('', $$SELECT * FROM sim.monte_carlo('m', 200, scenarios => ARRAY['*']) WHERE scenario = 'slow' AND output = ANY ('{above,beside}')$$),
  ('', $$SELECT * FROM sim.monte_carlo('m', 200, overrides => '{"price": 1, "change": 1}')$$),
  ('', $$SELECT * FROM sim.percentiles('m', ARRAY[0.5, 0.1], 200) WHERE output = 'beside'$$),
  ('', $$SELECT * FROM sim.samples('m', 5) AS s(beside float8, trial bigint, rate float8)$$),
  ('', $$SELECT * FROM sim.samples('m', 5, scenario => 'fixed') AS s(above float8)$$),
  ('', $$SELECT * FROM ROWS FROM (sim.samples('m', 5) AS (beside float8)) WITH ORDINALITY$$),
  ('', $$SELECT scenario, output FROM sim.warm('m', 200, scenarios => ARRAY['fixed'], overrides => '{"change": 1}')$$),
  ('', $$SELECT * FROM sim.converge('m') WHERE variable = 'beside'$$),
  ('', $$SELECT * FROM sim.converge('m', ARRAY['*']) WHERE scenario <> 'base' AND scenario = 'fixed' AND variable = 'back'$$),
  ('', $$SELECT * FROM sim.converge('m', overrides => '{"price": "2 * rate", "change": 3}')$$),
  ('', $$SELECT c.* FROM generate_series(1, 3) AS i, sim.converge('m', overrides => jsonb_build_object('price', i, 'change', i)) AS c$$),
  ('', $$SELECT * FROM sim.converge_report('m', overrides => '{"price": 1, "change": 3}')$$),
  ('', $$SELECT * FROM sim.compare('m', ARRAY['slow'], overrides => '{"price": 1}') WHERE variable IN ('above', 'there')$$),
  ('', $$SELECT * FROM sim.compare('m', ARRAY['slow'], trials => 200) WHERE variable = 'beside'$$),
  ('', $$SELECT * FROM sim.compare('m', ARRAY['slow'], baseline => 'fixed', trials => 200) WHERE variable = 'above'$$),
  ('', $$SELECT count(*) FROM sim.report('m', 200, overrides => '{"price": 1, "change": 3}')$$),
  ('', $$SELECT sim.result_hash('m', 200, overrides => '{"price": 1, "change": 3}')$$),
  ('', $$SELECT * FROM sim.output_keys('m', 200) WHERE output = 'beside'$$),
  ('', $$SELECT * FROM sim.output_keys('m', 200, scenarios => ARRAY['fixed', 'slow']) WHERE output <> 'drawn'$$),
  ('', $$SELECT * FROM sim.effective_inputs('m') WHERE input IN ('rate', 'noise')$$),
  ('', $$SELECT * FROM sim.effective_inputs('m', ARRAY['fixed']) WHERE input IN ('price', 'rate', 'noise')$$);
GRANT ALL ON calls TO sim_test_binder;
CREATE TEMP TABLE good AS SELECT c.*, pg_temp.rows_of(c.call) AS found FROM calls AS c WHERE c.call !~ 'sim.run|sim.report\(''m'', 200\)';
GRANT ALL ON good TO sim_test_binder;
SELECT is_empty('SELECT call, found FROM good WHERE found IS NULL OR found LIKE ''error: %''', 'all of it can be computed');

/* What differs from what ought to be while something has a fault; nothing is to differ. */
CREATE FUNCTION pg_temp.surprises(culprit text, expected text) RETURNS TABLE (call text, found text) LANGUAGE sql AS $$
  SELECT c.call, e.error FROM calls AS c CROSS JOIN LATERAL pg_temp.error_of(c.call) AS e (error)
  WHERE c.reads = culprit AND e.error <> expected
  UNION ALL
  SELECT g.call, r.found FROM good AS g CROSS JOIN LATERAL pg_temp.rows_of(g.call) AS r (found)
  WHERE g.reads = '' AND r.found IS DISTINCT FROM g.found
$$;
CREATE FUNCTION pg_temp.is_fault_of(culprit text, change text, expected text, description text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE change;
  RETURN NEXT is_empty(format('SELECT * FROM pg_temp.surprises(%L, %L)', culprit, expected), description);
END $$;
CREATE FUNCTION pg_temp.is_mended(change text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE change;
  RETURN NEXT is_empty('SELECT g.call FROM good AS g WHERE g.found IS DISTINCT FROM pg_temp.rows_of(g.call)', '  and comes right by itself');
END $$;

-- Each kind of fault.
SELECT pg_temp.is_fault_of('price', 'UPDATE prices SET value = -1', concat_ws(E'\n', '22003',
  'input "price" is -1 in row 1 of its query, outside its range 0 to 1000', 'Mend the value, or the range in the model.'), 'a value outside the range');
SELECT pg_temp.is_mended('UPDATE prices SET value = 10');
SELECT pg_temp.is_fault_of('price', 'UPDATE prices SET value = NULL', concat_ws(E'\n', '22004',
  'row 1 of the query for "price" has NULL in column "value"', 'Models compute with finite numbers only.',
  'Leave such rows out, or give them a value, in the query.'), 'NULL');
SELECT pg_temp.is_mended('UPDATE prices SET value = 10');
SELECT pg_temp.is_fault_of('price', 'UPDATE prices SET value = ''NaN''', concat_ws(E'\n', '22000',
  'row 1 of the query for "price" has NaN in column "value"', 'Models compute with finite numbers only.',
  'Leave such rows out, or give them a value, in the query.'), 'not a number');
SELECT pg_temp.is_mended('UPDATE prices SET value = 10');
SELECT pg_temp.is_fault_of('price', 'INSERT INTO prices VALUES (''steel'', 11)', concat_ws(E'\n', '22000',
  'the query for input "price" gives more than one row', 'An input without [t] takes exactly one row.'), 'two rows');
SELECT pg_temp.is_mended('DELETE FROM prices WHERE value = 11');
SELECT pg_temp.is_fault_of('price', 'TRUNCATE prices', concat_ws(E'\n', '22000', 'the query for "price" gives no row',
  'A data block needs one row at least, an input exactly one, an input with [t] one for each step.'), 'no row');
SELECT pg_temp.is_mended('INSERT INTO prices VALUES (''steel'', 10)');
SELECT pg_temp.is_fault_of('price', 'UPDATE prices SET parts = 0', concat_ws(E'\n', '22012', 'division by zero'), 'an error of the query');
SELECT pg_temp.is_mended('UPDATE prices SET parts = 1');
SELECT pg_temp.is_fault_of('price', 'REVOKE SELECT ON prices FROM sim_test_binder', concat_ws(E'\n', '42501', 'permission denied for table prices'),
  'a right that is lost');
SELECT pg_temp.is_mended('GRANT SELECT ON prices TO sim_test_binder');
SELECT pg_temp.is_fault_of('price', 'DROP TABLE prices CASCADE', concat_ws(E'\n', '55000', 'the query that supplies "price" cannot be read',
  'public.prices was dropped.', 'Bind it to what is there now with sim.rebind, or anew with sim.bind.'), 'a table that is dropped');
SELECT pg_temp.is_mended('CREATE TABLE prices AS SELECT ''steel'' AS item, 10::float8 AS value, 1 AS parts; GRANT SELECT, TRIGGER ON prices TO sim_test_binder');
ALTER TABLE prices RENAME TO prices_before;
GRANT ALL ON calls, good TO sim_test_other;
SET ROLE sim_test_other;
SELECT pg_temp.is_fault_of('price', 'CREATE TABLE prices AS SELECT ''steel'' AS item, 10::float8 AS value, 1 AS parts', concat_ws(E'\n', '55000',
  'the query that supplies "price" cannot be read', 'public.prices is not what was bound under this name.',
  'Bind it to what is there now with sim.rebind, or anew with sim.bind.'), 'a table that is renamed away for another role''s');
RESET ROLE;
SELECT pg_temp.is_mended('DROP TABLE prices; ALTER TABLE prices_before RENAME TO prices');
SELECT pg_temp.is_fault_of('market', 'UPDATE market SET change = NULL WHERE day = 20', concat_ws(E'\n', '22004',
  'row 20 of the query for "market" has NULL in column "change"', 'Models compute with finite numbers only.',
  'Leave such rows out, or give them a value, in the query.'), 'a row of a data block');
SELECT pg_temp.is_mended('UPDATE market SET change = 20 WHERE day = 20');
SELECT pg_temp.is_fault_of('market', 'TRUNCATE market', concat_ws(E'\n', '22000', 'the query for "market" gives no row',
  'A data block needs one row at least, an input exactly one, an input with [t] one for each step.'), 'a data block without rows');
SELECT is(pg_temp.error_of($$SELECT * FROM sim.monte_carlo('m', 200) WHERE output = 'above'$$), 'no error', 'while the price can be used');
SELECT pg_temp.is_mended('INSERT INTO market SELECT i, i FROM generate_series(1, 20) AS i');
SET sim.cache = off;
DELETE FROM calls WHERE call ~ 'sim.warm';
DELETE FROM good WHERE call ~ 'sim.warm';
SELECT pg_temp.is_fault_of('price', 'UPDATE prices SET value = NULL', concat_ws(E'\n', '22004',
  'row 1 of the query for "price" has NULL in column "value"', 'Models compute with finite numbers only.',
  'Leave such rows out, or give them a value, in the query.'), 'without a cache');
SELECT pg_temp.is_mended('UPDATE prices SET value = 10');
RESET sim.cache;

-- Names that are known only when the query runs.
UPDATE prices SET value = -1;
SET plan_cache_mode = force_generic_plan;
PREPARE named(text) AS SELECT mean FROM sim.monte_carlo('m', 200) WHERE output = $1;
PREPARE among(text[]) AS SELECT value FROM sim.converge('m') WHERE variable = ANY ($1);
SELECT lives_ok('EXECUTE named(''beside'')', 'an output that is named by a parameter');
SELECT throws_ok('EXECUTE named(''above'')', '22003', NULL, 'and one that reads the fault');
SELECT lives_ok('EXPLAIN EXECUTE named(''beside'')', 'explained before it runs');
SELECT lives_ok('EXPLAIN SELECT * FROM sim.monte_carlo(''m'', 200) WHERE output = (SELECT ''beside''::text) AND scenario = ''none''', 'also of a subquery');
SELECT results_eq('EXECUTE among(''{beside,nothing}'')', ARRAY[6::float8], 'names in an array');
SELECT throws_ok('EXECUTE among(''{beside,back}'')', '22003', NULL, 'one of which reads the fault');
RESET plan_cache_mode;
SELECT is((SELECT count(*) FROM sim.monte_carlo('m', 200) WHERE output = (SELECT 'beside'::text)), 1::bigint, 'the value of a subquery');
CREATE VIEW all_of_m AS SELECT * FROM sim.monte_carlo('m', 200);
SELECT is((SELECT count(*) FROM all_of_m WHERE output = 'beside'), 1::bigint, 'through a view');
CREATE FUNCTION pg_temp.explained(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query; END$$;
SELECT results_eq($$SELECT trim(line) FROM pg_temp.explained('SELECT * FROM sim.monte_carlo(''m'', 200) WHERE output = ''beside''') AS line
  WHERE line ~ 'Cache|Method'$$, $$VALUES ('Cache: 1 of 1 results found (session)'), ('Method: reads the cache')$$, 'EXPLAIN counts what can be computed');
SELECT is(pg_temp.error_of($$EXPLAIN SELECT * FROM sim.monte_carlo('m', 200)$$), pg_temp.error_of($$SELECT * FROM sim.monte_carlo('m', 200)$$),
  'and fails where the query would');
SELECT results_eq($$SELECT scenario, output, key IS NULL FROM sim.output_keys('m', 200, scenarios => ARRAY['base', 'fixed']) ORDER BY 1, 2$$,
  $$VALUES ('base', 'above', true), ('base', 'beside', false), ('base', 'drawn', false), ('fixed', 'above', false), ('fixed', 'beside', false),
    ('fixed', 'drawn', false)$$, 'an output that reads the fault has no key');
SELECT results_eq($$SELECT scenario, source, definition, value, rows, hash IS NULL FROM sim.effective_inputs('m', ARRAY['base', 'fixed']) WHERE input = 'price'$$,
  $$VALUES ('base', 'binding', NULL, NULL::float8, NULL::bigint, true), ('fixed', 'scenario', NULL, 20, NULL, false)$$, 'and an input no value');
SELECT lives_ok($$SELECT sim.create_scenario('m', 'replaced', '{"price": 30}')$$, 'a scenario that replaces it can be made');
SELECT is((SELECT mean > 0 FROM sim.monte_carlo('m', 200, scenarios => ARRAY['replaced']) WHERE output = 'above'), true, 'and computed');
SELECT lives_ok($$SELECT sim.create_scenario('m', 'cold', '{"noise": 0}')$$, 'one that reads it, too');
SELECT throws_ok($$SELECT sim.create_scenario('m', 'colder', '{"noises": 0}')$$, '42704', NULL, 'unless it has another error');
SELECT throws_ok($$SELECT sim.create_scenario('m', 'colder', '{"noise": "price +"}')$$, '42601', NULL, 'also in a text');
SELECT throws_ok($$SELECT sim.bind('m', 'price', 'SELECT -2')$$, '22003', NULL, 'a query that gives such a value is not bound');
SELECT sim.drop_scenario('m', name) FROM (VALUES ('replaced'), ('cold')) AS s (name);
UPDATE prices SET value = 10;

-- What is no fault of the query goes on.
CREATE FUNCTION trouble() RETURNS float8 LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF current_setting('test.code') = 'wait' THEN
    PERFORM pg_sleep(10);
  ELSIF current_setting('test.code') <> 'none' THEN
    RAISE EXCEPTION 'trouble' USING ERRCODE = current_setting('test.code');
  END IF;
  RETURN 1;
END$$;
SET test.code = 'none';
SELECT sim.create_model('t', E'input a = 1\noutput x = a\noutput y = 1');
SELECT sim.bind('t', 'a', 'SELECT public.trouble()');
CREATE FUNCTION pg_temp.troubled(code text, output text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('test.code', code, true);
  RETURN pg_temp.error_of(format('SELECT * FROM sim.monte_carlo(''t'', 10) WHERE output = %L', output));
END$$;
SELECT is(pg_temp.troubled(code, 'y'), CASE WHEN goes_on THEN code || E'\ntrouble' ELSE 'no error' END,
  'an error ' || code || CASE WHEN goes_on THEN ' goes on' ELSE ' is one of the query' END)
FROM (VALUES ('40001', true), ('40P01', true), ('53200', true), ('53100', true), ('54001', true), ('55P03', true), ('57P01', true), ('58030', true),
  ('XX000', true), ('XX001', true), ('P0001', false), ('22012', false), ('42501', false), ('55000', false), ('23505', false)) AS v (code, goes_on);
SELECT is(pg_temp.troubled('P0001', 'x'), E'P0001\ntrouble', 'which is raised where it is read');
SET statement_timeout = '200ms';
SELECT is(pg_temp.troubled('wait', 'y'), E'57014\ncanceling statement due to statement timeout', 'a statement that takes too long is cancelled');
RESET statement_timeout;
SELECT is(pg_temp.troubled('none', 'x'), 'no error', 'nothing of it stays');
CREATE FUNCTION pg_temp.context_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE context text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
  RETURN context;
END $$;
SET test.code = 'P0001';
SELECT is(regexp_replace(pg_temp.context_of('SELECT * FROM sim.monte_carlo(''t'', 10)'), 'pg_temp_\d+', 'pg_temp'), concat_ws(E'\n',
  'PL/pgSQL function trouble() line 6 at RAISE', 'query bound to "a"',
  'SQL statement "SELECT * FROM sim.monte_carlo(''t'', 10)"',
  'PL/pgSQL function pg_temp.context_of(text) line 4 at EXECUTE'), 'the context of the error is that of the query and of who asks');
SET test.code = 'none';

-- Stored runs.
CREATE TEMP TABLE made AS SELECT sim.run('m', 200, scenarios => ARRAY['base', 'fixed']) AS run;
CREATE FUNCTION pg_temp.currents() RETURNS SETOF text LANGUAGE sql AS
  $$SELECT concat_ws(' ', r.scenario, r.output, r.current) FROM sim.results AS r, made WHERE r.run = made.run ORDER BY r.scenario, r.output$$;
SELECT is((SELECT current FROM sim.runs, made WHERE runs.run = made.run), true, 'a run is current');
UPDATE prices SET value = NULL;
SELECT results_eq('SELECT pg_temp.currents()', ARRAY['base above f', 'base beside t', 'base drawn t', 'fixed above t', 'fixed beside t', 'fixed drawn t'],
  'what reads a fault is not current, all else is');
SELECT is((SELECT current FROM sim.runs, made WHERE runs.run = made.run), false, 'the run as a whole is not');
CREATE TEMP TABLE apart AS SELECT sim.run('m', 200, scenarios => ARRAY['fixed']) AS run;
SELECT is((SELECT current FROM sim.runs, apart WHERE runs.run = apart.run), true, 'a run of what does not read it is stored, and current');
SELECT is((SELECT count(*) FROM sim.runs), 2::bigint, 'others leave nothing');
UPDATE prices SET value = 10;
SELECT is((SELECT current FROM sim.runs, made WHERE runs.run = made.run), true, 'and comes right again');

-- Result views.
SELECT sim.create_result_view('board', 'm', trials => 200, scenarios => ARRAY['base', 'fixed'], percentiles => ARRAY[0.01]);
SELECT sim.create_result_view('prompt', 'm', trials => 100, refresh => 'on_commit');
SET CONSTRAINTS ALL IMMEDIATE;
CREATE TEMP TABLE before AS SELECT * FROM board;
CREATE FUNCTION pg_temp.states() RETURNS SETOF text LANGUAGE sql AS
  $$SELECT concat_ws(' ', scenario, output, state) FROM board ORDER BY scenario, output$$;
SELECT lives_ok('UPDATE prices SET value = 2000', 'a fault does not fail the writer');
SELECT results_eq('SELECT pg_temp.states()', ARRAY['base above failed', 'base beside current', 'base drawn current', 'fixed above current',
  'fixed beside current', 'fixed drawn current'], 'rows that read it have failed, all others are current');
SELECT results_eq('SELECT name, state, reason FROM sim.result_views ORDER BY name', $$VALUES
  ('board', 'failed', 'input "price" is 2000 in row 1 of its query, outside its range 0 to 1000'),
  ('prompt', 'failed', 'input "price" is 2000 in row 1 of its query, outside its range 0 to 1000')$$, 'with the reason');
SELECT results_eq('SELECT output, state FROM prompt ORDER BY 1', $$VALUES ('above', 'failed'), ('beside', 'current'), ('drawn', 'current')$$,
  'also where writers refresh');
SELECT throws_ok('SELECT sim.refresh_result_view(''board'')', '22003', NULL, 'a refresh that could change nothing tells why');
SELECT results_eq('SELECT event, reason FROM sim.refresh_stale()', $$VALUES
  ('failed', 'input "price" is 2000 in row 1 of its query, outside its range 0 to 1000'),
  ('failed', 'input "price" is 2000 in row 1 of its query, outside its range 0 to 1000')$$, 'so does a job');
SELECT set_eq('SELECT scenario, output, mean, p01 FROM board', 'SELECT scenario, output, mean, p01 FROM before', 'all numbers stay as they were');
UPDATE rates SET value = 5;
SELECT results_eq('SELECT output, state, mean FROM prompt ORDER BY 1', $$SELECT 'above', 'failed', mean FROM prompt WHERE output = 'above' UNION ALL
  SELECT output, 'current', mean FROM sim.monte_carlo('m', 100) WHERE output IN ('beside', 'drawn')$$, 'a writer of another table refreshes the others');
SELECT results_eq('SELECT event, reason FROM sim.invalidation_log WHERE name = ''public.prompt'' ORDER BY began_at DESC LIMIT 1',
  $$VALUES ('refreshed', 'rates.value changed: rate 2 -> 5')$$, 'which the log tells');
SELECT results_eq('SELECT pg_temp.states()', ARRAY['base above failed', 'base beside stale', 'base drawn current', 'fixed above current',
  'fixed beside stale', 'fixed drawn current'], 'rows that can be refreshed are stale');
SELECT ok((SELECT sim.refresh_result_view('board')), 'they are refreshed');
SELECT results_eq('SELECT pg_temp.states()', ARRAY['base above failed', 'base beside current', 'base drawn current', 'fixed above current',
  'fixed beside current', 'fixed drawn current'], 'those that cannot be still have failed');
SELECT set_eq('SELECT scenario, output, mean, p01 FROM board WHERE output <> ''beside'' ', 'SELECT scenario, output, mean, p01 FROM before WHERE output <> ''beside''',
  'and stay as they were');
SELECT results_eq('SELECT DISTINCT scenario, mean FROM board WHERE output = ''beside'' ORDER BY 1', $$SELECT scenario, mean
  FROM sim.monte_carlo('m', 200, scenarios => ARRAY['base', 'fixed']) WHERE output = 'beside' ORDER BY 1$$, 'the others are those of now');
SELECT results_eq('SELECT DISTINCT b.as_of = f.as_of FROM board AS b, before AS f', ARRAY[true], 'as_of stays that of the last refresh of all rows');
SELECT results_eq('SELECT state, reason FROM sim.result_views WHERE name = ''board''', $$VALUES
  ('failed', 'input "price" is 2000 in row 1 of its query, outside its range 0 to 1000')$$, 'the view has failed as before');
SELECT results_eq('SELECT DISTINCT state FROM sim.read(NULL::board) WHERE output = ''above'' AND scenario = ''base''', ARRAY['failed'], 'whoever reads it sees it');
UPDATE prices SET value = 10;
SELECT results_eq('SELECT name, state FROM sim.result_views ORDER BY name', $$VALUES ('board', 'current'), ('prompt', 'current')$$,
  'the value that it was makes all current without a refresh');
UPDATE prices SET value = NULL;
UPDATE prices SET value = 12;
SELECT results_eq('SELECT name, state, reason FROM sim.result_views ORDER BY name', $$VALUES ('board', 'stale', 'prices.value changed: price 10 -> 12'),
  ('prompt', 'current', NULL)$$, 'another value makes stale, or is refreshed');
SELECT sim.refresh_result_view('board');
SELECT set_eq('SELECT scenario, output, mean, state FROM board', $$SELECT scenario, output, mean, 'current'
  FROM sim.monte_carlo('m', 200, scenarios => ARRAY['base', 'fixed'])$$, 'a refresh then gives all of it');
DROP TABLE market CASCADE;
UPDATE rates SET value = 6;
SELECT results_eq('SELECT output, state FROM prompt ORDER BY 1', $$VALUES ('above', 'current'), ('beside', 'current'), ('drawn', 'failed')$$,
  'a table that is dropped fails what reads it');
SELECT results_eq('SELECT state, reason, table_name FROM sim.result_views WHERE name = ''prompt''',
  $$VALUES ('failed', 'the query that supplies "market" cannot be read: public.market was dropped', 'public.market')$$, 'with the reason, and the table');
CREATE TABLE market AS SELECT i AS day, i::float8 AS change FROM generate_series(1, 20) AS i;
GRANT SELECT, TRIGGER ON market TO sim_test_binder;
SELECT results_eq('SELECT DISTINCT state FROM prompt', ARRAY['current'], 'and is not missed when it is back');
UPDATE prices SET value = NULL;
SELECT throws_ok($$SELECT sim.create_result_view('late', 'm', trials => 200)$$, '22004', NULL, 'a result view of what cannot be computed is not made');
SELECT lives_ok($$SELECT sim.create_result_view('late', 'm', trials => 200, scenarios => ARRAY['fixed'])$$, 'one of what can be is');

-- Rows that decide how many trials there are.
CREATE TABLE days (day integer, change float8);
INSERT INTO days SELECT i, i FROM generate_series(1, 4) AS i;
SELECT sim.create_model('h', E'data past(change)\ninput walk ~ historical(past.change)\noutput walked = walk\noutput flat = 2');
SELECT sim.bind('h', 'past', 'SELECT change FROM days ORDER BY day');
SELECT is((SELECT trials FROM sim.monte_carlo('h') WHERE output = 'flat'), 4::bigint, 'rows decide how many trials there are');
UPDATE days SET change = NULL WHERE day = 2;
SELECT throws_ok('SELECT * FROM sim.monte_carlo(''h'') WHERE output = ''flat''', '22004', NULL, 'where they cannot be used nothing has that number');
SELECT is((SELECT count(*) FROM sim.output_keys('h') WHERE key IS NULL), 2::bigint, 'nor a key');
SELECT is((SELECT trials FROM sim.monte_carlo('h', 3) WHERE output = 'flat'), 3::bigint, 'but where the number is given');
SELECT is((SELECT trials FROM sim.monte_carlo('h', overrides => '{"walk": 1}') WHERE output = 'flat'), 10000::bigint, 'or what reads them is replaced');
SELECT is((SELECT count(*) FROM sim.samples('h') AS s(flat float8)), 10000::bigint, 'samples of what does not read them are as many as ever');
SELECT is(sim.live_objects(), 0::bigint, 'no object of the engine is left');

SELECT * FROM finish();
ROLLBACK;
