-- 75_lineage.sql -- from a column of a table to the numbers that come from it, and back.
--
-- All of it is found when it is asked for, from the texts of the models and what PostgreSQL knows of views: nothing is stored
-- that could be out of date.  Everybody sees the part of it that he may see.

CREATE FUNCTION sim.model_edges(
  source text)
RETURNS TABLE (kind text, name text, depends_on_kind text, depends_on text, lag integer)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 40
BEGIN ATOMIC
  WITH variables AS MATERIALIZED (
    SELECT v.variable, v.kind FROM sim.model_variables(source) AS v)
  SELECT v.kind, d.variable, COALESCE(w.kind, 'data'), d.depends_on, d.lag
  FROM sim.model_dependencies(source) AS d
  JOIN variables AS v ON v.variable OPERATOR(pg_catalog.=) d.variable
  LEFT JOIN variables AS w ON w.variable OPERATOR(pg_catalog.=) d.depends_on;
END;
COMMENT ON FUNCTION sim.model_edges(text) IS
  'lists what each variable of a text reads, as sim.model_dependencies does, with the kinds of both: input, formula, output or data';

-- What is reported may be an input: its kind is then input.
CREATE FUNCTION sim.model_reports(
  source text)
RETURNS TABLE (kind text, name text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
  SELECT v.kind, v.variable
  FROM sim.model_facts(source) AS f
  CROSS JOIN LATERAL pg_catalog.unnest(f.outputs) AS o (name)
  JOIN sim.model_variables(source) AS v ON v.variable OPERATOR(pg_catalog.=) o.name;
END;
COMMENT ON FUNCTION sim.model_reports(text) IS 'lists what a text reports, with its kind: output, or input for an input that is reported';

CREATE VIEW sim.dependencies WITH (security_invoker = true) AS
  WITH versions AS (
    SELECT m.model_id, m.name AS model, v.source
    FROM sim.stored_models AS m
    JOIN sim.stored_versions AS v
      ON v.model_id OPERATOR(pg_catalog.=) m.model_id
      AND v.version OPERATOR(pg_catalog.=) m.current_version)
  SELECT v.model, e.kind, e.name, e.depends_on_kind, e.depends_on, e.lag
  FROM versions AS v
  CROSS JOIN LATERAL sim.model_edges(v.source) AS e
  UNION ALL
  SELECT
    b.model,
    CASE WHEN EXISTS (
      SELECT FROM sim.data_blocks AS d
      WHERE d.model OPERATOR(pg_catalog.=) b.model AND d.name OPERATOR(pg_catalog.=) b.name)
      THEN 'data' ELSE 'input' END,
    b.name, 'binding', b.name, NULL::integer
  FROM sim.bindings AS b
  UNION ALL
  SELECT
    s.model, 'binding', s.name, CASE WHEN c.name IS NULL THEN 'table' ELSE 'column' END,
    pg_catalog.concat_ws('.', s.relation_name, pg_catalog.quote_ident(c.name)) COLLATE pg_catalog."default", NULL::integer
  FROM sim.binding_sources AS s
  LEFT JOIN LATERAL pg_catalog.unnest(s.columns) AS c (name) ON true
  UNION ALL
  SELECT v.model, 'run', r.run_id::text, p.kind, p.name, NULL::integer
  FROM versions AS v
  JOIN sim.stored_runs AS r ON r.model_id OPERATOR(pg_catalog.=) v.model_id
  CROSS JOIN LATERAL sim.model_reports(v.source) AS p
  UNION ALL
  SELECT n.model_name, 'result view', COALESCE(c.oid::regclass::text, w.name) COLLATE pg_catalog."default", p.kind, p.name, NULL::integer
  FROM sim.stored_result_views AS w
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) w.view
  CROSS JOIN LATERAL sim.named_version(sim.result_view_model(w.view_id)) AS n
  CROSS JOIN LATERAL sim.model_reports(n.source) AS p;
COMMENT ON VIEW sim.dependencies IS 'what each thing reads, one step at a time, from columns of tables to runs and result views; sim.impact and sim.lineage follow it';
COMMENT ON COLUMN sim.dependencies.model IS 'name of the model';
COMMENT ON COLUMN sim.dependencies.kind IS 'what it is: binding, data, input, formula, output, run or result view';
COMMENT ON COLUMN sim.dependencies.name IS 'its name; the number of a run';
COMMENT ON COLUMN sim.dependencies.depends_on_kind IS 'what it reads: column, table (rows, of no column), binding, data, input, formula or output';
COMMENT ON COLUMN sim.dependencies.depends_on IS 'the name of that; schema.table.column for a column';
COMMENT ON COLUMN sim.dependencies.lag IS 'between variables, steps back: 0 at the same step or without time; NULL for a whole series';
GRANT SELECT ON sim.dependencies TO PUBLIC;

CREATE FUNCTION sim.find_column(
  name text,
  relation regclass,
  owner_relation regclass,
  OUT holder regclass,
  OUT column_name text)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  parts text[] := parse_ident(name);
BEGIN
  IF relation IS NOT NULL THEN
    holder := relation;
    RETURN;
  END IF;
  column_name := parts[cardinality(parts)];
  IF owner_relation IS NULL THEN
    RAISE EXCEPTION '"%" is neither a table nor a column of one', name
      USING ERRCODE = 'undefined_table', HINT = 'Name it table.column, or schema.table.column.';
  END IF;
  holder := owner_relation;
  PERFORM FROM pg_attribute AS a WHERE a.attrelid = holder AND a.attname = column_name AND NOT a.attisdropped;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'table "%" has no column "%"', holder, column_name USING ERRCODE = 'undefined_column';
  END IF;
END
$$;
COMMENT ON FUNCTION sim.find_column(text, regclass, regclass) IS
  'the table or column that a name stands for; relation and owner_relation: what the whole name, and the name without its last part, mean on the caller''s search_path';

-- Of a view, the bindings that read it, by itself or through other views; its columns are followed one view far.  Of a table,
-- also those that read it as a part of its parents, or that read a part of it.  What a run or a result view has read is stored
-- with it, after its scenarios and overrides: it counts as long as the text is still the same.
CREATE FUNCTION sim.reached_from(
  relation regclass,
  column_name text)
RETURNS TABLE (kind text, model text, name text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
  WITH RECURSIVE edges AS MATERIALIZED (
    SELECT d.model, d.kind, d.name, d.depends_on_kind, d.depends_on FROM sim.dependencies AS d),
  readers AS (
    SELECT relation::oid AS view, column_name AS name
    WHERE EXISTS (
      SELECT FROM pg_catalog.pg_class AS c
      WHERE c.oid OPERATOR(pg_catalog.=) relation AND c.relkind OPERATOR(pg_catalog.=) 'v')
    UNION
    SELECT w.ev_class, NULL
    FROM readers AS r
    JOIN pg_catalog.pg_depend AS d
      ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::regclass
      AND d.refobjid OPERATOR(pg_catalog.=) r.view
      AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::regclass
    JOIN pg_catalog.pg_rewrite AS w ON w.oid OPERATOR(pg_catalog.=) d.objid
    LEFT JOIN pg_catalog.pg_attribute AS a
      ON a.attrelid OPERATOR(pg_catalog.=) r.view AND a.attnum OPERATOR(pg_catalog.=) d.refobjsubid
    WHERE (r.name IS NULL OR a.attname OPERATOR(pg_catalog.=) r.name)
      AND w.ev_class OPERATOR(pg_catalog.<>) r.view),
  parents AS (
    SELECT relation::oid AS member
    UNION
    SELECT i.inhparent
    FROM parents AS p JOIN pg_catalog.pg_inherits AS i ON i.inhrelid OPERATOR(pg_catalog.=) p.member),
  children AS (
    SELECT relation::oid AS member
    UNION
    SELECT i.inhrelid
    FROM children AS c JOIN pg_catalog.pg_inherits AS i ON i.inhparent OPERATOR(pg_catalog.=) c.member),
  reached AS (
    SELECT f.model, 'binding' AS kind, f.name
    FROM (
      SELECT s.model, s.name
      FROM sim.binding_sources AS s
      WHERE s.relation::oid IN (SELECT p.member FROM parents AS p UNION ALL SELECT c.member FROM children AS c)
        AND (column_name IS NULL OR column_name OPERATOR(pg_catalog.=) ANY (s.columns))
      UNION ALL
      SELECT b.model, b.name
      FROM sim.bindings AS b
      WHERE b.view::oid OPERATOR(pg_catalog.=) ANY (SELECT r.view FROM readers AS r)) AS f
    UNION
    SELECT e.model, e.kind, e.name
    FROM reached AS r
    JOIN edges AS e
      ON e.model OPERATOR(pg_catalog.=) r.model
      AND e.depends_on_kind OPERATOR(pg_catalog.=) r.kind
      AND e.depends_on OPERATOR(pg_catalog.=) r.name),
  bound AS MATERIALIZED (
    SELECT r.model, r.name FROM reached AS r WHERE r.kind OPERATOR(pg_catalog.=) 'binding'),
  users AS (
    SELECT 'run' AS kind, m.name AS model, w.run_id::text AS name,
      CASE WHEN w.pinned OR w.version OPERATOR(pg_catalog.=) m.current_version THEN EXISTS (
        SELECT FROM sim.stored_run_inputs AS i
        JOIN bound AS b ON b.name OPERATOR(pg_catalog.=) i.input
        WHERE i.run_id OPERATOR(pg_catalog.=) w.run_id AND b.model OPERATOR(pg_catalog.=) m.name
          AND i.source OPERATOR(pg_catalog.<>) ALL (ARRAY['scenario', 'override']))
      END AS reads
    FROM sim.stored_models AS m
    JOIN sim.stored_runs AS w ON w.model_id OPERATOR(pg_catalog.=) m.model_id
    WHERE m.name IN (SELECT b.model FROM bound AS b)
    UNION ALL
    SELECT 'result view', n.model_name, COALESCE(c.oid::regclass::text, w.name) COLLATE pg_catalog."default",
      CASE WHEN w.version OPERATOR(pg_catalog.=) n.version THEN EXISTS (
        SELECT FROM sim.stored_result_inputs AS i
        JOIN bound AS b ON b.name OPERATOR(pg_catalog.=) i.input
        WHERE i.view_id OPERATOR(pg_catalog.=) w.view_id AND b.model OPERATOR(pg_catalog.=) n.model_name
          AND i.source OPERATOR(pg_catalog.<>) ALL (ARRAY['scenario', 'override']))
      END
    FROM sim.stored_result_views AS w
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) w.view
    CROSS JOIN LATERAL sim.named_version(sim.result_view_model(w.view_id)) AS n
    WHERE n.model_name IN (SELECT b.model FROM bound AS b)),
  told AS (
    SELECT r.kind, r.model, r.name
    FROM reached AS r
    LEFT JOIN users AS u
      ON u.kind OPERATOR(pg_catalog.=) r.kind AND u.model OPERATOR(pg_catalog.=) r.model
      AND u.name OPERATOR(pg_catalog.=) r.name
    WHERE u.reads IS NULL
    UNION ALL
    SELECT u.kind, u.model, u.name FROM users AS u WHERE u.reads)
  SELECT r.kind, r.model, r.name
  FROM told AS r
  ORDER BY
    pg_catalog.array_position(ARRAY['binding', 'data', 'input', 'formula', 'output', 'run', 'result view'], r.kind), r.model, r.name;
END;
COMMENT ON FUNCTION sim.reached_from(regclass, text) IS 'what sim.impact gives for a table, or one column of it';

CREATE FUNCTION sim.impact(
  source text)
RETURNS TABLE (kind text, model text, name text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
  SELECT r.kind, r.model, r.name
  FROM (
    SELECT
      pg_catalog.cardinality(p.parts) AS count,
      pg_catalog.quote_ident(p.parts[1]) AS first,
      pg_catalog.concat_ws('.', pg_catalog.quote_ident(p.parts[1]), pg_catalog.quote_ident(p.parts[2])) AS first_two
    FROM (SELECT pg_catalog.parse_ident(source)) AS p (parts)) AS n
  CROSS JOIN LATERAL sim.find_column(
    source,
    CASE WHEN n.count OPERATOR(pg_catalog.<=) 2 THEN pg_catalog.to_regclass(n.first_two) END,
    CASE n.count WHEN 2 THEN pg_catalog.to_regclass(n.first) WHEN 3 THEN pg_catalog.to_regclass(n.first_two) END) AS f
  CROSS JOIN LATERAL sim.reached_from(f.holder, f.column_name) AS r;
END;
COMMENT ON FUNCTION sim.impact(text) IS
  'lists what a change of a table or column would touch: bindings, data blocks and inputs, formulas, outputs, and the runs and result views that have read it, which those do not whose scenarios and overrides replace it all; source is a table or view, with or without schema and column; one that does not exist is an error (42P01, 42703)';

CREATE FUNCTION sim.lineage(
  run bigint)
RETURNS TABLE (kind text, name text, scenario text, source text, value float8, definition text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
  WITH RECURSIVE run_model AS (
    SELECT r.run_id, m.name AS model, v.source
    FROM sim.stored_runs AS r
    JOIN sim.stored_models AS m ON m.model_id OPERATOR(pg_catalog.=) r.model_id
    JOIN sim.stored_versions AS v
      ON v.model_id OPERATOR(pg_catalog.=) r.model_id
      AND v.version OPERATOR(pg_catalog.=) r.version
    WHERE r.run_id OPERATOR(pg_catalog.=) sim.find_run(run)),
  inputs AS (
    SELECT i.scenario, i.input, i.source, i.value, i.definition
    FROM sim.stored_run_inputs AS i
    WHERE i.run_id OPERATOR(pg_catalog.=) run),
  edges AS MATERIALIZED (
    SELECT e.kind, e.name, e.depends_on_kind, e.depends_on
    FROM run_model AS r
    CROSS JOIN LATERAL sim.model_edges(r.source) AS e
    UNION ALL
    SELECT d.kind, d.name, d.depends_on_kind, d.depends_on
    FROM run_model AS r
    JOIN sim.dependencies AS d ON d.model OPERATOR(pg_catalog.=) r.model
    WHERE d.kind OPERATOR(pg_catalog.=) 'binding'
      OR d.depends_on_kind OPERATOR(pg_catalog.=) 'binding'
        AND EXISTS (
          SELECT FROM inputs AS i
          WHERE i.input OPERATOR(pg_catalog.=) d.name AND i.source OPERATOR(pg_catalog.=) 'binding')),
  -- What is stored of blocks tells them from inputs, where the text that told it is gone.
  blocks AS (
    SELECT DISTINCT d.name
    FROM sim.stored_run_data AS w
    CROSS JOIN LATERAL sim.experiment_data(w.experiment) AS d
    WHERE w.run_id OPERATOR(pg_catalog.=) run AND d.column_name IS NOT NULL AND NOT EXISTS (SELECT FROM run_model)),
  kept AS (
    SELECT DISTINCT CASE WHEN i.input IN (SELECT b.name FROM blocks AS b) THEN 'data' ELSE 'input' END AS kind, i.input AS name
    FROM inputs AS i
    WHERE NOT EXISTS (SELECT FROM run_model)
    UNION ALL
    SELECT DISTINCT 'output', s.output
    FROM sim.stored_results AS s
    WHERE s.run_id OPERATOR(pg_catalog.=) run AND s.output NOT IN (SELECT i.input FROM inputs AS i)
      AND NOT EXISTS (SELECT FROM run_model)),
  reached AS (
    SELECT k.kind, k.name FROM kept AS k
    UNION
    SELECT p.kind, p.name
    FROM run_model AS r
    CROSS JOIN LATERAL sim.model_reports(r.source) AS p
    UNION
    SELECT e.depends_on_kind, e.depends_on
    FROM reached AS r
    JOIN edges AS e
      ON e.kind OPERATOR(pg_catalog.=) r.kind
      AND e.name OPERATOR(pg_catalog.=) r.name)
  SELECT r.kind, r.name, i.scenario, i.source, i.value, i.definition
  FROM reached AS r
  LEFT JOIN inputs AS i
    ON i.input OPERATOR(pg_catalog.=) r.name
    AND r.kind OPERATOR(pg_catalog.=) ANY (ARRAY['input', 'data'])
  ORDER BY
    pg_catalog.array_position(ARRAY['output', 'formula', 'input', 'data', 'binding', 'column', 'table'], r.kind), r.name, i.scenario;
END;
COMMENT ON FUNCTION sim.lineage(bigint) IS
  'lists what a run came from: outputs, formulas, and what its inputs and data blocks were in each scenario, as they were stored with it; and the bindings and columns behind them, as they are now; a run that does not exist is an error (42704); where the model is gone or not the caller''s to see, the outputs and inputs that were stored with the run';
