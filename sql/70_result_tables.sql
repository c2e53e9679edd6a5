-- 70_result_tables.sql -- what is stored of result views: results as materialized views, which tell whether they are current.
--
-- A result view is two relations of its maker: a materialized view with the statistics, and beside it a plain view, which
-- is what dashboards read.  Each row of the materialized view carries the key of what it was computed from, found by the
-- same query under the same snapshot.  Whether a number is current is decided when it is read, under the reader's snapshot,
-- by comparing this key with the one that the same arguments have now; nobody sets a flag, so none can be wrong.
-- The tables here hold the arguments, and what is needed to say why something is stale.

CREATE SEQUENCE sim.stored_result_view_ids AS integer;
COMMENT ON SEQUENCE sim.stored_result_view_ids IS 'numbers of result views, in which order they are locked';
GRANT USAGE ON SEQUENCE sim.stored_result_view_ids TO PUBLIC;

CREATE TABLE sim.stored_result_views (
  view_id integer PRIMARY KEY DEFAULT pg_catalog.nextval('sim.stored_result_view_ids'),
  name text NOT NULL,
  view regclass NOT NULL,
  relation regclass NOT NULL UNIQUE,
  owner regrole NOT NULL,
  model text NOT NULL,
  model_id integer,
  trials bigint,
  seed bigint NOT NULL,
  scenarios text[],
  overrides jsonb NOT NULL,
  percentiles float8[],
  refresh text NOT NULL
    CHECK (refresh OPERATOR(pg_catalog.=) ANY (ARRAY['on_commit', 'deferred', 'manual'])),
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  version integer,
  refreshed_at timestamptz,
  duration interval,
  failure text,
  failed_keys bytea,
  snapshot pg_snapshot,
  transaction xid8
);
COMMENT ON TABLE sim.stored_result_views IS 'result views; see view sim.result_views';
COMMENT ON COLUMN sim.stored_result_views.view_id IS 'number of the result view';
COMMENT ON COLUMN sim.stored_result_views.name IS 'name with schema when it was made, for when the view is gone';
COMMENT ON COLUMN sim.stored_result_views.view IS 'plain view that users read';
COMMENT ON COLUMN sim.stored_result_views.relation IS 'materialized view that holds the statistics';
COMMENT ON COLUMN sim.stored_result_views.owner IS 'role that made it, for when the materialized view is gone';
COMMENT ON COLUMN sim.stored_result_views.model IS 'model as it was named at the last refresh, name or name@version, for when it is dropped';
COMMENT ON COLUMN sim.stored_result_views.model_id IS 'the model, which keeps its number when it is renamed';
COMMENT ON COLUMN sim.stored_result_views.trials IS 'number of trials; NULL as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_result_views.seed IS 'seed';
COMMENT ON COLUMN sim.stored_result_views.scenarios IS 'scenarios; NULL: the base alone';
COMMENT ON COLUMN sim.stored_result_views.overrides IS 'values of inputs by name';
COMMENT ON COLUMN sim.stored_result_views.percentiles IS 'percentiles with columns of their own';
COMMENT ON COLUMN sim.stored_result_views.refresh IS 'when it is refreshed: on_commit, deferred or manual';
COMMENT ON COLUMN sim.stored_result_views.created_at IS 'when it was made';
COMMENT ON COLUMN sim.stored_result_views.version IS 'version of the model at the last refresh';
COMMENT ON COLUMN sim.stored_result_views.refreshed_at IS 'when the last refresh began, before it read anything';
COMMENT ON COLUMN sim.stored_result_views.duration IS 'how long the last refresh took';
COMMENT ON COLUMN sim.stored_result_views.failure IS 'why the last refresh failed; NULL when it did not';
COMMENT ON COLUMN sim.stored_result_views.failed_keys IS 'digest of the keys with which it failed; NULL where they could not be found';
COMMENT ON COLUMN sim.stored_result_views.snapshot IS 'transactions that the last refresh saw for certain';
COMMENT ON COLUMN sim.stored_result_views.transaction IS 'transaction of the last refresh';

CREATE TABLE sim.stored_result_inputs (
  view_id integer NOT NULL,
  scenario text NOT NULL,
  input text NOT NULL,
  source text NOT NULL,
  definition text,
  value float8,
  rows bigint,
  hash bytea,
  PRIMARY KEY (view_id, scenario, input)
);
COMMENT ON TABLE sim.stored_result_inputs IS 'what each input was at the last refresh of a result view, to say what has changed since';
COMMENT ON COLUMN sim.stored_result_inputs.view_id IS 'the result view';
COMMENT ON COLUMN sim.stored_result_inputs.scenario IS 'scenario';
COMMENT ON COLUMN sim.stored_result_inputs.input IS 'input or data block';
COMMENT ON COLUMN sim.stored_result_inputs.source IS 'what supplied it: default, scenario, override or binding';
COMMENT ON COLUMN sim.stored_result_inputs.definition IS 'its text';
COMMENT ON COLUMN sim.stored_result_inputs.value IS 'its value, where it was one number';
COMMENT ON COLUMN sim.stored_result_inputs.rows IS 'number of bound rows';
COMMENT ON COLUMN sim.stored_result_inputs.hash IS 'hash of the value';

CREATE TABLE sim.stored_refresh_sources (
  relation regclass NOT NULL,
  model_id integer NOT NULL,
  view_id integer NOT NULL,
  PRIMARY KEY (relation, model_id, view_id)
);
COMMENT ON TABLE sim.stored_refresh_sources IS 'tables whose writers refresh result views when they commit';
COMMENT ON COLUMN sim.stored_refresh_sources.relation IS 'table that a binding of the model reads; sim.stored_models for the model itself';
COMMENT ON COLUMN sim.stored_refresh_sources.model_id IS 'the model, with sim.stored_models; else 0';
COMMENT ON COLUMN sim.stored_refresh_sources.view_id IS 'the result view';

-- Empty but in a database that was restored, until the result view is refreshed: a dump takes the rows of materialized views
-- for those of this table.
CREATE TABLE sim.stored_restored_rows (
  view_id integer NOT NULL,
  scenario text,
  output text,
  step integer,
  trials bigint,
  failed_trials bigint,
  mean float8,
  std_error float8,
  stddev float8,
  skewness float8,
  kurtosis float8,
  min float8,
  p05 float8,
  p25 float8,
  median float8,
  p75 float8,
  p95 float8,
  max float8,
  percentiles float8[],
  key bytea
);
CREATE INDEX stored_restored_rows_by_view ON sim.stored_restored_rows (view_id);
COMMENT ON TABLE sim.stored_restored_rows IS 'rows that result views had when they were dumped, with which pg_restore fills them';
COMMENT ON COLUMN sim.stored_restored_rows.view_id IS 'the result view';
COMMENT ON COLUMN sim.stored_restored_rows.scenario IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.output IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.step IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.trials IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.failed_trials IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.mean IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.std_error IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.stddev IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.skewness IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.kurtosis IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.min IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.p05 IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.p25 IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.median IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.p75 IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.p95 IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.max IS 'as in sim.monte_carlo';
COMMENT ON COLUMN sim.stored_restored_rows.percentiles IS 'the percentiles that have columns of their own, in their order';
COMMENT ON COLUMN sim.stored_restored_rows.key IS 'key of what the row was computed from';

-- Its rows never outlive their transaction.
CREATE UNLOGGED TABLE sim.stored_refresh_queue (
  transaction xid8 NOT NULL,
  view_id integer NOT NULL,
  PRIMARY KEY (transaction, view_id)
);
COMMENT ON TABLE sim.stored_refresh_queue IS 'result views that running transactions refresh when they commit; nobody else ever sees a row';
COMMENT ON COLUMN sim.stored_refresh_queue.transaction IS 'the transaction';
COMMENT ON COLUMN sim.stored_refresh_queue.view_id IS 'the result view';

CREATE TABLE sim.stored_invalidations (
  name text NOT NULL,
  owner regrole NOT NULL,
  event text NOT NULL
    CHECK (event OPERATOR(pg_catalog.=) ANY (ARRAY['refreshed', 'failed', 'stale'])),
  reason text,
  table_name text,
  column_name text,
  changed_at timestamptz,
  changed_by text,
  began_at timestamptz NOT NULL,
  duration interval,
  computed bigint,
  reused bigint,
  performed_by regrole NOT NULL DEFAULT (pg_catalog.quote_ident(SESSION_USER)::regrole)
);
CREATE INDEX ON sim.stored_invalidations (began_at);
COMMENT ON TABLE sim.stored_invalidations IS 'history of result views; see view sim.invalidation_log';
COMMENT ON COLUMN sim.stored_invalidations.name IS 'result view';
COMMENT ON COLUMN sim.stored_invalidations.owner IS 'role whose members see the row';
COMMENT ON COLUMN sim.stored_invalidations.event IS 'refreshed, failed, or stale where a writer could not refresh or a manual view has become so';
COMMENT ON COLUMN sim.stored_invalidations.reason IS 'what had changed, or the error';
COMMENT ON COLUMN sim.stored_invalidations.table_name IS 'table that had changed';
COMMENT ON COLUMN sim.stored_invalidations.column_name IS 'column that had changed';
COMMENT ON COLUMN sim.stored_invalidations.changed_at IS 'when it had changed';
COMMENT ON COLUMN sim.stored_invalidations.changed_by IS 'who had changed it';
COMMENT ON COLUMN sim.stored_invalidations.began_at IS 'when the refresh began';
COMMENT ON COLUMN sim.stored_invalidations.duration IS 'how long it took';
COMMENT ON COLUMN sim.stored_invalidations.computed IS 'outputs of scenarios that were computed';
COMMENT ON COLUMN sim.stored_invalidations.reused IS 'outputs of scenarios that were found in the cache';
COMMENT ON COLUMN sim.stored_invalidations.performed_by IS 'role of the session in which it happened';

CREATE TRIGGER cascade AFTER DELETE ON sim.stored_result_views REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION sim.cascade(
    'DELETE FROM sim.stored_result_inputs WHERE view_id = ANY (ARRAY(SELECT view_id FROM gone))',
    'DELETE FROM sim.stored_refresh_sources WHERE view_id = ANY (ARRAY(SELECT view_id FROM gone))',
    'DELETE FROM sim.stored_restored_rows WHERE view_id = ANY (ARRAY(SELECT view_id FROM gone))');

ALTER TABLE sim.stored_result_views ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_restored_rows ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_result_inputs ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_refresh_sources ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_refresh_queue ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_invalidations ENABLE ROW LEVEL SECURITY;

-- Whoever owns the materialized view owns the result view.
CREATE POLICY members ON sim.stored_result_views
  USING (pg_catalog.pg_has_role(
    COALESCE((SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) relation), owner), 'MEMBER'));
-- Nobody makes a relation of somebody else's part of a result view of his own.
CREATE POLICY made ON sim.stored_result_views AS RESTRICTIVE FOR INSERT
  WITH CHECK (pg_catalog.pg_has_role(owner, 'MEMBER') AND 2 OPERATOR(pg_catalog.=) (
    SELECT pg_catalog.count(*) FROM pg_catalog.pg_class AS c
    WHERE c.oid OPERATOR(pg_catalog.=) CASE c.relkind WHEN 'm' THEN relation WHEN 'v' THEN view END
      AND pg_catalog.pg_has_role(c.relowner, 'MEMBER')));

-- Nobody takes a number that another session's next result view would have.
CREATE POLICY numbered ON sim.stored_result_views AS RESTRICTIVE FOR INSERT
  WITH CHECK (view_id OPERATOR(pg_catalog.=) pg_catalog.currval('sim.stored_result_view_ids'::regclass));

CREATE POLICY members ON sim.stored_result_inputs
  USING (EXISTS (
    SELECT FROM sim.stored_result_views AS v
    WHERE v.view_id OPERATOR(pg_catalog.=) stored_result_inputs.view_id));

CREATE POLICY members ON sim.stored_restored_rows
  USING (EXISTS (
    SELECT FROM sim.stored_result_views AS v
    WHERE v.view_id OPERATOR(pg_catalog.=) stored_restored_rows.view_id));

-- A refresh takes the time of the writers of a table, or of who changes the model: who may put triggers on the one, or edit
-- the other, may ask for that.  The right to the triggers may come and go, and is asked of the view's owner when the table is
-- written.
CREATE POLICY members ON sim.stored_refresh_sources
  USING (EXISTS (
    SELECT FROM sim.stored_result_views AS v
    WHERE v.view_id OPERATOR(pg_catalog.=) stored_refresh_sources.view_id))
  WITH CHECK (
    EXISTS (
      SELECT FROM sim.stored_result_views AS v
      WHERE v.view_id OPERATOR(pg_catalog.=) stored_refresh_sources.view_id)
    AND CASE relation
      WHEN 'sim.stored_models'::regclass THEN sim.may_edit(model_id)
      ELSE model_id OPERATOR(pg_catalog.=) 0
    END);

CREATE POLICY members ON sim.stored_invalidations
  USING (pg_catalog.pg_has_role(owner, 'MEMBER'));

GRANT SELECT, DELETE ON sim.stored_result_views TO PUBLIC;
GRANT INSERT (view_id, name, view, relation, owner, model, model_id, trials, seed, scenarios, overrides, percentiles, refresh),
  UPDATE (model, model_id, version, refreshed_at, duration, failure, failed_keys, snapshot, transaction)
  ON sim.stored_result_views TO PUBLIC;
GRANT SELECT, DELETE ON sim.stored_restored_rows TO PUBLIC;
GRANT SELECT, INSERT, DELETE ON sim.stored_result_inputs, sim.stored_refresh_sources, sim.stored_invalidations TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sim.stored_result_view_ids', '');
-- pg_dump puts the second argument behind its query of the table.  A result view whose relations were dropped stays behind:
-- their numbers may be those of others where the dump is restored.
SELECT pg_catalog.pg_extension_config_dump('sim.stored_result_views', 'WHERE view_id IN (SELECT sim.views_to_dump())');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_result_inputs', 'WHERE view_id IN (SELECT sim.views_to_dump())');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_refresh_sources',
  'WHERE view_id IN (SELECT sim.views_to_dump()) AND relation IN (SELECT oid FROM pg_catalog.pg_class)');
-- What no table holds.
SELECT pg_catalog.pg_extension_config_dump('sim.stored_restored_rows', 'WHERE false UNION ALL SELECT * FROM sim.rows_to_dump()');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_invalidations', '');
