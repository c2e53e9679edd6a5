-- 21_scenario.sql -- scenarios: values, parents, checks at creation and when the model is replaced.
BEGIN;
SELECT plan(44);

\ir common/error_of.sql
CREATE FUNCTION pg_temp.total(scenario text, overrides jsonb DEFAULT '{}') RETURNS float8 LANGUAGE sql AS
  'SELECT value FROM sim.converge(''plant'', ARRAY[$1], $2) WHERE variable = ''total''';

SELECT sim.create_model('plant', $$
  steps 3 year
  input energy = 10
  input labour ~ normal(5, 1)   range 0 to 100
  input growth[t] = 0.5
  level[0] = 1
  level[t] = level[t-1] + growth[t]
  output total = energy + 100 * labour + 10000 * level[last]
$$);

SELECT lives_ok($$SELECT sim.create_scenario('plant', 'Dear', '{"energy": 20}')$$, 'a number replaces an input');
SELECT is(pg_temp.total('base'), 25510::float8, 'the base is the model as written, with means');
SELECT is(pg_temp.total('dear'), 25520::float8, 'a scenario is found under any spelling of an unquoted name');
SELECT is(pg_temp.total('dear', '{"energy": 30}'), 25530::float8, 'an override of the call wins over the scenario');

SELECT lives_ok($$SELECT sim.create_scenario('plant', 'both', '{"LABOUR": 7}', parent => 'dear')$$, 'keys fold');
SELECT is(pg_temp.total('both'), 25720::float8, 'a parent holds where the scenario has nothing');
SELECT lives_ok($$SELECT sim.create_scenario('plant', 'child', '{"energy": 1}', parent => 'both')$$, 'a third generation');
SELECT is(pg_temp.total('child'), 25701::float8, 'the scenario wins over its parents');
SELECT is(pg_temp.total('child', '{"labour": 1}'), 25101::float8, 'the call over all of them');

SELECT lives_ok($$SELECT sim.create_scenario('plant', 'kinds',
  '{"energy": true, "labour": "energy * 2", "growth": [1, 2, 3]}')$$, 'booleans, texts and arrays are values');
SELECT is(pg_temp.total('kinds'), 70201::float8, 'and mean 1, an expression, and a number a step');
SELECT lives_ok($$SELECT sim.create_scenario('plant', 'sure', '{"energy": "~ uniform(0, 8)"}', 'base')$$,
  'a text may be a distribution, and a parent the base');
SELECT is(pg_temp.total('sure'), 25504::float8, 'converging takes its mean');

SELECT results_eq('SELECT DISTINCT scenario FROM sim.converge(''plant'', ARRAY[''*'']) ORDER BY 1',
  ARRAY['base', 'both', 'child', 'dear', 'kinds', 'sure'], '* is the base and all');
SELECT results_eq(
  'SELECT scenario FROM sim.converge(''plant'', ARRAY[''kinds'', ''base'', ''dear'']) WHERE variable = ''total''',
  ARRAY['kinds', 'base', 'dear'], 'scenarios come in the order of the call');
SELECT results_eq('SELECT scenario, parent, overrides FROM sim.scenarios WHERE scenario IN (''both'', ''dear'') ORDER BY 1',
  $$VALUES ('both', 'dear', '{"LABOUR": 7}'::jsonb), ('dear', 'base', '{"energy": 20}'::jsonb)$$,
  'scenarios are listed with their parents');

-- what is refused
SELECT is(error_of($$SELECT sim.create_scenario('plant', 'bad', '{"enrgy": 1}')$$),
  E'42704\nscenario "bad" names an unknown input "enrgy"\nDid you mean "energy"?', 'an unknown key, with the nearest');
SELECT is(left(error_of($$SELECT sim.create_scenario('plant', 'bad', '{"level": 1}')$$), 56),
  E'42704\nscenario "bad" names "level", which is a formula\nO', 'a formula');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'bad', '{"energy": null}')$$, '22023',
  'scenario "bad": the value of "energy" is null', 'null');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'bad', '{"energy": {"a": 1}}')$$, '22023',
  'scenario "bad": the value of "energy" is an object', 'an object');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'bad', '{"growth": [1, "2", 3]}')$$, '22023',
  'scenario "bad": the value of "growth" is an array whose element 2 is no number', 'an array with a text');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'bad', '{"energy": 1e999}')$$, '22023',
  'scenario "bad": the value of "energy" is beyond the range of a double', 'a number no double can hold');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'bad', '[1]')$$, '22023', 'scenario "bad": not a JSON object', 'an array');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'bad', '{"energy": 1, "Energy": 2}')$$, '22023',
  '"energy" is overridden twice', 'one input twice');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'bad', '{"growth": [1, 2]}')$$, '22023', NULL,
  'an array that is too short');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'bad', '{"labour": 101}')$$, '22003', NULL, 'a value outside its range');
SELECT is(left(error_of($$SELECT sim.create_scenario('plant', 'bad', '{"energy": "1 +"}')$$), 6), E'42601\n',
  'a text that is no expression');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'bad', NULL)$$, '22004', 'overrides must not be null', 'no overrides');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'base', '{}')$$, '22023', '"base" cannot be the name of a scenario', 'base');
SELECT throws_ok($$SELECT sim.create_scenario('plant', '*', '{}')$$, '22023', '"*" cannot be the name of a scenario', 'the star');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'bad', '{}', parent => 'der')$$, '42704',
  'model "plant" has no scenario "der"', 'an unknown parent');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'dear', '{}')$$, '42710',
  'model "plant" already has a scenario "dear"', 'a name in use');
SELECT throws_ok($$SELECT sim.create_scenario('plant', 'dear', '{}', parent => 'child', replace => true)$$, '42P17',
  'the parents of scenario "dear" lead back to itself', 'a circle of parents');
SELECT throws_ok($$SELECT sim.create_scenario('plant@1', 'bad', '{}')$$, '22023', '"plant@1" names a version, not a model',
  'a version');
SELECT is_empty('SELECT FROM sim.scenarios WHERE scenario = ''bad''', 'and nothing of it is stored');

-- replacing and dropping
SELECT lives_ok($$SELECT sim.create_scenario('plant', 'dear', '{"energy": 40}', replace => true)$$, 'a scenario is replaced');
SELECT is(pg_temp.total('both'), 25740::float8, 'which its children see');
SELECT is(error_of($$SELECT sim.create_model('plant', 'output total = 1', replace => true)$$), concat_ws(E'\n',
  '2BP01', 'the text does not fit what model "plant" is used with',
  'Scenario "both" overrides "LABOUR", which is no input.',
  'Scenario "child" overrides "energy", which is no input.',
  'Scenario "dear" overrides "energy", which is no input.',
  'Scenario "kinds" overrides "energy", which is no input.',
  'Scenario "kinds" overrides "growth", which is no input.',
  'Scenario "kinds" overrides "labour", which is no input.',
  'Scenario "sure" overrides "energy", which is no input.',
  'Change these first with sim.create_scenario, sim.drop_scenario or sim.unbind.'),
  'a text that scenarios do not fit is refused, all of them named');
SELECT throws_ok($$SELECT sim.drop_scenario('plant', 'dear')$$, '2BP01', 'scenario "dear" is the parent of others',
  'a parent is not dropped');
SELECT lives_ok($$SELECT sim.drop_scenario('plant', 'child')$$, 'a scenario without children is');
SELECT throws_ok($$SELECT sim.drop_scenario('plant', 'child')$$, '42704', 'model "plant" has no scenario "child"', 'once');


-- what functions would not have written
INSERT INTO sim.stored_scenarios (model_id, name, parent, overrides)
  SELECT model_id, v.name, v.parent, v.overrides FROM sim.stored_models, (VALUES
    ('orphan', 'nobody', '{}'::jsonb), ('snake', 'tail', '{}'), ('tail', 'snake', '{}'), ('odd', NULL, '{"energy": null}'))
    AS v (name, parent, overrides);
SELECT throws_ok($$SELECT sim.converge('plant', ARRAY['orphan'])$$, '42704',
  'the parent "nobody" of scenario "orphan" does not exist', 'a parent that is gone is missed');
SELECT throws_ok($$SELECT sim.converge('plant', ARRAY['snake'])$$, '42P17',
  'the parents of scenario "snake" lead back to itself', 'a circle is found');
SELECT throws_ok($$SELECT sim.converge('plant', ARRAY['odd'])$$, '22023',
  'scenario "odd": the value of "energy" is null', 'a value that is none is named');

SELECT finish();
ROLLBACK;
