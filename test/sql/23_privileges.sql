-- 23_privileges.sql -- who sees, uses and changes what: owners, members of the owner, strangers, and queries of bindings.
BEGIN;
SELECT plan(57);

\ir common/error_of.sql

CREATE ROLE sim_test_team;
CREATE ROLE sim_test_alice IN ROLE sim_test_team;
CREATE ROLE sim_test_bob IN ROLE sim_test_team;
CREATE ROLE sim_test_eve;
GRANT CREATE ON SCHEMA public TO sim_test_alice, sim_test_bob, sim_test_eve;

-- alice has a table, a model and a binding
SET LOCAL ROLE sim_test_alice;
CREATE TABLE secrets (price float8);
INSERT INTO secrets VALUES (104);
SELECT sim.create_model('plant', E'input price = 1\ninput wage = 1\noutput cost = 2 * price + 0 * wage');
SELECT sim.create_scenario('plant', 'low', '{"price": 1}');
SELECT is(error_line($$SELECT sim.bind('plant', 'price', 'SELECT price FROM secrets')$$), 'no error',
  'a role that is no superuser makes models and bindings');
SELECT results_eq('SELECT value FROM sim.converge(''plant'')', ARRAY[208::float8], 'and uses them');
SELECT is((SELECT owner::text FROM sim.models), 'sim_test_alice', 'the maker owns the model');
SELECT is((SELECT owner::text FROM sim.bindings), 'sim_test_alice', 'and the view of the binding');

-- scans ask what the functions would ask
RESET ROLE;
REVOKE EXECUTE ON FUNCTION sim.converge(text, text[], jsonb), sim.samples(text, bigint, bigint, text, jsonb),
  sim.monte_carlo(text, bigint, bigint, text[], jsonb) FROM PUBLIC;
SET LOCAL ROLE sim_test_alice;
SELECT is(error_line('SELECT * FROM sim.converge(''plant'')'), '42501 permission denied for function converge',
  'a function that was revoked cannot be converged by in FROM');
SELECT is(error_line('SELECT sim.converge(''plant'')'), '42501 permission denied for function converge', 'nor in a target list');
SELECT is(error_line('SELECT * FROM sim.samples(''plant'', 5) AS s(cost float8)'), '42501 permission denied for function samples',
  'nor sampled');
SELECT is(error_line('SELECT * FROM sim.monte_carlo(''plant'', 5)'), '42501 permission denied for function monte_carlo',
  'nor summarised');
RESET ROLE;
GRANT EXECUTE ON FUNCTION sim.converge(text, text[], jsonb), sim.samples(text, bigint, bigint, text, jsonb),
  sim.monte_carlo(text, bigint, bigint, text[], jsonb) TO PUBLIC;
SET LOCAL ROLE sim_test_alice;
SELECT is(error_line('SELECT * FROM sim.converge(''plant'')'), 'no error', 'and can when it was granted again');
SELECT is(error_line('SELECT * FROM sim.samples(''plant'', 5) AS s(cost float8)'), 'no error', 'sampled too');

-- eve is a stranger
SET LOCAL ROLE sim_test_eve;
SELECT is_empty('SELECT FROM sim.models', 'a stranger sees no model');
SELECT is_empty('SELECT FROM sim.model_versions', 'no version');
SELECT is_empty('SELECT FROM sim.scenarios', 'no scenario');
SELECT is_empty('SELECT FROM sim.bindings', 'no binding');
SELECT is_empty('SELECT FROM sim.variables', 'no variable');
SELECT is_empty('SELECT FROM sim.dependencies', 'no dependency');
SELECT is_empty('SELECT FROM sim.stored_versions', 'nor anything in the tables');
SELECT is(error_line('SELECT sim.converge(''plant'')'), '42704 model "plant" does not exist', 'cannot use it');
SELECT is(error_line('SELECT sim.converge_report(''plant'')'), '42704 model "plant" does not exist', 'nor ask how it is solved');
SELECT is(error_line('SELECT sim.drop_model(''plant'')'), '42704 model "plant" does not exist', 'nor drop it');
SELECT is(error_line('SELECT sim.rename_model(''plant'', ''mine'')'), '42704 model "plant" does not exist', 'nor rename it');
SELECT is(error_line('SELECT sim.create_model(''plant'', ''output x = 1'', replace => true)'),
  '42710 model "plant" already exists', 'nor replace it');
SELECT is(error_line($$SELECT sim.create_scenario('plant', 'x', '{}')$$), '42704 model "plant" does not exist',
  'nor add a scenario');
SELECT is(error_line($$SELECT sim.drop_scenario('plant', 'low')$$), '42704 model "plant" does not exist', 'nor drop one');
SELECT is(error_line($$SELECT sim.bind('plant', 'price', 'SELECT 1')$$), '42704 model "plant" does not exist', 'nor bind');
SELECT is(error_line($$SELECT sim.unbind('plant', 'price')$$), '42704 model "plant" does not exist', 'nor unbind');
SELECT is(error_line('SELECT price FROM sim_bindings.plant_price_binding'), '42501 permission denied for view plant_price_binding',
  'nor read the view');

-- eve writes to the tables
SELECT is(error_line($$SELECT sim.create_model('own', E'input price = 1\noutput cost = price')$$), 'no error', 'a stranger has models');
SELECT is(error_line('SELECT sim.rename_model(''own'', ''plant'')'), '42710 model "plant" already exists', 'under other names');
SELECT is(error_line($$INSERT INTO sim.stored_models (name, owner, current_version) VALUES ('x', 'sim_test_alice', 1)$$),
  '42501 new row violates row-level security policy for table "stored_models"', 'cannot make models for others');
SELECT is(error_line($$UPDATE sim.stored_models SET owner = 'sim_test_alice'$$), '42501 must be member of role "sim_test_alice"',
  'nor give them to others');
SELECT is(error_line($$INSERT INTO sim.stored_versions (model_id, version, source, created_by)
  SELECT model_id, 2, 'output x = 1', 'sim_test_alice' FROM sim.stored_models$$),
  '42501 new row violates row-level security policy for table "stored_versions"', 'nor write in another''s name');
SELECT is(error_line($$INSERT INTO sim.stored_versions (model_id, version, source, created_by)
  SELECT model_id - 1, 2, 'output x = 1', 'sim_test_eve' FROM sim.stored_models$$),
  '42501 new row violates row-level security policy for table "stored_versions"', 'nor into another''s model');
SELECT is(error_line('UPDATE sim.stored_versions SET source = ''output x = 1'''), '42501 permission denied for table stored_versions',
  'versions are never changed');
SELECT is(error_line('DELETE FROM sim.stored_versions'), '42501 permission denied for table stored_versions', 'nor deleted');
SELECT is(error_line($$INSERT INTO sim.stored_bindings (model_id, name, view, query, ordered)
  SELECT model_id, 'price', 'sim_bindings.plant_price_binding', '', false FROM sim.stored_models$$),
  '42501 new row violates row-level security policy for table "stored_bindings"', 'another''s view is not for one''s own model');
CREATE VIEW public.outside AS SELECT 1 AS price;
SELECT is(error_line($$INSERT INTO sim.stored_bindings (model_id, name, view, query, ordered)
  SELECT model_id, 'price', 'public.outside', '', false FROM sim.stored_models$$),
  '42501 new row violates row-level security policy for table "stored_bindings"', 'nor is a view outside sim_bindings');
SELECT is(error_line('UPDATE sim.stored_bindings SET name = ''x'''), '42501 permission denied for table stored_bindings',
  'bindings are never changed, only replaced');
SELECT is(error_line($$SELECT sim.bind('own', 'price', 'SELECT price FROM secrets')$$), '42501 permission denied for table secrets',
  'a query has the rights of who binds it');

-- bob is a member of the team that owns the model
RESET ROLE;
UPDATE sim.stored_models SET owner = 'sim_test_team' WHERE name = 'plant';
SET LOCAL ROLE sim_test_bob;
SELECT results_eq('SELECT name FROM sim.models', ARRAY['plant'], 'members of the owner see the model');
SELECT results_eq('SELECT value FROM sim.converge(''plant'')', ARRAY[208::float8],
  'and use its binding, which runs with the rights of who bound it');
SELECT is(error_line('SELECT price FROM secrets'), '42501 permission denied for table secrets', 'without having these rights');
SELECT is(error_line($$SELECT sim.bind('plant', 'price', 'SELECT price FROM secrets')$$),
  '42501 permission denied for table secrets', 'or getting them by binding');
SELECT is(error_line($$SELECT sim.create_scenario('plant', 'high', '{"price": 9}')$$), 'no error', 'members change the model');

-- nothing of bob's gets under alice's query
RESET ROLE;
CREATE SCHEMA sim_test_traps AUTHORIZATION sim_test_bob;
SET LOCAL ROLE sim_test_alice;
CREATE FUNCTION public.steel() RETURNS float8 LANGUAGE sql STABLE AS 'SELECT 7.0::float8';
CREATE FUNCTION public.who() RETURNS float8 LANGUAGE plpgsql STABLE AS
  $$BEGIN RETURN CASE current_user WHEN 'sim_test_alice' THEN 1 ELSE 2 END; END$$;
CREATE FUNCTION public.path_length() RETURNS float8 LANGUAGE plpgsql STABLE AS
  $$BEGIN RETURN length(current_setting('search_path')); END$$;
SELECT sim.bind('plant', 'price', 'SELECT steel()');
SET LOCAL ROLE sim_test_bob;
CREATE FUNCTION sim_test_traps.steel() RETURNS float8 LANGUAGE sql STABLE AS 'SELECT 666.0::float8';
SET LOCAL search_path = sim_test_traps, public;
SELECT results_eq('SELECT value FROM sim.converge(''plant'')', ARRAY[14::float8], 'names were resolved when the query was bound');
SET LOCAL search_path = public;
SET LOCAL ROLE sim_test_alice;
SELECT sim.bind('plant', 'price', 'SELECT who()');
SELECT sim.bind('plant', 'wage', 'SELECT path_length()');
SET LOCAL ROLE sim_test_bob;
SELECT results_eq('SELECT value FROM sim.converge(''plant'')', ARRAY[2::float8], 'functions in the query run as its owner');
SELECT is(current_user::text, 'sim_test_bob', 'the user is restored');
SELECT is(current_setting('search_path'), 'public', 'and the path');
SET LOCAL ROLE sim_test_alice;
CREATE FUNCTION public.fails() RETURNS float8 LANGUAGE plpgsql STABLE AS
  $$BEGIN IF current_setting('sim_test.fail', true) = 'yes' THEN RAISE 'as told'; END IF; RETURN 1; END$$;
SELECT sim.bind('plant', 'price', 'SELECT fails()');
SET LOCAL ROLE sim_test_bob;
SET LOCAL sim_test.fail = 'yes';
SELECT is(error_line('SELECT sim.converge(''plant'')'), 'P0001 as told', 'an error of the query is reported');
SELECT is(current_user::text, 'sim_test_bob', 'and restores the user');
SELECT is(current_setting('search_path'), 'public', 'and the path');
SET LOCAL ROLE sim_test_alice;
CREATE FUNCTION public.grabs() RETURNS float8 LANGUAGE plpgsql STABLE AS
  $$BEGIN PERFORM set_config('role', 'sim_test_bob', true); RETURN 1; END$$;
SELECT matches(error_line($$SELECT sim.bind('plant', 'price', 'SELECT grabs()')$$), '^42501 cannot set parameter "role"',
  'a query cannot become somebody else');

-- members end what others began
SET LOCAL ROLE sim_test_bob;
SET LOCAL sim_test.fail = 'no';
SELECT is(error_line($$SELECT sim.unbind('plant', 'price')$$), 'no error', 'a member ends a binding of another');
SELECT is(to_regclass('sim_bindings.plant_price_binding'), NULL, 'its view is dropped');
SELECT is(error_line('SELECT sim.drop_model(''plant'')'), 'no error', 'a member drops the model');
SELECT is_empty('SELECT FROM pg_class WHERE relnamespace = ''sim_bindings''::regnamespace', 'with all its views');

-- to look at a query is to evaluate its constants
SET LOCAL ROLE sim_test_eve;
CREATE FUNCTION public.tells_who(value float8) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE ''evaluated as %'', current_user; END';
CREATE DOMAIN public.telling AS float8 CHECK (public.tells_who(value));
SELECT is(reason, 'its view is gone, though all that its query names is there', 'nobody has a query looked at as somebody else')
  FROM sim.binding_state(0, '{}', '{}', 'sim_test_bob', 'SELECT (''{1}''::public.telling[])[1]');

RESET ROLE;
SELECT finish();
ROLLBACK;
