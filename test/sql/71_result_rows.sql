-- 71_result_rows.sql -- what the materialized view of a result view takes its rows from: a computation, or in a restore what was dumped.
BEGIN;
SELECT plan(24);
SET client_min_messages = warning;

CREATE ROLE sim_test_holder;
GRANT CREATE ON SCHEMA public TO sim_test_holder;
SET ROLE sim_test_holder;
CREATE TABLE prices (price float8);
INSERT INTO prices VALUES (1);
SELECT sim.create_model('plant', E'input material = 5\noutput total = material\noutput bill = 2');
SELECT sim.bind('plant', 'material', 'SELECT price FROM prices');
SELECT sim.create_result_view('cost', 'plant', trials => 10, percentiles => ARRAY[0.1, 0.9]);
SELECT sim.create_result_view('plain', 'plant', trials => 10);
CREATE TEMP VIEW shown AS SELECT output, mean, p10, p90, state FROM cost;

-- REFRESH by hand
UPDATE prices SET price = 2;
REFRESH MATERIALIZED VIEW cost_stored;
SELECT set_eq('SELECT * FROM shown', $$VALUES ('total', 2, 2, 2, 'current'), ('bill', 2, 2, 2, 'current')$$, 'REFRESH by hand computes');
UPDATE prices SET price = 3;
REFRESH MATERIALIZED VIEW CONCURRENTLY cost_stored;
SELECT results_eq('SELECT mean, state FROM shown WHERE output = ''total''', $$VALUES (3::float8, 'current')$$, 'concurrently too');
REFRESH MATERIALIZED VIEW cost_stored WITH NO DATA;
SELECT results_eq('SELECT state, reason FROM sim.result_views WHERE name = ''cost''', $$VALUES ('stale', 'it holds no rows yet')$$,
  'what was emptied is stale');
REFRESH MATERIALIZED VIEW cost_stored;
SELECT results_eq('SELECT mean, state FROM shown WHERE output = ''total''', $$VALUES (3::float8, 'current')$$, 'and is filled anew');
UPDATE prices SET price = NULL;
SELECT lives_ok('REFRESH MATERIALIZED VIEW cost_stored', 'what cannot be computed is no error');
SELECT results_eq('SELECT mean, state FROM shown WHERE output = ''total''', $$VALUES (3::float8, 'failed')$$, 'but stays as it was');
UPDATE prices SET price = 4;

-- what a dump takes
RESET ROLE;
SELECT set_eq($$SELECT view_id, output, trials, mean, percentiles, step, key IS NULL FROM sim.rows_to_dump()$$,
  $$SELECT v.view_id, e.* FROM sim.stored_result_views AS v CROSS JOIN LATERAL (VALUES
      ('total', 10, CASE v.name WHEN 'public.cost' THEN 3 ELSE 1 END, CASE v.name WHEN 'public.cost' THEN ARRAY[3, 3]::float8[] END, NULL::integer, false),
      ('bill', 10, 2, CASE v.name WHEN 'public.cost' THEN ARRAY[2, 2]::float8[] END, NULL, false)) AS e$$,
  'a dump takes the rows of all result views');
SELECT set_eq('SELECT output, key FROM sim.kept_rows(''cost_stored'')', 'SELECT output, key FROM cost_stored', 'with their keys');
CREATE MATERIALIZED VIEW other AS SELECT 'x'::text AS scenario;
SELECT is_empty('SELECT * FROM sim.kept_rows(''other'')', 'what is no result view has no rows');
SELECT is_empty('SELECT * FROM sim.kept_rows(''prices'')', 'nor has a table');
SELECT is_empty('SELECT * FROM sim.kept_rows(0)', 'nor what does not exist');
SELECT view_id AS number FROM sim.stored_result_views WHERE name = 'public.cost' \gset
CREATE ROLE sim_test_stranger;
SET ROLE sim_test_stranger;
SELECT is_empty('SELECT * FROM sim.kept_rows(''cost_stored'')', 'who may not read a result view takes nothing');
SELECT is_empty('SELECT * FROM sim.rows_to_dump()', 'nor does he dump it');
SELECT throws_ok($$INSERT INTO sim.stored_restored_rows (view_id) VALUES (1)$$, '42501', NULL, 'nobody brings rows but a restore');
SELECT throws_ok(format('SELECT * FROM sim.result_rows(%s)', :number), '42704', 'the result view does not exist',
  'the rows of others are not computed either');
RESET ROLE;

-- a restore
INSERT INTO sim.stored_restored_rows SELECT * FROM sim.rows_to_dump();
REFRESH MATERIALIZED VIEW cost_stored;
SELECT results_eq('SELECT mean, state FROM shown WHERE output = ''total''', $$VALUES (4::float8, 'current')$$,
  'a result view that holds rows takes none that were dumped');
REFRESH MATERIALIZED VIEW cost_stored WITH NO DATA;
REFRESH MATERIALIZED VIEW plain_stored WITH NO DATA;
SET row_security = off;
REFRESH MATERIALIZED VIEW cost_stored;
SELECT set_eq('SELECT * FROM shown', $$VALUES ('total', 3, 3, 3, 'stale'), ('bill', 2, 2, 2, 'current')$$,
  'one that holds none does, and each row is what its key says');
DELETE FROM sim.stored_restored_rows AS r USING sim.stored_result_views AS v WHERE v.view_id = r.view_id AND v.name = 'public.plain';
SELECT lives_ok('REFRESH MATERIALIZED VIEW plain_stored', 'one that nothing was dumped of is filled');
SELECT is_empty('SELECT * FROM plain', 'with nothing, since a restore computes nothing');
SELECT results_eq('SELECT state, reason FROM sim.result_views WHERE name = ''plain''',
  $$VALUES ('stale', 'prices.price changed: material 1 -> 4')$$, 'which is stale');
SELECT sim.refresh_result_view('plain');
SELECT results_eq('SELECT mean, state FROM plain WHERE output = ''total''', $$VALUES (4::float8, 'current')$$,
  'until it is refreshed, whatever row_security is then');
REFRESH MATERIALIZED VIEW cost_stored;
SELECT results_eq('SELECT mean, state FROM shown WHERE output = ''total''', $$VALUES (4::float8, 'current')$$,
  'as it does not matter for REFRESH by hand of what holds rows');
RESET row_security;
UPDATE prices SET price = 5;
SET ROLE sim_test_holder;
SELECT sim.refresh_result_view('cost');
SELECT is_empty('SELECT * FROM sim.stored_restored_rows', 'the first refresh forgets what was dumped');
RESET ROLE;
INSERT INTO sim.stored_restored_rows SELECT * FROM sim.rows_to_dump();
SET ROLE sim_test_holder;
DROP VIEW shown;
SELECT sim.drop_result_view('cost'), sim.drop_result_view('plain');
RESET ROLE;
SELECT is_empty('SELECT * FROM sim.stored_restored_rows', 'and so does dropping it');

SELECT finish();
ROLLBACK;
