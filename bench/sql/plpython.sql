-- plpython.sql -- the NumPy jobs inside the database; expects the psql variable numpy_jobs, the text of python/numpy_jobs.py.

CREATE EXTENSION plpython3u;
CREATE TABLE numpy_source (source text NOT NULL);
INSERT INTO numpy_source VALUES (:'numpy_jobs');

-- The text is compiled once a session, the market read at each call that needs it.
CREATE FUNCTION numpy_job(job text, trials integer) RETURNS float8[] LANGUAGE plpython3u AS $$
if "answer" not in SD:
    names = {"__name__": "numpy_jobs"}
    exec(plpy.execute("SELECT source FROM numpy_source")[0]["source"], names)
    SD["answer"] = names["answer"]
market = None
if job == "j1b":
    import numpy
    rows = plpy.execute("SELECT stock, bond, inflation FROM market ORDER BY month")
    market = [numpy.array([row[column] for row in rows]) for column in ("stock", "bond", "inflation")]
return SD["answer"](job, trials, market)
$$;
