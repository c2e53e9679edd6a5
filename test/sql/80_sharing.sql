-- 80_sharing.sql -- grants of read, run and edit; owners; copies; versions compared.
BEGIN;
SELECT plan(88);

\ir common/error_of.sql
CREATE FUNCTION public.hint_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN hint;
END $$;

CREATE ROLE sim_test_alice;
CREATE ROLE sim_test_bob;
CREATE ROLE sim_test_team;
CREATE ROLE sim_test_carol IN ROLE sim_test_team;
CREATE ROLE sim_test_eve;
CREATE ROLE "sim_test Odd";
GRANT CREATE ON SCHEMA public TO sim_test_alice, sim_test_bob;

SET LOCAL client_min_messages = warning;
SET LOCAL ROLE sim_test_alice;
CREATE TABLE prices (price float8);
INSERT INTO prices VALUES (104);
SELECT sim.create_model('plant', E'input price = 1\ninput wage = 1\noutput cost = 2 * price + 0 * wage', comment => 'a tonne');
SELECT sim.create_scenario('plant', 'low', '{"wage": 2}');
SELECT sim.create_scenario('plant', 'a_child_of_low', '{"wage": 3}', parent => 'low');
SELECT sim.create_scenario('plant', '"Low"', '{"wage": 4}');
SELECT sim.bind('plant', 'price', 'SELECT price FROM prices');
SELECT sim.create_model('other', 'output x = 1');

-- what is refused
SELECT is(error_line($$SELECT sim.grant('plant', 'sim_test_bob', 'write')$$), '22023 unknown privilege "write"', 'privileges have names');
SELECT is(error_line($$SELECT sim.grant('plant', 'nobody_at_all', 'read')$$), '42704 role "nobody_at_all" does not exist', 'roles exist');
SELECT is(error_line($$SELECT sim.grant('plant', '-', 'read')$$), '42704 role "-" does not exist', 'everybody is called public');
SELECT is(error_line($$SELECT sim.grant('plant', '4000000000', 'read')$$), '42704 role with OID 4000000000 does not exist',
  'a number is no role either');
SELECT is(error_line($$SELECT sim.grant('plant', NULL, 'read')$$), '22004 role must not be null', 'NULL is no role');
SELECT is(error_line($$SELECT sim.grant(NULL, 'sim_test_bob', 'read')$$), '22004 object must not be null', 'nor an object');
SELECT is(error_line($$SELECT sim.grant('plant', 'sim_test_bob', NULL)$$), '22004 privilege must not be null', 'nor a privilege');
SELECT is(error_line($$SELECT sim.grant('plant@1', 'sim_test_bob', 'read')$$), '22023 "plant@1" names a version, not a model',
  'versions are not granted one by one');
SELECT is(error_line($$SELECT sim.grant('plan', 'sim_test_bob', 'read')$$), '42704 model "plan" does not exist', 'models exist');

-- read
SELECT is(error_line($$SELECT sim.grant('Plant', 'sim_test_bob', 'read')$$), 'no error', 'the owner grants');
SELECT is(error_line($$SELECT sim.grant('plant', 'sim_test_bob', 'read')$$), 'no error', 'twice is as good as once');
SELECT results_eq('SELECT kind, object, grantee, privilege, granted_by::text FROM sim.grants',
  $$VALUES ('model', 'plant', 'sim_test_bob', 'read', 'sim_test_alice')$$, 'the owner sees the grant');
SET LOCAL ROLE sim_test_eve;
SELECT is_empty('SELECT FROM sim.grants', 'a stranger does not');
SELECT is_empty('SELECT FROM sim.stored_grants', 'nor in the table');
SELECT is_empty('SELECT FROM sim.models', 'nor the model');
SELECT is(error_line('SELECT sim.converge(''plant'')'), '42704 model "plant" does not exist', 'which does not exist for him');
SELECT is(error_line($$SELECT sim.grant('plant', 'sim_test_eve', 'read')$$), '42704 model "plant" does not exist', 'nor can he grant it');
SELECT is(error_line($$SELECT sim.set_owner('plant', 'sim_test_eve')$$), '42704 model "plant" does not exist', 'nor take it');
SELECT is(error_line($$SELECT sim.copy_model('plant', 'mine')$$), '42704 model "plant" does not exist', 'nor copy it');
SELECT is(error_line($$SELECT sim.diff_model('plant', 1, 1)$$), '42704 model "plant" does not exist', 'nor compare its versions');
SET LOCAL ROLE sim_test_bob;
SELECT results_eq('SELECT name, owner::text FROM sim.models', $$VALUES ('plant', 'sim_test_alice')$$, 'who may read sees the model');
SELECT results_eq('SELECT source LIKE ''input price%'' FROM sim.model_versions', 'VALUES (true)', 'its text');
SELECT results_eq('SELECT count(*) FROM sim.scenarios', 'VALUES (3::bigint)', 'its scenarios');
SELECT results_eq('SELECT name FROM sim.bindings', $$VALUES ('price')$$, 'its bindings');
SELECT results_eq('SELECT grantee, privilege FROM sim.grants', $$VALUES ('sim_test_bob', 'read')$$, 'and what was granted to him');
SELECT is(error_line('SELECT * FROM sim.converge(''plant'')'), '42501 permission denied for model "plant"', 'but may not converge it');
SELECT is(hint_of('SELECT * FROM sim.converge(''plant'')'),
  'Its owner grants it: SELECT sim.grant(''plant'', ''sim_test_bob'', ''run'');', 'and is told who can help');
SELECT is(error_line('SELECT * FROM sim.monte_carlo(''plant'', 5)'), '42501 permission denied for model "plant"', 'nor summarise');
SELECT is(error_line('SELECT * FROM sim.samples(''plant'', 5) AS s(cost float8)'), '42501 permission denied for model "plant"', 'nor sample');
SELECT is(error_line('SELECT * FROM sim.percentiles(''plant'', ARRAY[0.5])'), '42501 permission denied for model "plant"', 'nor ask for percentiles');
SELECT is(error_line('SELECT * FROM sim.explain_model(''plant'')'), '42501 permission denied for model "plant"', 'nor have it explained');
SELECT is(error_line('SELECT * FROM sim.report(''plant'')'), '42501 permission denied for model "plant"', 'nor reported');
SELECT is(error_line('SELECT price FROM sim_bindings.plant_price_binding'), '42501 permission denied for view plant_price_binding',
  'nor read what is bound');
SELECT is(error_line($$SELECT sim.create_scenario('plant', 'x', '{}')$$), '42501 permission denied for model "plant"', 'nor add scenarios');
SELECT is(error_line($$SELECT sim.drop_scenario('plant', 'low')$$), '42501 permission denied for model "plant"', 'nor drop them');
SELECT is(error_line($$SELECT sim.bind('plant', 'price', 'SELECT 1')$$), '42501 permission denied for model "plant"', 'nor bind');
SELECT is(error_line($$SELECT sim.unbind('plant', 'price')$$), '42501 permission denied for model "plant"', 'nor unbind');
SELECT is(error_line($$SELECT sim.create_model('plant', 'output x = 1', replace => true)$$), '42501 permission denied for model "plant"',
  'nor replace it');
SELECT is(error_line($$SELECT sim.drop_model('plant')$$), '42501 must be owner of model "plant"', 'nor drop it');
SELECT is(error_line($$SELECT sim.rename_model('plant', 'mine')$$), '42501 must be owner of model "plant"', 'nor rename it');
SELECT is(error_line($$SELECT sim.set_owner('plant', 'sim_test_bob')$$), '42501 must be owner of model "plant"', 'nor take it');
SELECT is(error_line($$SELECT sim.grant('plant', 'sim_test_bob', 'edit')$$), '42501 must be owner of model "plant"', 'nor grant himself more');
SELECT is(error_line($$INSERT INTO sim.stored_grants (model_id, grantee, privilege, granted_by)
  SELECT model_id, 'sim_test_bob', 'edit', 'sim_test_bob' FROM sim.stored_models$$),
  '42501 new row violates row-level security policy for table "stored_grants"', 'not even in the table');
SELECT is(error_line($$INSERT INTO sim.stored_grants (model_id, grantee, privilege, granted_by)
  SELECT model_id, 'sim_test_bob', 'edit', owner FROM sim.stored_models$$),
  '42501 new row violates row-level security policy for table "stored_grants"', 'nor in the owner''s name');
SELECT is(error_line($$UPDATE sim.stored_grants SET privilege = 'edit'$$), '42501 permission denied for table stored_grants',
  'grants are never changed');
SELECT is(error_line($$DO 'BEGIN DELETE FROM sim.stored_scenarios; IF FOUND THEN RAISE ''deleted''; END IF; END'$$), 'no error',
  'and reaches no row by writing to the tables');
SELECT is(error_line($$DO 'BEGIN UPDATE sim.stored_models SET comment = NULL; IF FOUND THEN RAISE ''changed''; END IF; END'$$), 'no error',
  'of models neither');

-- run
SET LOCAL ROLE sim_test_alice;
SELECT sim.grant('plant', 'sim_test_bob', 'run');
SET LOCAL ROLE sim_test_bob;
SELECT results_eq('SELECT value FROM sim.converge(''plant'')', ARRAY[208::float8],
  'who may run computes with bound data, which is read as its owner');
SELECT is(error_line('SELECT price FROM prices'), '42501 permission denied for table prices', 'and does not see the data');
SELECT is(error_line($$SELECT sim.create_scenario('plant', 'x', '{}')$$), '42501 permission denied for model "plant"', 'but does not edit');

-- edit
SET LOCAL ROLE sim_test_alice;
SELECT sim.grant('plant', 'sim_test_bob', 'edit');
SET LOCAL ROLE sim_test_bob;
SELECT is(error_line($$SELECT sim.create_scenario('plant', 'high', '{"wage": 9}')$$), 'no error', 'who may edit makes scenarios');
SELECT is(error_line($$UPDATE sim.stored_models SET current_version = 9 WHERE name = 'plant'$$), '23503 model "plant" has no version 9',
  'but no version current that does not exist');
SELECT is(error_line($$SELECT sim.create_model('plant', E'input price = 1\ninput wage = 1\noutput cost = 3 * price + 0 * wage',
  replace => true)$$), 'no error', 'and versions');
SELECT results_eq('SELECT created_by::text FROM sim.model_versions WHERE is_current', $$VALUES ('sim_test_bob')$$, 'in his own name');
SELECT is(error_line($$SELECT sim.bind('plant', 'wage', 'SELECT price FROM prices')$$), '42501 permission denied for table prices',
  'binds with his own rights');
SELECT is(error_line($$SELECT sim.bind('plant', 'wage', 'SELECT 7')$$), 'no error', 'where they suffice');
SELECT is(error_line($$SELECT sim.drop_model('plant')$$), '42501 must be owner of model "plant"', 'the model stays the owner''s');
SELECT is(error_line($$SELECT sim.grant('plant', 'sim_test_eve', 'read')$$), '42501 must be owner of model "plant"', 'who alone grants');
SELECT is(error_line($$UPDATE sim.stored_models SET owner = 'sim_test_bob'$$), '42501 must be owner of model "plant"',
  'no way leads to another owner');
SELECT is(error_line($$UPDATE sim.stored_models SET name = 'mine'$$), '42501 must be owner of model "plant"', 'or name');

-- revoke
SET LOCAL ROLE sim_test_alice;
SELECT is((SELECT string_agg(privilege, ' ' ORDER BY privilege) FROM sim.grants), 'edit read run', 'each privilege is granted by itself');
SELECT sim.revoke('plant', 'sim_test_bob', 'run');
SELECT is((SELECT string_agg(privilege, ' ' ORDER BY privilege) FROM sim.grants), 'read', 'with run goes edit, which includes it');
SET LOCAL ROLE sim_test_bob;
SELECT is(error_line('SELECT * FROM sim.converge(''plant'')'), '42501 permission denied for model "plant"', 'at once');
SET LOCAL ROLE sim_test_alice;
SELECT sim.revoke('plant', 'sim_test_bob', 'read');
SELECT is(error_line($$SELECT sim.revoke('plant', 'sim_test_bob', 'read')$$), 'no error', 'what was not granted is revoked in vain');
SET LOCAL ROLE sim_test_bob;
SELECT is_empty('SELECT FROM sim.models', 'without read the model is gone');

-- groups, everybody, odd names
SET LOCAL ROLE sim_test_alice;
SELECT sim.grant('plant', 'sim_test_team', 'run');
SELECT sim.grant('plant', '"sim_test Odd"', 'read');
SELECT sim.grant('other', 'PUBLIC', 'read');
SET LOCAL ROLE sim_test_carol;
SELECT results_eq('SELECT DISTINCT value FROM sim.converge(''plant'')', ARRAY[312::float8], 'members of a role have what it was granted');
SET LOCAL ROLE sim_test_eve;
SELECT results_eq('SELECT name FROM sim.models', $$VALUES ('other')$$, 'everybody sees what was granted to public');
SELECT results_eq('SELECT grantee FROM sim.grants', $$VALUES ('public')$$, 'and why');
SELECT is(error_line($$SELECT sim.copy_model('other', 'from_template')$$), 'no error', 'a model that everybody may read is a template');
SELECT is(hint_of('SELECT * FROM sim.converge(''other'')'), 'Its owner grants it: SELECT sim.grant(''other'', ''sim_test_eve'', ''run'');',
  'which is not to be run as it is');
SET LOCAL ROLE "sim_test Odd";
SELECT is((SELECT string_agg(name, ' ' ORDER BY name) FROM sim.models), 'other plant', 'names of roles are read as SQL reads them');
SELECT is(hint_of('SELECT * FROM sim.converge(''plant'')'), 'Its owner grants it: SELECT sim.grant(''plant'', ''"sim_test Odd"'', ''run'');',
  'and told so');

-- copies
SET LOCAL ROLE sim_test_carol;
SELECT is(error_line($$SELECT sim.copy_model('plant', 'mine', bindings => true)$$), '42501 permission denied for table prices',
  'queries are bound anew, with the rights of who copies');
SELECT is(error_line($$SELECT sim.copy_model('plant', 'other')$$), '42710 model "other" already exists', 'a copy needs a free name');
SELECT is(error_of($$SELECT sim.copy_model('plant', 'other')$$),
  E'42710\nmodel "other" already exists\nTake another name.', 'and says what can be done');
SELECT sim.copy_model('plant', 'mine');
SELECT results_eq('SELECT m.name, m.owner::text, m.comment, m.version FROM sim.models AS m WHERE name = ''mine''',
  $$VALUES ('mine', 'sim_test_carol', 'a tonne', 1)$$, 'a copy belongs to who made it');
SELECT results_eq($$SELECT scenario, parent, overrides::text FROM sim.scenarios WHERE model = 'mine' ORDER BY scenario COLLATE "C"$$,
  $$VALUES ('Low', 'base', '{"wage": 4}'), ('a_child_of_low', 'low', '{"wage": 3}'), ('high', 'base', '{"wage": 9}'),
    ('low', 'base', '{"wage": 2}')$$, 'has the scenarios');
SELECT is_empty($$SELECT FROM sim.bindings WHERE model = 'mine'$$, 'and no bindings unless asked for');
SET LOCAL ROLE sim_test_alice;
GRANT SELECT ON prices TO sim_test_team;
SET LOCAL ROLE sim_test_carol;
SELECT sim.copy_model('plant', 'bound', bindings => true);
SELECT results_eq($$SELECT name, owner::text FROM sim.bindings WHERE model = 'bound' ORDER BY 1$$,
  $$VALUES ('price', 'sim_test_carol'), ('wage', 'sim_test_carol')$$, 'bindings of a copy are of who copies');
SELECT sim.copy_model('plant@1', 'first');
SELECT is((SELECT source LIKE '%2 * price%' FROM sim.models WHERE name = 'first'), true, 'a version can be copied');

-- owners
SET LOCAL ROLE sim_test_alice;
SELECT is(error_line($$SELECT sim.set_owner('other', 'sim_test_bob')$$), '42501 must be member of role "sim_test_bob"',
  'nobody is given a model unasked');
RESET ROLE;
GRANT sim_test_bob TO sim_test_alice;
SET LOCAL ROLE sim_test_alice;
SELECT is(error_line($$SELECT sim.set_owner('other', 'sim_test_bob')$$), 'no error', 'a member gives it');
SELECT results_eq($$SELECT owner::text FROM sim.models WHERE name = 'other'$$, $$VALUES ('sim_test_bob')$$, 'and it is the other''s');
SET LOCAL ROLE sim_test_bob;
SELECT is(error_line($$SELECT sim.revoke('other', 'public', 'read')$$), 'no error', 'who then decides about what was granted before');

-- versions compared
SELECT sim.create_model('book', E'steps 3 month\ninput price = 1000 unit ''EUR''\ncost = 2 * price\noutput cost');
SELECT sim.create_model('book', E'-- the same\nsteps 3 month\n\ncost=2*price\ninput Price = 1e3 unit ''EUR''\noutput cost', replace => true);
SELECT sim.create_model('book', E'steps 4 month\ninput price ~ normal(1000, 10) unit ''EUR''\ninput wage = 1\noutput cost = 2 * price',
  replace => true);
SELECT is_empty($$SELECT * FROM sim.diff_model('book', 1, 2)$$, 'formatting is no change');
SELECT results_eq($$SELECT * FROM sim.diff_model('book', 2, 3)$$,
  $$VALUES ('time', NULL, 'changed', 'steps 3 month', 'steps 4 month'),
    ('input', 'price', 'changed', 'input Price = 1e3 unit ''EUR''', 'input price ~ normal(1000, 10) unit ''EUR'''),
    ('input', 'wage', 'added', NULL, 'input wage = 1'),
    ('formula', 'cost', 'changed', 'cost=2*price', 'output cost = 2 * price'),
    ('output', 'cost', 'removed', 'output cost', NULL)$$, 'definitions are');
SELECT is(error_line($$SELECT sim.diff_model('book', 1, 9)$$), '42704 model "book" has no version 9', 'versions exist');
SELECT is(error_line($$SELECT sim.diff_model('book', NULL, 1)$$), '22004 from_version must not be null', 'and are given');

RESET ROLE;
SELECT finish();
ROLLBACK;
