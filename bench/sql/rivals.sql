-- rivals.sql -- the jobs without the extension: loops in PL/pgSQL, and plain SQL.
--
-- Each function answers as the other rivals do. They know only random(); normal numbers are made by Box and Muller's method.

CREATE FUNCTION normal_number(mean float8, deviation float8) RETURNS float8
LANGUAGE sql VOLATILE AS $$ SELECT mean + deviation * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) $$;

CREATE FUNCTION triangular_number(low float8, mode float8, high float8) RETURNS float8
LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN u <= (mode - low) / (high - low) THEN low + sqrt(u * (high - low) * (mode - low))
              ELSE high - sqrt((1 - u) * (high - low) * (high - mode)) END
  FROM (SELECT random() AS u OFFSET 0) AS drawn
$$;

-- Paths, one trial and one month after the other.

CREATE FUNCTION loop_j1b(trials integer) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
  stocks float8[] := ARRAY(SELECT stock FROM market ORDER BY month);
  bonds float8[] := ARRAY(SELECT bond FROM market ORDER BY month);
  inflations float8[] := ARRAY(SELECT inflation FROM market ORDER BY month);
  months integer := cardinality(stocks);
  successes integer := 0;
  ends float8[] := '{}';
  price float8;
  wealth float8;
  place integer;
BEGIN
  FOR trial IN 1 .. trials LOOP
    price := 1;
    wealth := 1000000;
    FOR step IN 0 .. 479 LOOP
      IF step % 12 = 0 THEN
        place := floor(random() * months)::integer;
      ELSE
        place := (place + 1) % months;
      END IF;
      price := price * (1 + inflations[place + 1]);
      wealth := greatest(0, wealth - 40000.0::float8 / 12 * price) * (1 + 0.6::float8 * stocks[place + 1] + 0.4::float8 * bonds[place + 1]);
    END LOOP;
    successes := successes + (wealth > 0)::integer;
    ends := ends || wealth / price;
  END LOOP;
  RETURN ARRAY[successes / trials::float8]
    || (SELECT percentile_cont(ARRAY[0.05, 0.25, 0.5, 0.75, 0.95]) WITHIN GROUP (ORDER BY x) FROM unnest(ends) AS x);
END $$;

CREATE FUNCTION loop_j1n(trials integer) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
  successes integer := 0;
  ends float8[] := '{}';
  price float8;
  wealth float8;
  radius float8;
  angle float8;
BEGIN
  FOR trial IN 1 .. trials LOOP
    price := 1;
    wealth := 1000000;
    FOR step IN 1 .. 480 LOOP
      radius := sqrt(-2 * ln(1 - random()));
      angle := 2 * pi() * random();
      price := price * 1.0017::float8;
      wealth := greatest(0, wealth - 40000.0::float8 / 12 * price)
        * (1 + 0.6::float8 * (0.0075::float8 + 0.04::float8 * radius * cos(angle)) + 0.4::float8 * (0.0035::float8 + 0.015::float8 * radius * sin(angle)));
    END LOOP;
    successes := successes + (wealth > 0)::integer;
    ends := ends || wealth / price;
  END LOOP;
  RETURN ARRAY[successes / trials::float8]
    || (SELECT percentile_cont(ARRAY[0.05, 0.25, 0.5, 0.75, 0.95]) WITHIN GROUP (ORDER BY x) FROM unnest(ends) AS x);
END $$;

-- The cost model, iterated in the order of its text.

CREATE FUNCTION settle_cost(energy float8, transport float8) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  disposal float8 := 0;
  co2 float8 := 0;
  logistics float8 := 0;
  eco float8 := 0;
  before float8;
  change float8;
BEGIN
  LOOP
    before := disposal;
    disposal := 0.8::float8 * 100 + co2;
    change := abs(disposal - before);
    before := co2;
    co2 := 0.1::float8 * energy + 0.05::float8 * disposal;
    change := greatest(change, abs(co2 - before));
    before := logistics;
    logistics := transport + eco;
    change := greatest(change, abs(logistics - before));
    before := eco;
    eco := 0.1::float8 * logistics + 0.05::float8 * co2;
    change := greatest(change, abs(eco - before));
    EXIT WHEN change <= 0.001;
  END LOOP;
  RETURN 100 + energy + disposal + co2 + logistics + eco;
END $$;

CREATE FUNCTION loop_j2(trials integer) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
  totals float8[] := '{}';
BEGIN
  FOR trial IN 1 .. trials LOOP
    totals := totals || settle_cost(normal_number(80, 12), triangular_number(20, 25, 40));
  END LOOP;
  RETURN (SELECT ARRAY[avg(x), stddev(x)] || percentile_cont(ARRAY[0.05, 0.5, 0.95]) WITHIN GROUP (ORDER BY x) FROM unnest(totals) AS x);
END $$;

CREATE FUNCTION loop_j3(points integer) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
  total float8;
  first float8;
  sum float8 := 0;
BEGIN
  FOR i IN 0 .. points - 1 LOOP
    total := settle_cost(60 + 40 * i / (points - 1)::float8, 85 / 3.0::float8);
    first := coalesce(first, total);
    sum := sum + total;
  END LOOP;
  RETURN ARRAY[first, sum, total];
END $$;

CREATE FUNCTION loop_j4(trials integer) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
  totals float8[] := '{}';
  total float8;
  means float8[] := ARRAY(SELECT ln(50 + 10 * i) - 0.5 * ln(1 + power((10 + 2 * i) / (50 + 10.0 * i), 2)) FROM generate_series(1, 12) AS i);
  deviations float8[] := ARRAY(SELECT sqrt(ln(1 + power((10 + 2 * i) / (50 + 10.0 * i), 2))) FROM generate_series(1, 12) AS i);
BEGIN
  FOR trial IN 1 .. trials LOOP
    total := 0;
    FOR i IN 1 .. 12 LOOP
      total := total + exp(means[i] + deviations[i] * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()));
    END LOOP;
    totals := totals || total;
  END LOOP;
  RETURN (SELECT percentile_cont(ARRAY[0.05, 0.25, 0.5, 0.75, 0.95]) WITHIN GROUP (ORDER BY x) FROM unnest(totals) AS x);
END $$;

-- A sheet of 43 chained loops of nine cells, recalculated after one change.
CREATE FUNCTION loop_j5(trials integer) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
  source float8 := 100;
  cell float8[];
  value float8;
  change float8;
BEGIN
  FOR cycle IN 1 .. 43 LOOP
    cell := ARRAY[0, 0, 0, 0, 0, 0, 0, 0, 0]::float8[];
    LOOP
      value := 0.2::float8 * cell[9] + 0.5::float8 * source + 3;
      change := abs(value - cell[1]);
      cell[1] := value;
      FOR place IN 2 .. 9 LOOP
        value := 0.7::float8 * value + place;
        change := greatest(change, abs(value - cell[place]));
        cell[place] := value;
      END LOOP;
      EXIT WHEN change <= 0.001;
    END LOOP;
    source := cell[9];
  END LOOP;
  RETURN ARRAY[source];
END $$;

-- The same in plain SQL. Loops are solved on paper in j2; j3 iterates all rows together, a fixed number of times, and j5
-- one loop after the other.

CREATE FUNCTION query_j1b(trials integer) RETURNS float8[] LANGUAGE sql AS $$
  WITH RECURSIVE rows AS MATERIALIZED (
    SELECT (row_number() OVER (ORDER BY month) - 1)::integer AS place, stock, bond, inflation FROM market
  ), months AS (SELECT count(*)::integer AS n FROM rows), paths AS (
    SELECT trial, 0 AS step, 0 AS place, 1.0::float8 AS price, 1000000.0::float8 AS wealth FROM generate_series(1, trials) AS trial
    UNION ALL
    SELECT p.trial, p.step + 1, p.place, p.price * (1 + r.inflation),
      greatest(0, p.wealth - 40000.0::float8 / 12 * p.price * (1 + r.inflation)) * (1 + 0.6::float8 * r.stock + 0.4::float8 * r.bond)
    FROM (
      SELECT q.trial, q.step, q.price, q.wealth,
        CASE WHEN q.step % 12 = 0 THEN floor(random() * n)::integer ELSE (q.place + 1) % n END AS place
      FROM paths AS q, months WHERE q.step < 480 OFFSET 0
    ) AS p JOIN rows AS r ON r.place = p.place
  )
  SELECT ARRAY[avg((wealth > 0)::integer)::float8] || percentile_cont(ARRAY[0.05, 0.25, 0.5, 0.75, 0.95]) WITHIN GROUP (ORDER BY wealth / price)
  FROM paths WHERE step = 480
$$;

CREATE FUNCTION query_j1n(trials integer) RETURNS float8[] LANGUAGE sql AS $$
  WITH RECURSIVE paths AS (
    SELECT trial, 0 AS step, 1.0::float8 AS price, 1000000.0::float8 AS wealth FROM generate_series(1, trials) AS trial
    UNION ALL
    SELECT trial, step + 1, price * 1.0017::float8,
      greatest(0, wealth - 40000.0::float8 / 12 * price * 1.0017::float8) * (1
        + 0.6::float8 * (0.0075::float8 + 0.04::float8 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))
        + 0.4::float8 * (0.0035::float8 + 0.015::float8 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())))
    FROM paths WHERE step < 480
  )
  SELECT ARRAY[avg((wealth > 0)::integer)::float8] || percentile_cont(ARRAY[0.05, 0.25, 0.5, 0.75, 0.95]) WITHIN GROUP (ORDER BY wealth / price)
  FROM paths WHERE step = 480
$$;

CREATE FUNCTION query_j2(trials integer) RETURNS float8[] LANGUAGE sql AS $$
  SELECT ARRAY[avg(total), stddev(total)] || percentile_cont(ARRAY[0.05, 0.5, 0.95]) WITHIN GROUP (ORDER BY total)
  FROM (
    SELECT 180 + energy + 2 * co2 + transport + 2 * (0.1::float8 * transport + 0.05::float8 * co2) / 0.9::float8 AS total
    FROM (
      SELECT energy, transport, (0.1::float8 * energy + 4) / 0.95::float8 AS co2
      FROM (
        SELECT 80 + 12 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS energy,
          CASE WHEN u <= 0.25 THEN 20 + sqrt(u * 100) ELSE 40 - sqrt((1 - u) * 300) END AS transport
        FROM (SELECT random() AS u FROM generate_series(1, trials) OFFSET 0) AS drawn
        OFFSET 0
      ) AS inputs
    ) AS loops
  ) AS totals
$$;

CREATE FUNCTION query_j3(points integer) RETURNS float8[] LANGUAGE sql AS $$
  WITH RECURSIVE rounds AS (
    SELECT 0 AS round, i, 60 + 40 * i / (points - 1)::float8 AS energy,
      0.0::float8 AS disposal, 0.0::float8 AS co2, 0.0::float8 AS logistics, 0.0::float8 AS eco
    FROM generate_series(0, points - 1) AS i
    UNION ALL
    SELECT round + 1, i, energy, 80 + co2, 0.1::float8 * energy + 0.05::float8 * (80 + co2), 85 / 3.0::float8 + eco,
      0.1::float8 * (85 / 3.0::float8 + eco) + 0.05::float8 * (0.1::float8 * energy + 0.05::float8 * (80 + co2))
    FROM rounds WHERE round < 6
  ), totals AS (
    SELECT i, 100 + energy + disposal + co2 + logistics + eco AS total FROM rounds WHERE round = 6
  )
  SELECT ARRAY[min(total) FILTER (WHERE i = 0), sum(total), max(total) FILTER (WHERE i = points - 1)] FROM totals
$$;

CREATE FUNCTION query_j4(trials integer) RETURNS float8[] LANGUAGE sql AS $$
  SELECT percentile_cont(ARRAY[0.05, 0.25, 0.5, 0.75, 0.95]) WITHIN GROUP (ORDER BY total)
  FROM (
    SELECT sum(exp(mean + deviation * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))) AS total
    FROM generate_series(1, trials) AS trial, (
      SELECT ln(50 + 10 * i) - 0.5 * ln(1 + power((10 + 2 * i) / (50 + 10.0 * i), 2)) AS mean,
        sqrt(ln(1 + power((10 + 2 * i) / (50 + 10.0 * i), 2)))::float8 AS deviation
      FROM generate_series(1, 12) AS i
    ) AS inputs
    GROUP BY trial
  ) AS totals
$$;

-- A row for each sweep over the nine cells of a loop; when they have settled, the next row begins with the next loop. The
-- subqueries keep every cell from being computed again for each that reads it.
CREATE FUNCTION query_j5(trials integer) RETURNS float8[] LANGUAGE sql AS $$
  WITH RECURSIVE sweeps AS (
    SELECT 1 AS cycle, 100.0::float8 AS source, 'infinity'::float8 AS change,
      0.0::float8 AS c1, 0.0::float8 AS c2, 0.0::float8 AS c3, 0.0::float8 AS c4, 0.0::float8 AS c5,
      0.0::float8 AS c6, 0.0::float8 AS c7, 0.0::float8 AS c8, 0.0::float8 AS c9
    UNION ALL
    SELECT place.cycle, place.source,
      greatest(abs(cell1.c1 - before.c1), abs(cell2.c2 - before.c2), abs(cell3.c3 - before.c3), abs(cell4.c4 - before.c4),
        abs(cell5.c5 - before.c5), abs(cell6.c6 - before.c6), abs(cell7.c7 - before.c7), abs(cell8.c8 - before.c8), abs(cell9.c9 - before.c9)),
      cell1.c1, cell2.c2, cell3.c3, cell4.c4, cell5.c5, cell6.c6, cell7.c7, cell8.c8, cell9.c9
    FROM (SELECT *, change <= 0.001 AS settled FROM sweeps WHERE cycle < 43 OR change > 0.001 OFFSET 0) AS before
    CROSS JOIN LATERAL (SELECT before.cycle + settled::integer AS cycle, CASE WHEN settled THEN c9 ELSE before.source END AS source OFFSET 0) AS place
    CROSS JOIN LATERAL (SELECT 0.2::float8 * before.c9 + 0.5::float8 * place.source + 3 AS c1 OFFSET 0) AS cell1
    CROSS JOIN LATERAL (SELECT 0.7::float8 * cell1.c1 + 2 AS c2 OFFSET 0) AS cell2
    CROSS JOIN LATERAL (SELECT 0.7::float8 * cell2.c2 + 3 AS c3 OFFSET 0) AS cell3
    CROSS JOIN LATERAL (SELECT 0.7::float8 * cell3.c3 + 4 AS c4 OFFSET 0) AS cell4
    CROSS JOIN LATERAL (SELECT 0.7::float8 * cell4.c4 + 5 AS c5 OFFSET 0) AS cell5
    CROSS JOIN LATERAL (SELECT 0.7::float8 * cell5.c5 + 6 AS c6 OFFSET 0) AS cell6
    CROSS JOIN LATERAL (SELECT 0.7::float8 * cell6.c6 + 7 AS c7 OFFSET 0) AS cell7
    CROSS JOIN LATERAL (SELECT 0.7::float8 * cell7.c7 + 8 AS c8 OFFSET 0) AS cell8
    CROSS JOIN LATERAL (SELECT 0.7::float8 * cell8.c8 + 9 AS c9 OFFSET 0) AS cell9
  )
  SELECT ARRAY[c9] FROM sweeps WHERE cycle = 43 AND change <= 0.001
$$;
