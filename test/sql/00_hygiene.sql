-- 00_hygiene.sql -- what every object of the extension owes its users: comments, safe paths, labels on purpose, no stray grants.
BEGIN;
SELECT plan(22);

CREATE TEMP VIEW members AS
  SELECT d.classid, d.objid FROM pg_depend AS d
  JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
  WHERE e.extname = 'pg_simulate';
CREATE TEMP VIEW functions AS
  SELECT p.*, l.lanname FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
  WHERE p.oid IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass);
CREATE TEMP VIEW relations AS
  SELECT c.* FROM pg_class AS c WHERE c.oid IN (SELECT objid FROM members WHERE classid = 'pg_class'::regclass);

SELECT cmp_ok((SELECT count(*) FROM functions), '>', 20::bigint, 'the extension has functions');
SELECT cmp_ok((SELECT count(*) FROM relations), '>', 10::bigint, 'and relations');

-- comments
SELECT is_empty('SELECT oid::regprocedure FROM functions WHERE obj_description(oid, ''pg_proc'') IS NULL',
  'every function has a comment');
SELECT is_empty('SELECT oid::regclass FROM relations WHERE obj_description(oid, ''pg_class'') IS NULL AND relkind <> ''i''',
  'every table, view and sequence has a comment');
SELECT is_empty($$
  SELECT c.oid::regclass, a.attname FROM relations AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
  WHERE c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL$$,
  'every column has a comment');
SELECT is_empty($$
  SELECT nspname FROM pg_namespace WHERE oid IN (SELECT objid FROM members WHERE classid = 'pg_namespace'::regclass)
  AND obj_description(oid, 'pg_namespace') IS NULL$$, 'every schema has a comment');

-- paths
SELECT is_empty($$
  SELECT oid::regprocedure FROM functions WHERE lanname = 'plpgsql'
  AND NOT EXISTS (SELECT FROM unnest(proconfig) AS c WHERE c LIKE 'search_path=%')$$, 'PL/pgSQL functions pin their path');
SELECT is_empty('SELECT oid::regprocedure FROM functions WHERE lanname = ''sql'' AND prosqlbody IS NULL',
  'SQL functions are bound when they are created');
SELECT is_empty('SELECT oid::regprocedure FROM functions WHERE prokind <> ''a'' AND lanname NOT IN (''c'', ''sql'', ''plpgsql'')',
  'no other language is used');
SELECT is_empty('SELECT oid::regprocedure FROM functions WHERE prosecdef', 'no function runs with another''s rights');
SELECT is_empty($$
  SELECT oid::regclass FROM relations WHERE relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)$$,
  'every view has the rights of who asks');
SELECT is_empty($$SELECT objid FROM members WHERE classid = 'pg_class'::regclass AND objid IN (
  SELECT oid FROM pg_class WHERE relnamespace NOT IN ('sim'::regnamespace))$$, 'all relations are in schema sim');
SELECT is_empty('SELECT oid::regprocedure FROM functions WHERE pronamespace <> ''sim''::regnamespace',
  'all functions are in schema sim');

-- labels
SELECT set_eq($$SELECT proname::text COLLATE "C" FROM functions WHERE provolatile = 'v'$$,
  $$SELECT unnest(ARRAY['bind', 'cache_clear', 'cache_prune', 'cascade', 'check_owner', 'check_version', 'copy_model',
    'create_model', 'create_result_view', 'create_sample_view', 'create_scenario', 'drop_model', 'drop_result_relations',
    'drop_result_view', 'drop_run', 'drop_scenario', 'export_run', 'grant', 'hold_model', 'hold_run', 'keep_refresh_sources', 'keep_result_inputs', 'list_cache_levels',
    'live_objects', 'lock_result_view', 'make_result_relations', 'make_result_view', 'note_event', 'note_failure',
    'note_stale', 'prune', 'prune_audit', 'prune_changes', 'prune_invalidations', 'queue_model_refreshes', 'read',
    'rebind', 'record_audit', 'record_change', 'record_definition', 'record_export', 'refresh_for_reader',
    'refresh_queued', 'refresh_result_view', 'refresh_stale', 'refresh_view', 'remember_readings', 'rename_model',
    'revoke', 'run', 'run_statistics', 'set_owner', 'track', 'unbind', 'warm', 'warm_results']) COLLATE "C"$$,
  'functions that store are volatile, and no others');
-- Some begin a subtransaction, to give an error as a value.
SELECT set_eq($$SELECT proname::text COLLATE "C" FROM functions WHERE provolatile <> 'v' AND proparallel <> 's'$$,
  $$SELECT unnest(ARRAY['current_results', 'is_current', 'result_keys', 'result_view_id', 'result_view_state',
    'search_runs', 'summary']) COLLATE "C"$$,
  'functions that compute are parallel safe');
SELECT is_empty($$SELECT oid::regprocedure FROM functions WHERE provolatile = 'v' AND proparallel = 's'$$,
  'functions that store are not');
SELECT is_empty($$
  SELECT oid::regprocedure FROM functions, unnest(proargnames) AS n WHERE n IN (SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T'))$$,
  'no argument or column of a function is a reserved word');
SELECT is_empty($$
  SELECT c.oid::regclass, a.attname FROM relations AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
  WHERE a.attname IN (SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T'))$$,
  'nor is a column of a table or view');

-- grants
SELECT results_eq($$
  SELECT c.relname::text COLLATE "default", string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type) FROM relations AS c, aclexplode(c.relacl) AS a
  WHERE a.grantee = 0 AND c.relkind <> 'v' GROUP BY 1 ORDER BY 1$$,
  $$VALUES ('stored_audit', 'SELECT'), ('stored_bindings', 'DELETE INSERT SELECT'), ('stored_changes', 'SELECT'),
    ('stored_grants', 'DELETE INSERT SELECT'), ('stored_histograms', 'INSERT SELECT'),
    ('stored_invalidations', 'DELETE INSERT SELECT'), ('stored_model_ids', 'USAGE'), ('stored_models', 'DELETE SELECT'),
    ('stored_refresh_sources', 'DELETE INSERT SELECT'), ('stored_restored_rows', 'DELETE SELECT'),
    ('stored_result_inputs', 'DELETE INSERT SELECT'),
    ('stored_result_view_ids', 'USAGE'), ('stored_result_views', 'DELETE SELECT'), ('stored_results', 'INSERT SELECT'),
    ('stored_run_data', 'INSERT SELECT'), ('stored_run_grants', 'DELETE INSERT SELECT'), ('stored_run_ids', 'USAGE'),
    ('stored_run_inputs', 'INSERT SELECT'), ('stored_run_keys', 'INSERT SELECT'), ('stored_runs', 'DELETE INSERT SELECT'),
    ('stored_samples', 'INSERT SELECT'), ('stored_scenarios', 'DELETE INSERT SELECT UPDATE'),
    ('stored_versions', 'INSERT SELECT')$$,
  'tables are granted as they should be, and no further');
SELECT set_eq($$SELECT proname::text COLLATE "C" FROM functions WHERE NOT has_function_privilege('public', oid, 'EXECUTE')$$,
  $$SELECT unnest(ARRAY['cascade', 'check_owner', 'check_version', 'hold_model', 'hold_run', 'record_audit']) COLLATE "C"$$,
  'nobody puts triggers of the extension on tables of his own');
SELECT is_empty($$SELECT oid::regclass FROM relations WHERE relkind = 'r' AND NOT relrowsecurity$$,
  'every table has row-level security');
SELECT results_eq($$
  SELECT c.relname::text COLLATE "default" FROM relations AS c JOIN pg_extension AS e ON c.oid = ANY (e.extconfig)
  WHERE e.extname = 'pg_simulate' ORDER BY 1$$,
  $$SELECT relname::text COLLATE "default" FROM relations WHERE relkind IN ('r', 'S')
    AND relname NOT IN ('stored_cache', 'stored_cache_unlogged', 'stored_changes', 'stored_readings', 'stored_refresh_queue') ORDER BY 1$$,
  'every table and sequence is dumped, but for what means nothing elsewhere');

SELECT finish();
ROLLBACK;
