# tables.awk -- from measured seconds to the two tables of the benchmarks: rivals by job, and figures against what is required.
#
# Reads three files: results ("name seconds", one line a round), latencies ("scenarios mean median p95 p99", milliseconds; _ for blanks)
# and the engine's benchmarks (CSV of Google Benchmark, aggregates only; may be missing).

# Sorts list[1 .. count] ascending, as numbers or as texts.
function sort(list, count,    i, j, kept) {
  for (i = 2; i <= count; i++) {
    kept = list[i]
    for (j = i - 1; j >= 1 && list[j] > kept; j--) list[j + 1] = list[j]
    list[j + 1] = kept
  }
}

function median(list, count) {
  sort(list, count)
  return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
}

function fill(name,    list, count, i) {
  count = split(values[name], list, " ")
  for (i = 1; i <= count; i++) list[i] += 0
  middle[name] = median(list, count)
  spread[name] = middle[name] > 0 ? (list[count] - list[1]) / middle[name] : 0
}

function has(name) { return name in middle }

# Three digits where they mean something.
function shown(x) {
  if (x == "") return "-"
  if (x >= 100) return sprintf("%.0f", x)
  if (x >= 10) return sprintf("%.1f", x)
  return sprintf("%.2f", x)
}

# The median over the rounds of the ratio within a round: what slows a whole round down cancels.
function ratio(a, b,    above, below, count, i, list) {
  if (!has(a) || !has(b)) return ""
  count = split(values[a], above, " ")
  if (split(values[b], below, " ") != count) return middle[a] / middle[b]
  for (i = 1; i <= count; i++) list[i] = above[i] / below[i]
  return median(list, count)
}

function rival_row(title, rival,    j, line) {
  line = sprintf("%-52s", title)
  for (j = 1; j <= jobs; j++) line = line sprintf("%9s", shown(ratio(job[j] "." rival, job[j] ".one")))
  print line
}

# sense: -1 less is better, 1 more is better.
function figure(title, value, unit, must, aim, sense,    verdict) {
  if (value == "") verdict = "not measured"
  else if (sense < 0) verdict = value <= aim ? "aim met" : value <= must ? "met" : "MISSED"
  else verdict = value >= aim ? "aim met" : value >= must ? "met" : "MISSED"
  printf "%-64s %9s %-6s %9s %9s   %s\n", title, shown(value), unit, shown(must), shown(aim), verdict
}

function times(name, factor) { return has(name) ? middle[name] * factor : "" }

# A job of microseconds by hand, with one trivial statement for the way to the server.
function small(job) {
  return has(job ".sim") && has(job ".free") && has("trivial") ? middle[job ".sim"] / (middle[job ".free"] + middle["trivial"]) : ""
}

# Time a unit at the larger size against the smaller: 1 is linear.
function slope(name, small_size, large_size) {
  return (name "/" large_size) in engine ? engine[name "/" large_size] / large_size / (engine[name "/" small_size] / small_size) : ""
}

FILENAME == ARGV[1] { values[$1] = values[$1] " " $2; next }
FILENAME == ARGV[2] { latency[++latencies] = $0; next }
/^"/ {
  split($0, field, ",")
  name = field[1]
  gsub(/"/, "", name)
  if (name !~ /_median$/) next
  sub(/_median$/, "", name)
  engine[name] = field[4]
  rate[name] = field[7]
  engine_names[++engines] = name
}

END {
  for (name in values) fill(name)
  sort(engine_names, engines)
  jobs = split("j1b j1n j2 j3 j4 j5", job, " ")

  print ""
  print "Rivals: time over that of C++ written by hand for the job, free to choose, on one thread (seconds in the first row)"
  line = sprintf("%-52s", "")
  for (j = 1; j <= jobs; j++) line = line sprintf("%9s", toupper(job[j]))
  print line
  line = sprintf("%-52s", "C++ by hand, free, one thread: seconds")
  for (j = 1; j <= jobs; j++) line = line sprintf("%9s", has(job[j] ".one") ? sprintf("%.2g", middle[job[j] ".one"]) : "-")
  print line
  rival_row("the same on two threads", "free")
  rival_row("C++ by hand with the same draws, two threads", "same")
  rival_row("pg_simulate's engine without a server, two threads", "engine")
  rival_row("pg_simulate through SQL, two workers", "sim")
  rival_row("pg_simulate through SQL, two threads of the session", "threads")
  rival_row("Numba, two threads", "numba")
  rival_row("NumPy in blocks of 10,000", "numpy")
  rival_row("plpython3u with NumPy", "plpython")
  rival_row("PL/pgSQL loop", "loop")
  rival_row("plain SQL (J1, J5: recursive, J3: all rows together)", "query")
  line = sprintf("%-52s", "spread of pg_simulate's rounds, (max - min) / median")
  for (j = 1; j <= jobs; j++) line = line sprintf("%9s", has(job[j] ".sim") ? sprintf("%.0f %%", 100 * spread[job[j] ".sim"]) : "-")
  print line
  print "J1 in Python by a tenth or fiftieth of the trials, PL/pgSQL and plain SQL by fewer still, scaled linearly."

  print ""
  printf "%-64s %9s %-6s %9s %9s\n", "Figure", "measured", "", "must", "aim"
  for (j = 1; j <= jobs; j++) if (job[j] !~ /j[35]/) figure(toupper(job[j]) " through SQL over C++ with the same draws, two threads", ratio(job[j] ".sim", job[j] ".same"), "x", 1.5, 1.1, -1)
  for (j = 1; j <= jobs; j++) if (job[j] !~ /j[35]/) figure(toupper(job[j]) " through SQL over C++ free to choose, two threads", ratio(job[j] ".sim", job[j] ".free"), "x", 2.5, 1.5, -1)
  figure("J3 through SQL over the C++ loop and a trivial statement", small("j3"), "x", 3, 1.5, -1)
  figure("J5 through SQL over the C++ loop and a trivial statement", small("j5"), "x", 3, 1.5, -1)
  for (j = 1; j <= jobs; j++) if (job[j] !~ /j[35]/) {
    figure(toupper(job[j]) ": NumPy in blocks over SQL", ratio(job[j] ".numpy", job[j] ".sim"), "x", 4, 8, 1)
    figure(toupper(job[j]) ": Numba over SQL", ratio(job[j] ".numba", job[j] ".sim"), "x", 1, 3, 1)
    figure(toupper(job[j]) ": PL/pgSQL over SQL", ratio(job[j] ".loop", job[j] ".sim"), "x", 100, 300, 1)
  }
  figure("SimScan of " costs " costs, no worker over two (leader off)", ratio("scan.0", "scan.2"), "x", 1.8, 1.95, 1)
  figure("SimScan of " paths " paths, no worker over two (leader off)", ratio("paths.0", "paths.2"), "x", 1.8, 1.95, 1)
  figure("warm sim.converge of the cost model, whole statement", times("converge", 1e6), "us", 150, 50, -1)
  figure("100,000 scenarios of the cost model by LATERAL, one core", times("lateral", 1), "s", 0.25, 0.1, -1)
  figure("1,000 scenarios converged, cold session", times("scenarios", 1e3), "ms", 50, 10, -1)
  figure("cyclic model of 387 cells by LATERAL, an input set", times("cycles", 1e3), "ms", 1, 0.1, -1)
  figure("memory of a worker, " memory_trials " trials x 480 steps", times("memory", 1), "MB", 64, 16, -1)
  figure("memory of a worker, 1,000 scenarios x " memory_trials / 50 " trials", times("memory.scenarios", 1), "MB", 64, 16, -1)
  if ("percentiles/10000000" in engine) figure("nine exact percentiles of 1e7 values", engine["percentiles/10000000"] / 1000, "s", 0.15, 0.05, -1)
  figure("time a step, 960 steps over 480", slope("bootstrap_steps", 480, 960), "x", 1.1, 1.05, -1)
  figure("time a trial, 1,048,576 trials over 262,144", slope("trials", 262144, 1048576), "x", 1.1, 1.05, -1)
  figure("time a formula, 10,000 formulas over 5,000", slope("formulas", 5000, 10000), "x", 1.1, 1.05, -1)
  for (i = 1; i <= engines; i++) if (engine_names[i] ~ /^draw\//) figure("draws of " substr(engine_names[i], 6) ", one core", rate[engine_names[i]] / 1e6, "M/s", 50, 200, 1)
  for (i = 1; i <= engines; i++) if (engine_names[i] ~ /^prepare\// && engine[engine_names[i]] > engine[slowest]) slowest = engine_names[i]
  if (slowest) figure("set-up of draws, slowest distribution: " substr(slowest, 9), engine[slowest] / 1e6, "ms", 1, 0.2, -1)

  print ""
  print "Statements that answer at once, milliseconds"
  printf "%-64s %9s %9s %9s %9s\n", "sim.converge of the cost model, scenarios in one call", "mean", "median", "p95", "p99"
  for (i = 1; i <= latencies; i++) {
    split(latency[i], field, " ")
    gsub("_", " ", field[1])
    printf "%-64s %9s %9s %9s %9s\n", "  " field[1], field[2], field[3], field[4], field[5]
  }
  printf "%-64s %9s\n", "sim.monte_carlo of the cost model, 100 trials", has("hundred") ? sprintf("%.3f", 1000 * middle["hundred"]) : "-"
  printf "%-64s %9s\n", "SELECT 1, for comparison", has("trivial") ? sprintf("%.3f", 1000 * middle["trivial"]) : "-"

  print ""
  print "The engine alone, one core"
  for (i = 1; i <= engines; i++) if (engine_names[i] !~ /^(draw|prepare)\//) printf "%-44s %12s items/s\n", engine_names[i], shown(rate[engine_names[i]])
}
