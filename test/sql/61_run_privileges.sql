-- 61_run_privileges.sql -- who sees, makes and deletes stored runs: their owner and its members.
BEGIN;
SELECT plan(22);

CREATE FUNCTION public.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;

CREATE ROLE sim_test_team;
CREATE ROLE sim_test_alice IN ROLE sim_test_team;
CREATE ROLE sim_test_bob IN ROLE sim_test_team;
CREATE ROLE sim_test_eve;
GRANT CREATE ON SCHEMA public TO sim_test_alice;

SET LOCAL ROLE sim_test_alice;
SELECT sim.create_model('own', E'input a ~ normal(0, 1)\noutput y = a\noutput z = 2 * a');
CREATE TEMP TABLE own AS SELECT sim.run('own', 2500, keep_samples => true) AS run;
GRANT SELECT ON own TO PUBLIC;
SELECT results_eq('SELECT r.owner::text, r.current FROM sim.runs AS r JOIN own USING (run)', $$VALUES ('sim_test_alice', true)$$, 'a role that is no superuser stores runs');
SELECT is((SELECT count(*) FROM sim.stored_samples), 6::bigint, 'with samples');
SELECT is((SELECT trials FROM own, sim.run_correlations(own.run)), 2500::bigint, 'and reads them');
RESET ROLE;

SET LOCAL ROLE sim_test_team;
SELECT sim.create_model('team', 'output y = 1');
CREATE TEMP TABLE team AS SELECT sim.run('team', 10) AS run;
GRANT SELECT ON team TO PUBLIC;
RESET ROLE;

SET LOCAL ROLE sim_test_bob;
SELECT results_eq('SELECT run, current FROM sim.runs', 'SELECT run, true FROM team', 'members see what their role stored, and no other runs');
SELECT is((SELECT count(*) FROM sim.results), 1::bigint, 'nor their results');
SELECT is((SELECT count(*) FROM sim.stored_samples), 0::bigint, 'nor samples');
SELECT is((SELECT count(*) FROM sim.histograms WHERE run = (SELECT run FROM own)), 0::bigint, 'nor histograms');
SELECT is(error_of('SELECT sim.run_percentiles(run, ARRAY[0.5]) FROM own'), '42704', 'another''s run does not exist');
SELECT is(error_of('SELECT sim.summary(run) FROM own'), '42704', 'nor has a summary');
SELECT is(error_of('SELECT sim.drop_run(run) FROM own'), '42704', 'and is not deleted');
SELECT is(error_of('SELECT sim.run(''own'')'), '42704', 'nor is another''s model run');
SELECT is(sim.prune(keep_last => 0), 1::bigint, 'a member deletes runs of his role, and no others');
RESET ROLE;
SELECT is((SELECT count(*) FROM sim.stored_runs JOIN own ON own.run = run_id), 1::bigint, 'those are still there');

SET LOCAL ROLE sim_test_eve;
SELECT is_empty('SELECT FROM sim.runs', 'a stranger sees nothing');
SELECT is(error_of($$INSERT INTO sim.stored_runs (owner, model_id, model, version, pinned, seed, overrides, keep_samples, code_version, tags)
  VALUES ('sim_test_alice', 1, 'own', 1, false, 1, '{}', false, '', '{}')$$), '42501', 'and makes no run in another''s name');
SELECT is(error_of('INSERT INTO sim.stored_results (run_id, place, scenario, output, trials, failed_trials) SELECT run, 9, ''base'', ''y'', 1, 0 FROM own'), '42501', 'nor results');
SELECT is_empty('UPDATE sim.stored_runs SET owner = ''sim_test_eve'' RETURNING run_id', 'nor takes one');
RESET ROLE;

SET LOCAL ROLE sim_test_alice;
SELECT is(error_of('UPDATE sim.stored_results SET mean = 0'), '42501', 'nobody changes a result');
SELECT lives_ok('SELECT sim.drop_run(run) FROM own', 'its owner deletes it');
RESET ROLE;

-- names of roles that need quotes
CREATE ROLE "Sim.Test ""role""";
GRANT CREATE ON SCHEMA public TO "Sim.Test ""role""";
SET SESSION AUTHORIZATION "Sim.Test ""role""";
SELECT sim.create_model('quoted', 'output x = 1');
SELECT sim.run('quoted', 10);
SELECT is((SELECT owner::text FROM sim.runs WHERE model = 'quoted'), '"Sim.Test ""role"""', 'a run belongs to who has quotes in his name');
SELECT lives_ok($$SELECT sim.create_result_view('quoted_view', 'quoted', 10)$$, 'who has a result view, too');
SELECT is((SELECT performed_by::text FROM sim.invalidation_log WHERE name = 'public.quoted_view'), '"Sim.Test ""role"""', 'and a name in its history');
RESET SESSION AUTHORIZATION;
SELECT finish();
ROLLBACK;
