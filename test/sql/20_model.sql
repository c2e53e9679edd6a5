-- 20_model.sql -- creating, replacing, renaming and dropping models; versions; what check_model tells.
BEGIN;
SELECT plan(49);

SELECT is(sim.create_model('Plant', $$
  input energy ~ normal(80, 12)   unit 'EUR/t'
  co2 = 0.1 * energy + 0.05 * disposal
  disposal = 80 + co2
  output total = energy + disposal
$$, comment => 'a small plant'), 1, 'the first version of a model is 1');
SELECT results_eq(
  'SELECT name, version, owner::text, comment, uncertain, outputs FROM sim.models',
  $$VALUES ('plant', 1, 'postgres', 'a small plant', true, ARRAY['total'])$$,
  'a name is folded as an identifier is, and the model shows what it is');
SELECT isnt_empty('SELECT FROM sim.converge(''PLANT'')', 'a model is found under any spelling of an unquoted name');
SELECT is(sim.create_model('"Plant"', 'output x = 2'), 1, 'a quoted name keeps its letters');
SELECT results_eq('SELECT value FROM sim.converge(''"Plant"'')', ARRAY[2::float8], 'and is another model');

SELECT throws_ok('SELECT sim.create_model(''plant'', ''output x = 1'')', '42710', 'model "plant" already exists',
  'a name is given once');
SELECT is(sim.create_model('plant', 'output x = 1', replace => true), 2, 'replacing makes a version');
SELECT is(sim.create_model('plant', 'output x = 1', replace => true), 2, 'an equal text makes no version');
SELECT is((SELECT comment FROM sim.models WHERE name = 'plant'), 'a small plant', 'a comment stays when none is given');
SELECT is(sim.create_model('plant', 'output x = 1', comment => 'one', replace => true), 2, 'a comment alone makes no version');
SELECT is((SELECT comment FROM sim.models WHERE name = 'plant'), 'one', 'a comment is replaced');
SELECT is(sim.create_model('fresh', 'output x = 1', replace => true), 1, 'replace makes a model that does not exist');
SELECT results_eq('SELECT variable FROM sim.converge(''plant@1'')', ARRAY['co2', 'disposal', 'total'],
  'name@version still is the old text');
SELECT results_eq('SELECT variable FROM sim.converge(''plant@2'')', ARRAY['x'], 'and the new one');
SELECT results_eq('SELECT variable FROM sim.converge(''plant'')', ARRAY['x'], 'the plain name is the current one');
SELECT results_eq('SELECT version, is_current FROM sim.model_versions WHERE model = ''plant'' ORDER BY 1',
  'VALUES (1, false), (2, true)', 'both versions are listed');
SELECT throws_ok('SELECT sim.converge(''plant@3'')', '42704', 'model "plant" has no version 3', 'a version must exist');
SELECT throws_ok('SELECT sim.converge(''plant@0'')', '22023', '"plant@0" does not name a version', 'versions count from 1');
SELECT throws_ok('SELECT sim.converge(''plant@x'')', '22023', '"plant@x" does not name a version', 'a version is a number');
SELECT throws_ok('SELECT sim.converge(''plant@99999999999'')', '22023', '"plant@99999999999" does not name a version',
  'a version is a number of ordinary size');
SELECT throws_ok('SELECT sim.converge(''plnt'')', '42704', 'model "plnt" does not exist', 'a model must exist');
SELECT throws_ok('SELECT sim.converge(NULL)', '22004', 'model must not be null', 'a model is named');
SELECT results_eq(
  'SELECT sim.create_model(''twice'', ''output x = 1'') UNION ALL SELECT sim.create_model(''twice'', ''output x = 2'', NULL, true)',
  ARRAY[1, 2], 'one statement sees what it did before');

-- a bad text
\ir common/error_of.sql

SELECT is(error_of($$SELECT sim.create_model('bad', E'input energy = 1\noutput x = enery\noutput y = 1 +')$$),
$$42601
model "bad" has 2 errors
line 2, column 12: unknown name "enery"
  output x = enery
             ^^^^^
line 3, column 15: expected an expression, found end of text
  output y = 1 +
                ^
Did you mean "energy"?$$, 'a bad text is refused with all its errors, places, carets and a suggestion');
SELECT is_empty('SELECT FROM sim.models WHERE name = ''bad''', 'and nothing is stored');
SELECT throws_ok('SELECT sim.create_model(''plant'', ''output x = y'', replace => true)', '42601',
  'model "plant" has 1 error', 'a bad text replaces nothing');
SELECT throws_ok('SELECT sim.create_model(''a@b'', ''output x = 1'')', '22023', '"a@b" cannot be the name of a model',
  'no @ in a name');
SELECT throws_ok('SELECT sim.create_model('''', ''output x = 1'')', '22023', '"" cannot be the name of a model',
  'a name is not empty');
SELECT throws_ok('SELECT sim.create_model(repeat(''x'', 64), ''output x = 1'')', '22023',
  '"' || repeat('x', 64) || '" cannot be the name of a model', 'a name is never cut short');
SELECT throws_ok('SELECT sim.create_model(NULL, ''output x = 1'')', '22004', 'name must not be null', 'a name is needed');
SELECT throws_ok('SELECT sim.create_model(''n'', NULL)', '22004', 'source must not be null', 'a text is needed');

-- limits
SET LOCAL sim.max_model_size = '1kB';
SELECT throws_ok('SELECT sim.create_model(''long'', repeat(''-'', 1025))', '54000', 'the text of the model has 1025 bytes',
  'sim.max_model_size holds for create_model');
SELECT throws_ok('SELECT sim.check_model(repeat(''-'', 1025))', '54000', 'the text of the model has 1025 bytes',
  'and for check_model');
RESET sim.max_model_size;
SET LOCAL sim.max_steps = 3;
SELECT throws_ok('SELECT sim.create_model(''far'', E''steps 4 year\noutput x = 1'')', '54000', 'the model has 4 steps',
  'sim.max_steps holds');
SELECT lives_ok('SELECT sim.create_model(''near'', E''steps 3 year\noutput x = 1'')', 'up to its value');
RESET sim.max_steps;

-- check_model
SELECT is_empty('SELECT FROM sim.check_model(''output x = 1'')', 'a good text has no findings');
SELECT results_eq($$SELECT * FROM sim.check_model(E'input energy = 1\noutput x = enery')$$,
  $$VALUES (2, 12, 'error', 'unknown name "enery"', 'Did you mean "energy"?')$$,
  'a finding has its place, its message and its hint');
SELECT is((SELECT count(*) FROM sim.check_model(E'a = )\nb = 1 1\nc = d')), 3::bigint, 'all errors are found at once');
SELECT lives_ok($$SELECT count(*) FROM sim.check_model(repeat('(', 100000))$$, 'deep nesting is a finding, not a crash');
SELECT throws_ok('SELECT sim.check_model(NULL)', '22004', 'source must not be null', 'check_model needs a text');

-- rename, drop
SELECT lives_ok('SELECT sim.rename_model(''fresh'', ''stale'')', 'a model is renamed');
SELECT isnt_empty('SELECT FROM sim.converge(''stale@1'')', 'and found under its new name');
SELECT throws_ok('SELECT sim.converge(''fresh'')', '42704', 'model "fresh" does not exist', 'not under its old one');
SELECT throws_ok('SELECT sim.rename_model(''stale'', ''plant'')', '42710', 'model "plant" already exists',
  'a name in use is not taken away');
SELECT throws_ok('SELECT sim.rename_model(''plant@1'', ''other'')', '22023', '"plant@1" names a version, not a model',
  'versions have no names of their own');
SELECT lives_ok('SELECT sim.drop_model(''stale'')', 'a model is dropped');
SELECT throws_ok('SELECT sim.drop_model(''stale'')', '42704', 'model "stale" does not exist', 'once');
SELECT lives_ok('SELECT sim.drop_model(''stale'', if_exists => true)', 'or as often as one likes with if_exists');
SELECT is((SELECT count(*) FROM sim.model_versions WHERE model IN ('stale', 'fresh')), 0::bigint,
  'its versions are gone with it');

SELECT finish();
ROLLBACK;
