-- 82_shared_runs.sql -- stored runs that others may read, who owns them, and their audit.
BEGIN;
SELECT plan(44);

\ir common/error_of.sql

CREATE ROLE sim_test_alice;
CREATE ROLE sim_test_bob;
CREATE ROLE sim_test_eve;
CREATE TEMP TABLE runs (run bigint);
GRANT SELECT, INSERT ON runs TO PUBLIC;

SET LOCAL client_min_messages = warning;
SET LOCAL ROLE sim_test_alice;
SELECT sim.create_model('plant', E'input price ~ normal(10, 1)\noutput cost = 2 * price');
INSERT INTO runs SELECT sim.run('plant', 1000, name => 'first', keep_samples => true);
SELECT 'run:' || run AS object, run FROM runs \gset

-- what is refused
SELECT is(error_line(format('SELECT sim.grant(%L, %L, %L)', :'object', 'sim_test_bob', 'run')), '22023 a run cannot be granted for run',
  'a run can only be read');
SELECT is(error_line(format('SELECT sim.revoke(%L, %L, %L)', :'object', 'sim_test_bob', 'edit')), '22023 a run cannot be granted for edit',
  'and only that is taken back');
SELECT is(error_line($$SELECT sim.grant('run:0', 'sim_test_bob', 'read')$$), '42704 run 0 does not exist', 'runs exist');
SELECT is(error_line($$SELECT sim.grant('run:x', 'sim_test_bob', 'read')$$), '22P02 invalid input syntax for type bigint: "x"',
  'and have numbers');
SELECT sim.create_model('run:1', 'output x = 1');
SELECT is(error_line($$SELECT sim.grant('"run:1"', 'sim_test_bob', 'read')$$), 'no error', 'a model of such a name is quoted');
SET LOCAL ROLE sim_test_eve;
SELECT is_empty('SELECT FROM sim.runs', 'a stranger sees no run');
SELECT is(error_line(format('SELECT sim.grant(%L, %L, %L)', :'object', 'sim_test_eve', 'read')), format('42704 run %s does not exist', :'run'),
  'and cannot let himself in');
SELECT is(error_line(format('SELECT sim.export_run(%s)', :'run')), format('42704 run %s does not exist', :'run'), 'nor export it');
SELECT sim.create_model('evil', 'output x = 1');
SELECT sim.run('evil', 10) AS own \gset
SELECT is(error_line(format($$INSERT INTO sim.stored_runs SELECT %s + 1, name, tags, owner, created_at, model_id, model, version, pinned, step_label,
  asked_trials, seed, scenarios, overrides, keep_samples, trials, levels, duration, workers, code_version, result_hash FROM sim.stored_runs$$, :'own')),
  '42501 new row violates row-level security policy "numbered" for table "stored_runs"', 'nor take the number of the next');
SELECT sim.drop_run(:own);
SELECT sim.drop_model('evil');
SELECT is(error_line(format('SELECT sim.record_export(%s)', :'run')), format('42704 run %s does not exist', :'run'), 'nor say so');

-- read
SET LOCAL ROLE sim_test_alice;
SELECT is(error_line(format('SELECT sim.grant(%L, %L, %L)', :'object', 'sim_test_bob', 'read')), 'no error', 'the owner grants');
SELECT is(error_line(format('SELECT sim.grant(%L, %L, %L)', :'object', 'sim_test_bob', 'read')), 'no error', 'twice is as good as once');
SELECT results_eq($$SELECT kind, object, grantee, privilege FROM sim.grants WHERE kind = 'run'$$,
  format($$VALUES ('run', %L, 'sim_test_bob', 'read')$$, :'object'), 'and sees what he granted');
SET LOCAL ROLE sim_test_bob;
SELECT results_eq('SELECT name FROM sim.runs', $$VALUES ('first')$$, 'who was let in sees the run');
SELECT cmp_ok((SELECT count(*) FROM sim.results), '>', 0::bigint, 'its results');
SELECT cmp_ok((SELECT count(*) FROM sim.stored_samples), '>', 0::bigint, 'its samples');
SELECT cmp_ok((SELECT count(*) FROM sim.run_percentiles(:run, ARRAY[0.5])), '>', 0::bigint, 'and what is read from them');
SELECT is_empty('SELECT FROM sim.stored_run_data', 'but not the rows it was computed from');
SELECT is(sim.is_current(:run), NULL, 'but not whether it is current, which needs the model');
SELECT is_empty($$SELECT FROM sim.models WHERE name = 'plant'$$, 'the model stays unseen');
SELECT set_eq(format('SELECT kind, name FROM sim.lineage(%s)', :'run'),
  format('SELECT ''output'', output FROM sim.results WHERE run = %1$s UNION SELECT ''input'', input FROM sim.run_inputs WHERE run = %1$s', :'run'),
  'but not what was stored of its outputs and inputs');
SELECT is(error_line(format('SELECT sim.drop_run(%s)', :'run')), format('42501 run %s is not yours to delete', :'run'), 'nor can he drop the run');
SELECT is(error_line(format('SELECT sim.grant(%L, %L, %L)', :'object', 'sim_test_eve', 'read')), format('42501 must be owner of run %s', :'run'),
  'or let others in');
SELECT is(error_line(format('SELECT sim.set_owner(%L, %L)', :'object', 'sim_test_bob')), format('42501 must be owner of run %s', :'run'),
  'or take it');
SELECT is(error_line($$DO 'BEGIN UPDATE sim.stored_runs SET owner = ''sim_test_bob''; IF FOUND THEN RAISE ''taken''; END IF; END'$$), 'no error',
  'not in the table either');
SELECT is(error_line($$INSERT INTO sim.stored_run_keys SELECT run_id, 'x', 'x', '' FROM sim.stored_runs$$),
  '42501 new row violates row-level security policy for table "stored_run_keys"', 'or add to it');
SELECT is(error_line($$INSERT INTO sim.stored_run_grants (run_id, owner, grantee, granted_by)
  SELECT run_id, owner, 'sim_test_eve', 'sim_test_bob' FROM sim.stored_runs$$),
  '42501 new row violates row-level security policy for table "stored_run_grants"', 'or write grants');
SELECT is(error_line($$INSERT INTO sim.stored_run_grants (run_id, owner, grantee, granted_by)
  SELECT run_id, 'sim_test_bob', 'sim_test_eve', 'sim_test_bob' FROM sim.stored_runs$$),
  '42501 new row violates row-level security policy for table "stored_run_grants"', 'as if he owned it');
SET LOCAL ROLE sim_test_eve;
SELECT is(error_line(format($$INSERT INTO sim.stored_run_grants (run_id, owner, grantee, granted_by)
  VALUES (%s, 'sim_test_eve', 'sim_test_eve', 'sim_test_eve') RETURNING current_setting(grantee::text)$$, :'run')),
  '42501 new row violates row-level security policy for table "stored_run_grants"', 'not even until the statement ends');
SET LOCAL ROLE sim_test_alice;
SELECT sim.grant('plant', 'sim_test_bob', 'read');
SET LOCAL ROLE sim_test_bob;
SELECT is(sim.is_current(:run), NULL, 'reading the model does not tell either');
SET LOCAL ROLE sim_test_alice;
SELECT sim.grant('plant', 'sim_test_bob', 'run');
SELECT is(sim.is_current(:run), true, 'the owner knows that it is current');
SET LOCAL ROLE sim_test_bob;
SELECT is(sim.is_current(:run), true, 'and so does who may run the model');

-- owners
RESET ROLE;
CREATE ROLE sim_test_heir;
GRANT sim_test_heir TO sim_test_alice;
SET LOCAL ROLE sim_test_alice;
SELECT is(error_line(format('SELECT sim.set_owner(%L, %L)', :'object', 'sim_test_eve')), '42501 must be member of role "sim_test_eve"',
  'nobody is given a run unasked');
SELECT is(error_line(format('SELECT sim.set_owner(%L, %L)', :'object', 'sim_test_heir')), 'no error', 'a member gives it');
SELECT results_eq('SELECT owner::text FROM sim.stored_run_grants', $$VALUES ('sim_test_heir')$$, 'grants go with the run');

-- audit
SET LOCAL ROLE sim_test_heir;
SELECT is((SELECT count(*) > 1 FROM sim.export_run(:run)), true, 'a run is exported');
SELECT results_eq($$SELECT who, action, kind, object FROM sim.audit WHERE kind IN ('run', 'grant')$$,
  format($$VALUES ('sim_test_heir', 'export', 'run', %L)$$, :'run'), 'which is kept');
SET LOCAL ROLE sim_test_alice;
SELECT results_eq(format($$SELECT action, kind, object, model FROM sim.audit WHERE kind = 'run' AND action = 'create'$$),
  format($$VALUES ('create', 'run', %L, 'plant')$$, :'run'), 'one row tells that it was made');
SELECT results_eq($$SELECT before->>'owner', after->>'owner' FROM sim.audit WHERE kind = 'run' AND action = 'change'$$,
  $$VALUES ('sim_test_alice', 'sim_test_heir')$$, 'and one that it was given away');
SET LOCAL ROLE sim_test_bob;
SELECT is_empty($$SELECT FROM sim.audit WHERE kind = 'run'$$, 'runs of others are theirs, also where one sees the model');
SET LOCAL ROLE sim_test_heir;
SAVEPOINT before_reading;
SET TRANSACTION READ ONLY;
SELECT is((SELECT count(*) > 1 FROM sim.export_run(:run)), true, 'where nothing can be written, a run is exported unrecorded');
ROLLBACK TO before_reading;
SELECT sim.drop_run(:run);
SELECT results_eq($$SELECT kind, object FROM sim.audit WHERE action = 'drop' AND kind IN ('run', 'grant') ORDER BY kind DESC$$,
  format($$VALUES ('run', %L), ('grant', 'sim_test_bob')$$, :'run'), 'what went with the run is kept');
SET LOCAL ROLE sim_test_bob;
SELECT is_empty('SELECT FROM sim.runs', 'a run that is dropped is gone for all');
SELECT is_empty($$SELECT FROM sim.grants WHERE kind = 'run'$$, 'with its grants');

RESET ROLE;
SELECT finish();
ROLLBACK;
