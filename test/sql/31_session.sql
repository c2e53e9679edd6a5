-- 31_session.sql -- what a session keeps of models, bound rows and programs is never older than the database.
BEGIN;
SELECT plan(35);

/* Volatile: each call is a statement of its own, and sees what came before it. */
CREATE FUNCTION pg_temp.y() RETURNS float8 LANGUAGE plpgsql AS
  'BEGIN RETURN (SELECT value FROM sim.converge(''m'') WHERE variable = ''y''); END';
CREATE FUNCTION pg_temp.mean() RETURNS float8 LANGUAGE plpgsql AS
  'BEGIN RETURN (SELECT mean FROM sim.monte_carlo(''m'', trials => 1)); END';
CREATE FUNCTION pg_temp.in_scenario(name text) RETURNS float8 LANGUAGE plpgsql AS
  'BEGIN RETURN (SELECT value FROM sim.converge(''m'', scenarios => ARRAY[name]) WHERE variable = ''y''); END';
CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLERRM;
END $$;

SELECT sim.create_model('m', E'input a = 1\noutput y = 10 * a');
SELECT is(pg_temp.y(), 10::float8, 'a first read');
SELECT is(pg_temp.y(), 10::float8, 'and a second one');
SELECT is(pg_temp.mean(), 10::float8, 'simulated too');

-- Replaced, rolled back, dropped, made again.
SELECT sim.create_model('m', E'input a = 1\noutput y = 20 * a', replace => true);
SELECT is(pg_temp.y(), 20::float8, 'a replaced model is seen at once');
SELECT is(pg_temp.mean(), 20::float8, 'also by a simulation');
SELECT is((SELECT value FROM sim.converge('m@1')), 10::float8, 'its first version stays');
SAVEPOINT before;
SELECT sim.create_model('m', E'input a = 1\noutput y = 30 * a', replace => true);
SELECT is(pg_temp.y(), 30::float8, 'replaced once more');
ROLLBACK TO before;
SELECT is(pg_temp.y(), 20::float8, 'and rolled back');
SELECT sim.create_model('m', E'input a = 1\noutput y = 40 * a', replace => true);
SELECT is(pg_temp.y(), 40::float8, 'another text under the number that was rolled back');
SELECT is(pg_temp.mean(), 40::float8, 'simulated');
SELECT is(pg_temp.error_of($$SELECT sim.drop_model('m'); SELECT * FROM sim.converge('m')$$), 'model "m" does not exist',
  'a dropped model is gone at once');
SELECT is(pg_temp.y(), 40::float8, 'and back when that is rolled back');
SELECT sim.drop_model('m');
SELECT sim.create_model('m', E'input a = 1\ninput b = 5\noutput y = 50 * a + b - 5');
SELECT is(pg_temp.y(), 50::float8, 'a new model of the old name');
SELECT sim.rename_model('m', 'n');
SELECT is(pg_temp.error_of($$SELECT * FROM sim.converge('m')$$), 'model "m" does not exist', 'the old name of a renamed model');
SELECT sim.rename_model('n', 'm');

-- Scenarios.
SELECT sim.create_scenario('m', 'high', '{"a": 2}');
SELECT is(pg_temp.in_scenario('high'), 100::float8, 'a scenario');
SELECT sim.create_scenario('m', 'high', '{"a": 3}', replace => true);
SELECT is(pg_temp.in_scenario('high'), 150::float8, 'replaced');
SELECT sim.create_scenario('m', 'parent', '{"b": 6}');
SELECT sim.create_scenario('m', 'high', '{"a": 3}', parent => 'parent', replace => true);
SELECT is(pg_temp.in_scenario('high'), 151::float8, 'with a parent');

-- Bound rows.
CREATE TABLE price (value float8);
INSERT INTO price VALUES (2);
SELECT sim.bind('m', 'a', 'SELECT value FROM price');
SELECT is(pg_temp.y(), 100::float8, 'a bound value');
SELECT is(pg_temp.y(), 100::float8, 'read again');
UPDATE price SET value = 3;
SELECT is(pg_temp.y(), 150::float8, 'an update is seen at once');
SELECT is(pg_temp.mean(), 150::float8, 'also by a simulation');
SAVEPOINT before;
UPDATE price SET value = 4;
SELECT is(pg_temp.y(), 200::float8, 'another one');
ROLLBACK TO before;
SELECT is(pg_temp.y(), 150::float8, 'rolled back');
SELECT is(pg_temp.error_of($$TRUNCATE price; SELECT * FROM sim.converge('m')$$), 'the query for "a" gives no row', 'truncated');
SELECT sim.unbind('m', 'a');
SELECT is(pg_temp.y(), 50::float8, 'unbound');

-- In the middle of a command that changes what is bound.
TRUNCATE price;
INSERT INTO price SELECT 1 FROM generate_series(1, 3);
SELECT sim.bind('m', 'a', 'SELECT sum(value) FROM price');
CREATE FUNCTION pg_temp.look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('test.seen', current_setting('test.seen') || ' ' || pg_temp.y() || '=' || pg_temp.mean(), true);
  RETURN NEW;
END $$;
CREATE TRIGGER look BEFORE UPDATE ON price FOR EACH ROW EXECUTE FUNCTION pg_temp.look();
SET LOCAL test.seen = '';
UPDATE price SET value = 2;
SELECT is(current_setting('test.seen'), ' 150=150 200=200 250=250', 'a trigger sees the rows that the command has changed so far');
DROP TRIGGER look ON price;
SELECT results_eq('UPDATE price SET value = 3 RETURNING pg_temp.y()', 'VALUES (350::float8), (400), (450)',
  'and so does what the command returns');
SELECT sim.unbind('m', 'a');

-- What changes where no snapshot does.
CREATE SEQUENCE tick;
SELECT nextval('tick');
SELECT sim.bind('m', 'a', 'SELECT last_value FROM tick');
SELECT is(pg_temp.y(), 50::float8, 'a sequence');
SELECT nextval('tick');
SELECT is(pg_temp.y(), 100::float8, 'is read at every call');
CREATE VIEW setting AS SELECT current_setting('test.price')::float8 AS value;
SET LOCAL test.price = '7';
SELECT sim.bind('m', 'a', 'SELECT value FROM setting');
SELECT is(pg_temp.y(), 350::float8, 'a setting, through a view');
SET LOCAL test.price = '8';
SELECT is(pg_temp.y(), 400::float8, 'is read at every call');
SELECT sim.unbind('m', 'a');

-- Who asks matters.
SELECT sim.create_model('mine', 'output y = 1');
SELECT is((SELECT value FROM sim.converge('mine')), 1::float8, 'the owner sees his model');
CREATE ROLE test_session_stranger;
GRANT USAGE ON SCHEMA sim TO test_session_stranger;
SET LOCAL ROLE test_session_stranger;
SELECT is(pg_temp.error_of($$SELECT * FROM sim.converge('mine')$$), 'model "mine" does not exist',
  'a stranger does not, in the same session under the same snapshot');
RESET ROLE;

-- Two scans of one model at once, each with a solver of its own.
SELECT results_eq(
  $$SELECT one.value, two.value FROM sim.converge('m') AS one, sim.converge('m', overrides => '{"a": 2}') AS two$$,
  $$VALUES (50::float8, 100::float8)$$, 'two scans of one model are under way at once');
SELECT is((SELECT sum(value) FROM generate_series(1, 100) AS i,
    LATERAL sim.converge(CASE WHEN i % 2 = 0 THEN 'm' ELSE 'm@1' END, overrides => jsonb_build_object('a', i)) AS c),
  (50 * 5050)::float8, 'LATERAL over models and values in turn');

SELECT * FROM finish();
ROLLBACK;
