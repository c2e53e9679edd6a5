-- catalog.sql -- all that makes the extension what it is, as sorted lines of text: two installations with the same lines are
-- the same.  Run with psql -A -t.

CREATE TEMP VIEW members AS
  SELECT d.classid, d.objid FROM pg_depend AS d
  JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
  WHERE e.extname = 'pg_simulate';
CREATE TEMP VIEW relations AS
  SELECT c.* FROM pg_class AS c JOIN members AS m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid;
CREATE TEMP VIEW functions AS
  SELECT p.* FROM pg_proc AS p JOIN members AS m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid;

CREATE FUNCTION pg_temp.privileges(acl aclitem[]) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('%s=%s%s', CASE a.grantee WHEN 0 THEN 'public' ELSE a.grantee::regrole::text END, a.privilege_type,
    CASE WHEN a.is_grantable THEN '*' END), ' ' ORDER BY a.grantee, a.privilege_type)
  FROM aclexplode(acl) AS a $$;
CREATE FUNCTION pg_temp.line(VARIADIC parts text[]) RETURNS text LANGUAGE sql AS $$
  SELECT replace(array_to_string(parts, ' | ', '-'), E'\n', '\n') $$;

SET search_path = pg_catalog;
SELECT line COLLATE "C" FROM (
  SELECT pg_temp.line('member', pg_describe_object(classid, objid, 0), obj_description(objid, classid::regclass::name)) FROM members
  UNION ALL SELECT pg_temp.line('schema', n.nspname, pg_temp.privileges(coalesce(n.nspacl, acldefault('n', n.nspowner))))
    FROM pg_namespace AS n JOIN pg_temp.members AS m ON m.classid = 'pg_namespace'::regclass AND m.objid = n.oid
  UNION ALL SELECT pg_temp.line('function', pg_get_functiondef(p.oid),
      pg_temp.privileges(coalesce(p.proacl, acldefault('f', p.proowner))))
    FROM pg_temp.functions AS p WHERE p.prokind <> 'a'
  UNION ALL SELECT pg_temp.line('aggregate', p.oid::regprocedure::text, (to_jsonb(a) - 'function')::text, p.proparallel::text, p.provolatile::text,
      pg_temp.privileges(coalesce(p.proacl, acldefault('f', p.proowner))))
    FROM pg_temp.functions AS p JOIN
      (SELECT aggfnoid::oid AS function, aggkind, aggnumdirectargs, aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn,
         aggfinalextra, aggfinalmodify, aggtranstype::regtype, aggtransspace, agginitval FROM pg_aggregate) AS a ON a.function = p.oid
  UNION ALL SELECT pg_temp.line('relation', c.oid::regclass::text, c.relkind::text, c.relpersistence::text, c.reloptions::text,
      c.relrowsecurity::text, c.relforcerowsecurity::text,
      pg_temp.privileges(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))),
      CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)
    FROM pg_temp.relations AS c WHERE c.relkind <> 'i'
  UNION ALL SELECT pg_temp.line('column', c.oid::regclass::text,
      row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum)::text, a.attname, format_type(a.atttypid, a.atttypmod),
      a.attnotnull::text, pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text, a.attstorage::text,
      a.attcompression::text, a.attcollation::text, pg_temp.privileges(a.attacl), col_description(c.oid, a.attnum))
    FROM pg_temp.relations AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'v', 'm', 'p')
  UNION ALL SELECT pg_temp.line('sequence', s.seqrelid::regclass::text, (to_jsonb(s) - 'seqrelid')::text)
    FROM pg_sequence AS s JOIN pg_temp.relations AS c ON c.oid = s.seqrelid
  UNION ALL SELECT pg_temp.line('constraint', k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint AS k JOIN pg_temp.relations AS c ON c.oid = k.conrelid
  UNION ALL SELECT pg_temp.line('index', pg_get_indexdef(i.indexrelid), i.indisclustered::text, i.indisreplident::text)
    FROM pg_index AS i JOIN pg_temp.relations AS c ON c.oid = i.indrelid
  UNION ALL SELECT pg_temp.line('policy', p.polrelid::regclass::text, p.polname, p.polcmd::text, p.polpermissive::text,
      p.polroles::regrole[]::text, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    FROM pg_policy AS p JOIN pg_temp.relations AS c ON c.oid = p.polrelid
  UNION ALL SELECT pg_temp.line('trigger', pg_get_triggerdef(t.oid), t.tgenabled::text)
    FROM pg_trigger AS t JOIN pg_temp.relations AS c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
  UNION ALL SELECT pg_temp.line('rule', pg_get_ruledef(r.oid))
    FROM pg_rewrite AS r JOIN pg_temp.relations AS c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN'
  UNION ALL SELECT pg_temp.line('event trigger', t.evtname, t.evtevent, t.evtenabled::text, t.evttags::text, t.evtfoid::regprocedure::text)
    FROM pg_event_trigger AS t JOIN pg_temp.members AS m ON m.classid = 'pg_event_trigger'::regclass AND m.objid = t.oid
  UNION ALL SELECT pg_temp.line('first privileges', pg_describe_object(i.classoid, i.objoid, i.objsubid),
      pg_temp.privileges(i.initprivs))
    FROM pg_init_privs AS i JOIN pg_temp.members AS m ON m.classid = i.classoid AND m.objid = i.objoid
  UNION ALL SELECT pg_temp.line('dumped', dumped.relation::regclass::text, dumped.condition)
    FROM pg_extension AS e, unnest(e.extconfig, e.extcondition) AS dumped(relation, condition) WHERE e.extname = 'pg_simulate'
) AS lines(line) ORDER BY 1;
