-- 81_audit.sql -- who did what: kept by triggers, seen by whom it concerns, forged by nobody, pruned by who may.
BEGIN;
SELECT plan(32);

\ir common/error_of.sql

CREATE ROLE sim_test_alice;
CREATE ROLE sim_test_bob;
CREATE ROLE sim_test_eve;
CREATE ROLE sim_test_admin;
GRANT CREATE ON SCHEMA public TO sim_test_eve;
CREATE VIEW public.story WITH (security_invoker = true) AS
  SELECT who, action, kind, model, object FROM sim.audit ORDER BY audit_id;
GRANT SELECT ON public.story TO PUBLIC;

SET LOCAL client_min_messages = warning;
SET LOCAL ROLE sim_test_alice;
SELECT sim.create_model('plant', E'input price = 1\noutput cost = price');
SELECT sim.create_scenario('plant', 'low', '{"price": 0}');
SELECT sim.create_scenario('plant', 'low', '{"price": 0.5}', replace => true);
SELECT sim.bind('plant', 'price', 'SELECT 2');
SELECT sim.grant('plant', 'sim_test_bob', 'edit');
SELECT sim.grant('plant', 'public', 'read');
SELECT sim.revoke('plant', 'public', 'read');
SELECT sim.rename_model('plant', 'works');
SELECT results_eq('SELECT * FROM public.story', $$VALUES
  ('sim_test_alice', 'create', 'model', 'plant', 'plant'),
  ('sim_test_alice', 'create', 'version', 'plant', '1'),
  ('sim_test_alice', 'create', 'scenario', 'plant', 'low'),
  ('sim_test_alice', 'change', 'scenario', 'plant', 'low'),
  ('sim_test_alice', 'create', 'binding', 'plant', 'price'),
  ('sim_test_alice', 'create', 'grant', 'plant', 'sim_test_bob'),
  ('sim_test_alice', 'create', 'grant', 'plant', 'public'),
  ('sim_test_alice', 'drop', 'grant', 'plant', 'public'),
  ('sim_test_alice', 'change', 'model', 'works', 'plant')$$, 'every change is kept');
SELECT results_eq($$SELECT before->'overrides'->>'price', after->'overrides'->>'price' FROM sim.audit
  WHERE action = 'change' AND kind = 'scenario'$$, $$VALUES ('0', '0.5')$$, 'with the row before and after');
SELECT is((SELECT string_agg(DISTINCT session_role, ' ') FROM sim.audit), session_user::text, 'and who had logged in');
SELECT is((SELECT bool_and(at BETWEEN now() AND clock_timestamp()) FROM sim.audit), true, 'and when');
SELECT is((SELECT after->>'privilege' FROM sim.audit WHERE kind = 'grant' LIMIT 1), 'edit', 'a grant says what was granted');
CREATE TEMP TABLE counted AS SELECT count(*) AS rows FROM sim.audit;
SELECT sim.create_model('works', E'input price = 1\noutput cost = price', replace => true);
SELECT is((SELECT count(*) FROM sim.audit), (SELECT rows FROM counted), 'what changes nothing is not kept');

-- others
SET LOCAL ROLE sim_test_bob;
SELECT sim.create_scenario('works', 'high', '{"price": 9}');
SELECT results_eq($$SELECT who FROM sim.audit WHERE object = 'high'$$, $$VALUES ('sim_test_bob')$$, 'who is who did it');
SELECT is_empty($$SELECT FROM sim.audit WHERE kind = 'grant'$$, 'whom else a model was granted to is the owner''s to know');
SELECT cmp_ok((SELECT count(*) FROM sim.audit), '>', 5::bigint, 'the rest is seen by who sees the model');
SET LOCAL ROLE sim_test_eve;
SELECT is_empty('SELECT FROM sim.audit', 'strangers see nothing');
SELECT is_empty('SELECT FROM sim.stored_audit', 'not in the table either');
SET LOCAL ROLE sim_test_alice;
SELECT is(error_line($$INSERT INTO sim.stored_audit (session_role, action, kind) VALUES ('x', 'create', 'model')$$),
  '42501 permission denied for table stored_audit', 'nobody writes rows of his own');
SELECT is(error_line('DELETE FROM sim.stored_audit'), '42501 permission denied for table stored_audit', 'nor deletes any');
SELECT is(error_line('UPDATE sim.stored_audit SET who = NULL'), '42501 permission denied for table stored_audit', 'nor changes any');
SELECT is(error_line($$SELECT sim.prune_audit('0')$$), '42501 permission denied for table stored_audit', 'nor prunes');
SET LOCAL ROLE sim_test_eve;
CREATE TABLE public.forge (model_id integer, name text);
SELECT is(error_line($$CREATE TRIGGER audit AFTER INSERT ON public.forge FOR EACH ROW EXECUTE FUNCTION sim.record_audit('model', 'name')$$),
  '42501 permission denied for function sim.record_audit', 'nobody has it written by a trigger on a table of his own');
SELECT matches(error_line($$SELECT sim.record_audit()$$), '^(0A000|42501) ', 'nor by a call');

-- the rows are written with the rights of their table's owner: nothing of the user's gets under that
RESET ROLE;
CREATE SCHEMA sim_test_traps AUTHORIZATION sim_test_eve;
SET LOCAL ROLE sim_test_eve;
CREATE FUNCTION sim_test_traps.trap(a jsonb, b jsonb) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped as %', current_user; END$$;
CREATE OPERATOR sim_test_traps.= (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = sim_test_traps.trap);
CREATE FUNCTION sim_test_traps.to_jsonb(a anyelement) RETURNS jsonb LANGUAGE plpgsql AS $$BEGIN RAISE 'trapped as %', current_user; END$$;
SET LOCAL search_path = sim_test_traps, pg_catalog, public;
DISCARD PLANS;
SELECT is(error_line($$SELECT sim.create_model('trap', 'output x = 1')$$), 'no error', 'operators on the path of the user mean nothing to it');
SELECT is(error_line($$SELECT sim.create_model('trap', 'output x = 2', replace => true)$$), 'no error', 'in changes neither');
SET LOCAL search_path = public;

-- what is dropped
SET LOCAL ROLE sim_test_alice;
SELECT sim.drop_model('works');
SELECT results_eq($$SELECT who, kind, model, object FROM sim.audit WHERE action = 'drop' AND kind <> 'grant' ORDER BY kind, object$$, $$VALUES
  ('sim_test_alice', 'binding', 'works', 'price'), ('sim_test_alice', 'model', 'works', 'works'),
  ('sim_test_alice', 'scenario', 'works', 'high'), ('sim_test_alice', 'scenario', 'works', 'low'),
  ('sim_test_alice', 'version', 'works', '1')$$, 'what goes with a model is kept, and who dropped it');
SELECT results_eq($$SELECT before->>'source' FROM sim.audit WHERE action = 'drop' AND kind = 'version'$$,
  $$VALUES (E'input price = 1\noutput cost = price')$$, 'its text can be had back');
SET LOCAL ROLE sim_test_bob;
SELECT is_empty('SELECT FROM sim.audit', 'and is seen by whom it belonged to');

-- rights lent by a function
SET LOCAL ROLE sim_test_eve;
CREATE FUNCTION public.lent() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN PERFORM sim.create_scenario('trap', 'lent', '{}'); END$$;
SET LOCAL ROLE sim_test_bob;
SELECT public.lent();
SET LOCAL ROLE sim_test_eve;
SELECT results_eq($$SELECT who FROM sim.audit WHERE object = 'lent'$$, $$VALUES ('sim_test_eve')$$, 'who tells with whose rights it was done');

-- restoring
RESET ROLE;
CREATE TEMP TABLE before_restore AS SELECT count(*) AS rows FROM sim.stored_audit;
GRANT SELECT ON before_restore TO PUBLIC;
SET LOCAL row_security = off;
UPDATE sim.stored_models SET comment = 'as restored' WHERE name = 'trap';
SELECT is((SELECT count(*) FROM sim.stored_audit), (SELECT rows FROM before_restore), 'what pg_restore brings back is not kept anew');
SET LOCAL ROLE sim_test_eve;
SELECT is(error_line('UPDATE sim.stored_models SET comment = NULL'),
  '42501 query would be affected by row-level security policy for table "stored_models"', 'which is no way around it for others');
SET LOCAL row_security = on;

SET LOCAL ROLE sim_test_eve;
SELECT is(error_line($$INSERT INTO sim.stored_models (model_id, name, owner, current_version) VALUES (0, 'heir', 'sim_test_eve', 1)$$),
  '42501 permission denied for table stored_models', 'nobody inherits what is kept of a model that is gone, by its number');
SELECT is(error_line('UPDATE sim.stored_models SET model_id = 0'), '42501 permission denied for table stored_models', 'or takes it later');

-- administrators
RESET ROLE;
GRANT DELETE ON sim.stored_audit TO sim_test_admin;
SET LOCAL ROLE sim_test_admin;
SELECT is((SELECT count(*) FROM sim.audit), (SELECT rows FROM before_restore), 'who may delete rows sees all');
SELECT is(sim.prune_audit('1 hour'), 0::bigint, 'prunes what is old');
SELECT is(error_line($$SELECT sim.prune_audit('-1 hour')$$), '22023 keep is -01:00:00, which would delete all there is', 'but not what is to come');
SELECT is(sim.prune_audit('0'), (SELECT rows FROM before_restore), 'and says how much it was');
SELECT is_empty('SELECT FROM sim.audit', 'then it is gone');

RESET ROLE;
SELECT finish();
ROLLBACK;
