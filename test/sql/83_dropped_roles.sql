-- 83_dropped_roles.sql -- what becomes of models, bindings and grants when their roles go.
BEGIN;
SELECT plan(27);

\ir common/error_of.sql

CREATE FUNCTION public.advice_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text; hint text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN detail || ' ' || hint;
END $$;

CREATE ROLE sim_test_leaver;
CREATE ROLE sim_test_heir;
CREATE ROLE sim_test_guest;
CREATE ROLE sim_test_reader;
CREATE ROLE sim_test_admin BYPASSRLS IN ROLE sim_test_heir;
SELECT 'sim_test_leaver'::regrole::oid AS leaver, 'sim_test_guest'::regrole::oid AS guest \gset
CREATE TABLE public.prices (price float8);
INSERT INTO public.prices VALUES (104);
GRANT SELECT ON public.prices TO sim_test_leaver;

SET LOCAL client_min_messages = warning;
SET LOCAL ROLE sim_test_leaver;
SELECT sim.create_model('plant', E'input price = 1\noutput cost = price');
SELECT sim.bind('plant', 'price', 'SELECT price FROM public.prices');
SELECT sim.grant('plant', 'sim_test_guest', 'run');
SELECT sim.create_model('other', E'input price = 1\noutput cost = price');
SELECT sim.bind('other', 'price', 'SELECT 2');
SELECT sim.grant('plant', 'sim_test_reader', 'read');
SELECT sim.run('other', 10) AS run \gset
SELECT sim.grant('run:' || :run, 'sim_test_reader', 'read');
RESET ROLE;

-- PostgreSQL knows the views of bindings
SELECT is(error_line('DROP ROLE sim_test_leaver'), '2BP01 role "sim_test_leaver" cannot be dropped because some objects depend on it',
  'a role that has bound queries is not dropped');
REASSIGN OWNED BY sim_test_leaver TO sim_test_heir;
SELECT results_eq('SELECT DISTINCT owner::text FROM sim.bindings', $$VALUES ('sim_test_heir')$$, 'REASSIGN OWNED passes bindings on');
SELECT results_eq('SELECT DISTINCT owner::text FROM sim.models', $$VALUES ('sim_test_leaver')$$, 'but not models');
SELECT is(error_line($$SELECT sim.converge('plant')$$), '42501 permission denied for table prices', 'queries have the rights of the new owner');
GRANT SELECT ON public.prices TO sim_test_heir;
SELECT results_eq($$SELECT value FROM sim.converge('plant')$$, ARRAY[104::float8], 'if they suffice, all is well');

-- it does not know who owns models and whom they were granted to
REVOKE ALL ON public.prices FROM sim_test_leaver;
DROP ROLE sim_test_leaver, sim_test_guest;
SELECT is((SELECT owner::text FROM sim.models WHERE name = 'plant'), :'leaver', 'the owner is a number then');
SELECT is((SELECT owner::text FROM sim.runs), :'leaver', 'of runs, too');
SELECT is((SELECT grantee FROM sim.grants WHERE privilege = 'run'), :'guest', 'and so is a grantee');
SELECT results_eq($$SELECT value FROM sim.converge('plant')$$, ARRAY[104::float8], 'a superuser goes on using the model');
SELECT is((SELECT count(*) FROM sim.audit WHERE who = 'sim_test_leaver'), 10::bigint, 'the audit keeps the name');
SET LOCAL ROLE sim_test_heir;
SELECT is_empty('SELECT FROM sim.models', 'others see no such model');
SELECT is(error_line($$SELECT sim.create_model('plant', 'output x = 1')$$), '42710 model "plant" already exists', 'only that the name is in use');
SET LOCAL ROLE sim_test_reader;
SELECT is(error_line($$SELECT sim.converge('plant')$$), '42501 permission denied for model "plant"', 'who was let in to read does not run it');
SELECT is(advice_of($$SELECT sim.converge('plant')$$), format('Role %s, which owns it, no longer exists. ', :'leaver') ||
  $$A superuser gives it to another: SELECT sim.set_owner('plant', 'role');$$, 'and learns whom to ask, for nobody can grant it');
SELECT is(advice_of($$SELECT sim.drop_model('plant')$$), format('Role %s, which owns it, no longer exists. ', :'leaver') ||
  $$A superuser gives it to another: SELECT sim.set_owner('plant', 'role');$$, 'or drop it');
SELECT is(advice_of(format('SELECT sim.grant(%L, %L, %L)', 'run:' || :run, 'sim_test_heir', 'read')),
  format('Role %s, which owns it, no longer exists. ', :'leaver') ||
  format('A superuser gives it to another: SELECT sim.set_owner(%L, %L);', 'run:' || :run, 'role'), 'also of a run');
RESET ROLE;
SELECT is(error_line($$SELECT sim.set_owner('plant', 'sim_test_heir')$$), 'no error', 'a superuser gives it to somebody');
SET LOCAL ROLE sim_test_admin;
SELECT is(error_line($$SELECT sim.set_owner(name, 'sim_test_heir') FROM sim.models WHERE owner NOT IN (SELECT oid FROM pg_roles) AND name = 'other'$$),
  'no error', 'so does a role that passes over row-level security');
SELECT is(error_line($$SELECT sim.set_owner('run:' || run, 'sim_test_heir') FROM sim.runs WHERE owner NOT IN (SELECT oid FROM pg_roles)$$),
  'no error', 'runs as well');
SELECT results_eq('SELECT DISTINCT owner::text FROM sim.runs', $$VALUES ('sim_test_heir')$$, 'which are his then');
RESET ROLE;
SET LOCAL ROLE sim_test_heir;
SELECT results_eq('SELECT name, owner::text FROM sim.models ORDER BY 1', $$VALUES ('other', 'sim_test_heir'), ('plant', 'sim_test_heir')$$,
  'who then owns it');
SELECT is(error_line(format('SELECT sim.revoke(%L, %L, %L)', 'plant', :'guest', 'read')), 'no error', 'and revokes by number');
SELECT is_empty($$SELECT FROM sim.grants WHERE kind = 'model' AND privilege = 'run'$$, 'what nobody can use any more');
SELECT is(error_line(format('SELECT sim.grant(%L, %L, %L)', 'plant', :'guest', 'read')), format('42704 role with OID %s does not exist', :'guest'),
  'nothing is granted to nobody');
SELECT is(error_line(format('SELECT sim.set_owner(%L, %L)', 'plant', :'guest')), format('42704 role with OID %s does not exist', :'guest'),
  'or given');
RESET ROLE;
DROP OWNED BY sim_test_heir;
SELECT is(error_line($$SELECT sim.converge('plant')$$), '55000 the view that supplies "price" is gone', 'DROP OWNED drops bindings');
SELECT is(error_line($$SELECT sim.bind('plant', 'price', 'SELECT price FROM public.prices')$$), 'no error', 'which can be made anew');

SELECT finish();
ROLLBACK;
