-- 50_views.sql -- what a person or a BI tool looks around in.
--
-- The views show what the tables' row-level security lets the asking role see (security_invoker), in the current version of
-- each model.  A text that this version of the extension no longer accepts has no rows in the views that look into texts.

CREATE FUNCTION sim.list_distributions()
RETURNS TABLE (
  name text,
  parameters text,
  support text,
  mean text,
  discrete boolean,
  from_data boolean,
  description text,
  example text)
LANGUAGE c STABLE PARALLEL SAFE ROWS 20
AS 'MODULE_PATHNAME', 'sim_list_distributions';
COMMENT ON FUNCTION sim.list_distributions() IS 'the distributions an input may have; see view sim.distributions';

CREATE FUNCTION sim.list_functions()
RETURNS TABLE (
  name text,
  parameters text,
  kind text,
  description text,
  example text,
  result text)
LANGUAGE c STABLE PARALLEL SAFE ROWS 80
AS 'MODULE_PATHNAME', 'sim_list_functions';
COMMENT ON FUNCTION sim.list_functions() IS 'the functions a formula may call; see view sim.functions';

CREATE VIEW sim.models WITH (security_invoker = true) AS
  SELECT
    m.name,
    m.current_version AS version,
    m.owner,
    m.comment,
    f.steps,
    f.step_label,
    f.uncertain,
    f.outputs,
    m.created_at,
    v.created_at AS changed_at,
    v.source
  FROM sim.stored_models AS m
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) m.current_version
  LEFT JOIN LATERAL sim.model_facts(v.source) AS f ON true;
COMMENT ON VIEW sim.models IS 'the models the current role may use, in their current versions';
COMMENT ON COLUMN sim.models.name IS 'name of the model';
COMMENT ON COLUMN sim.models.version IS 'current version';
COMMENT ON COLUMN sim.models.owner IS 'role whose members see, use and change the model';
COMMENT ON COLUMN sim.models.comment IS 'what the model is for';
COMMENT ON COLUMN sim.models.steps IS 'last time step; 0 without time';
COMMENT ON COLUMN sim.models.step_label IS 'what a step is called';
COMMENT ON COLUMN sim.models.uncertain IS 'whether chance plays a part';
COMMENT ON COLUMN sim.models.outputs IS 'what the model reports, in its order';
COMMENT ON COLUMN sim.models.created_at IS 'when the first version was stored';
COMMENT ON COLUMN sim.models.changed_at IS 'when the current version was stored';
COMMENT ON COLUMN sim.models.source IS 'text of the current version';

CREATE VIEW sim.model_versions WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    v.version,
    v.version OPERATOR(pg_catalog.=) m.current_version AS is_current,
    v.created_at,
    v.created_by,
    v.source
  FROM sim.stored_models AS m
  JOIN sim.stored_versions AS v ON v.model_id OPERATOR(pg_catalog.=) m.model_id;
COMMENT ON VIEW sim.model_versions IS 'all versions of the models; each can be named as model@version';
COMMENT ON COLUMN sim.model_versions.model IS 'name of the model';
COMMENT ON COLUMN sim.model_versions.version IS 'number of the version, from 1';
COMMENT ON COLUMN sim.model_versions.is_current IS 'whether the plain name stands for this version';
COMMENT ON COLUMN sim.model_versions.created_at IS 'when the version was stored';
COMMENT ON COLUMN sim.model_versions.created_by IS 'role that stored it';
COMMENT ON COLUMN sim.model_versions.source IS 'the text';

CREATE VIEW sim.scenarios WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    s.name AS scenario,
    COALESCE(s.parent, 'base') AS parent,
    s.overrides,
    s.created_at
  FROM sim.stored_models AS m
  JOIN sim.stored_scenarios AS s ON s.model_id OPERATOR(pg_catalog.=) m.model_id;
COMMENT ON VIEW sim.scenarios IS 'the scenarios of the models, besides the base that every model has';
COMMENT ON COLUMN sim.scenarios.model IS 'name of the model';
COMMENT ON COLUMN sim.scenarios.scenario IS 'name of the scenario';
COMMENT ON COLUMN sim.scenarios.parent IS 'scenario whose overrides hold where this one has none';
COMMENT ON COLUMN sim.scenarios.overrides IS 'values of inputs by name';
COMMENT ON COLUMN sim.scenarios.created_at IS 'when the scenario was stored';

CREATE VIEW sim.bindings WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    b.name,
    b.query,
    b.ordered,
    b.view,
    c.relowner::regrole AS owner,
    x.state,
    x.reason,
    b.created_at,
    ARRAY(
      SELECT
        pg_catalog.concat(d.refobjid::regclass, '.', pg_catalog.quote_ident(a.attname)) COLLATE pg_catalog."default"
      FROM pg_catalog.pg_rewrite AS r
      JOIN pg_catalog.pg_depend AS d
        ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::regclass
        AND d.objid OPERATOR(pg_catalog.=) r.oid
        AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::regclass
        AND d.refobjid OPERATOR(pg_catalog.<>) r.ev_class
      JOIN pg_catalog.pg_attribute AS a
        ON a.attrelid OPERATOR(pg_catalog.=) d.refobjid
        AND a.attnum OPERATOR(pg_catalog.=) d.refobjsubid
      WHERE r.ev_class OPERATOR(pg_catalog.=) b.view
      ORDER BY d.refobjid, d.refobjsubid) AS follows
  FROM sim.stored_models AS m
  JOIN sim.stored_bindings AS b ON b.model_id OPERATOR(pg_catalog.=) m.model_id
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) b.view
  CROSS JOIN LATERAL sim.binding_state(b.view, b.sources, b.source_owners, b.owner, b.qualified_query) AS x;
COMMENT ON VIEW sim.bindings IS 'what queries supply to data blocks and inputs of the models';
COMMENT ON COLUMN sim.bindings.model IS 'name of the model';
COMMENT ON COLUMN sim.bindings.name IS 'data block or input that is supplied';
COMMENT ON COLUMN sim.bindings.query IS 'the query as it was given';
COMMENT ON COLUMN sim.bindings.ordered IS 'whether the query had an ORDER BY';
COMMENT ON COLUMN sim.bindings.view IS 'view that holds the query';
COMMENT ON COLUMN sim.bindings.owner IS 'role with whose rights the query runs; NULL when the view is gone';
COMMENT ON COLUMN sim.bindings.state IS 'tracked: no change of what it reads goes unseen; untracked: its rows are read at each use; broken: it cannot be read, for what it reads is gone or replaced, or its owner may not read it any more';
COMMENT ON COLUMN sim.bindings.reason IS 'why it is untracked or broken';
COMMENT ON COLUMN sim.bindings.created_at IS 'when the query was bound';
COMMENT ON COLUMN sim.bindings.follows IS 'columns that the query reads';

CREATE VIEW sim.binding_sources WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    b.name,
    x.relation,
    x.relation_name,
    x.columns,
    x.tracked,
    x.reason
  FROM sim.stored_models AS m
  JOIN sim.stored_bindings AS b ON b.model_id OPERATOR(pg_catalog.=) m.model_id
  CROSS JOIN LATERAL sim.list_sources(b.view, b.sources) AS x;
COMMENT ON VIEW sim.binding_sources IS 'the tables that bindings read, through the views between';
COMMENT ON COLUMN sim.binding_sources.model IS 'name of the model';
COMMENT ON COLUMN sim.binding_sources.name IS 'data block or input that is supplied';
COMMENT ON COLUMN sim.binding_sources.relation IS 'the table; NULL when it is gone';
COMMENT ON COLUMN sim.binding_sources.relation_name IS 'its qualified name';
COMMENT ON COLUMN sim.binding_sources.columns IS 'columns that are read; NULL where the binding is broken';
COMMENT ON COLUMN sim.binding_sources.tracked IS 'whether all its changes are seen';
COMMENT ON COLUMN sim.binding_sources.reason IS 'why they are not';

CREATE VIEW sim.variables WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    x.place,
    x.variable,
    x.kind,
    x.timed,
    x.definition,
    x.unit,
    x.description,
    x.uncertain,
    x.range_low,
    x.range_high,
    x.line
  FROM sim.stored_models AS m
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) m.current_version
  CROSS JOIN LATERAL sim.model_variables(v.source) AS x;
COMMENT ON VIEW sim.variables IS 'the inputs and formulas of the models';
COMMENT ON COLUMN sim.variables.model IS 'name of the model';
COMMENT ON COLUMN sim.variables.place IS 'place in the order of the text, from 1';
COMMENT ON COLUMN sim.variables.variable IS 'name of the variable';
COMMENT ON COLUMN sim.variables.kind IS 'input, formula, or output for a formula that is reported';
COMMENT ON COLUMN sim.variables.timed IS 'whether it has a value at each step';
COMMENT ON COLUMN sim.variables.definition IS 'its definition as written';
COMMENT ON COLUMN sim.variables.unit IS 'its unit; NULL without one';
COMMENT ON COLUMN sim.variables.description IS 'its description; NULL without one';
COMMENT ON COLUMN sim.variables.uncertain IS 'whether it is drawn';
COMMENT ON COLUMN sim.variables.range_low IS 'least value it may be given; NULL without a range';
COMMENT ON COLUMN sim.variables.range_high IS 'greatest value it may be given; NULL without a range';
COMMENT ON COLUMN sim.variables.line IS 'line of the text that defines it';

CREATE VIEW sim.loops WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    x.loop,
    x.variables,
    x.method,
    x.linear
  FROM sim.stored_models AS m
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) m.current_version
  CROSS JOIN LATERAL sim.model_loops(v.source) AS x;
COMMENT ON VIEW sim.loops IS 'the sets of circular formulas of the models, each solved together';
COMMENT ON COLUMN sim.loops.model IS 'name of the model';
COMMENT ON COLUMN sim.loops.loop IS 'number in the order of evaluation, from 1';
COMMENT ON COLUMN sim.loops.variables IS 'formulas of the loop, by name';
COMMENT ON COLUMN sim.loops.method IS 'how it is solved';
COMMENT ON COLUMN sim.loops.linear IS 'whether it is linear in its unknowns';

CREATE VIEW sim.data_blocks WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    x.name,
    x.columns,
    x.ordered,
    EXISTS (
      SELECT FROM sim.stored_bindings AS b
      WHERE b.model_id OPERATOR(pg_catalog.=) m.model_id
        AND b.name OPERATOR(pg_catalog.=) x.name) AS bound
  FROM sim.stored_models AS m
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) m.current_version
  CROSS JOIN LATERAL sim.model_data(v.source) AS x;
COMMENT ON VIEW sim.data_blocks IS 'the data blocks of the models';
COMMENT ON COLUMN sim.data_blocks.model IS 'name of the model';
COMMENT ON COLUMN sim.data_blocks.name IS 'name of the data block';
COMMENT ON COLUMN sim.data_blocks.columns IS 'columns it reads, by name';
COMMENT ON COLUMN sim.data_blocks.ordered IS 'whether the order of its rows matters, so that its query needs an ORDER BY';
COMMENT ON COLUMN sim.data_blocks.bound IS 'whether a query supplies it';

CREATE VIEW sim.distributions WITH (security_invoker = true) AS
  SELECT name, parameters, support, mean, discrete, from_data, description, example
  FROM sim.list_distributions();
COMMENT ON VIEW sim.distributions IS 'the distributions an input may have';
COMMENT ON COLUMN sim.distributions.name IS 'name of the distribution';
COMMENT ON COLUMN sim.distributions.parameters IS 'its parameters in order';
COMMENT ON COLUMN sim.distributions.support IS 'values it can take';
COMMENT ON COLUMN sim.distributions.mean IS 'formula of its mean';
COMMENT ON COLUMN sim.distributions.discrete IS 'whether its values can be counted';
COMMENT ON COLUMN sim.distributions.from_data IS 'whether it is drawn from the rows of a data block';
COMMENT ON COLUMN sim.distributions.description IS 'what it is for';
COMMENT ON COLUMN sim.distributions.example IS 'how it is written';

CREATE VIEW sim.functions WITH (security_invoker = true) AS
  SELECT name, parameters, kind, description, example, result
  FROM sim.list_functions();
COMMENT ON VIEW sim.functions IS 'the functions a formula may call';
COMMENT ON COLUMN sim.functions.name IS 'name of the function';
COMMENT ON COLUMN sim.functions.parameters IS 'its arguments in order';
COMMENT ON COLUMN sim.functions.kind IS 'group it belongs to';
COMMENT ON COLUMN sim.functions.description IS 'what it gives';
COMMENT ON COLUMN sim.functions.example IS 'how it is written';
COMMENT ON COLUMN sim.functions.result IS 'what the example gives; NULL where it needs a model';

GRANT SELECT ON
  sim.models, sim.model_versions, sim.scenarios, sim.bindings, sim.binding_sources, sim.variables, sim.loops,
  sim.data_blocks, sim.distributions, sim.functions
TO PUBLIC;
