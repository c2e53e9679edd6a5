/*
 * fn_change.cpp -- snapshots, locks and names of functions that change a stored model.
 */
#include "fn_change.hpp"

#include <cstring>

#include "settings.hpp"
#include "store_privilege.hpp"
#include "store_sql.hpp"
#include "store_text.hpp"

SIM_SERVER_BEGIN
#include <utils/snapmgr.h>
SIM_SERVER_END

namespace simpg {

namespace {

SqlQuery lock_model = {
    "SELECT FROM sim.stored_models WHERE model_id OPERATOR(pg_catalog.=) $1 FOR UPDATE",
    true,
    1,
    {INT4OID}};

}  // namespace

void begin_change() {
  CommandCounterIncrement();
  PushActiveSnapshot(GetTransactionSnapshot());
}

void end_change() { PopActiveSnapshot(); }

StoredModel begin_model_change(const text* name) {
  begin_change();
  const StoredModel found = load_current_model(name);
  open_sql();
  const Datum arguments[] = {Int32GetDatum(found.id)};
  const bool locked = run_sql(lock_model, arguments) == 1;
  close_sql();
  end_change();
  begin_change();
  const StoredModel model = load_current_model(name);
  // Asked again: it may have been revoked while this waited for the lock.
  if (!locked || !may_edit(model)) {
    refuse_edit(model);
  }
  return model;
}

StoredModel begin_owner_change(const text* name) {
  begin_change();
  require_owner(load_current_model(name));
  end_change();
  const StoredModel model = begin_model_change(name);
  require_owner(model);
  return model;
}

const char* read_new_name(const text* name, const char* argument, const char* what) {
  const char* folded = fold(require_text(name, argument), what);
  if (strchr(folded, '@') != nullptr) {
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("\"%s\" cannot be the name of a %s", folded, what),
                    errdetail("@ stands between the name and the version of a model.")));
  }
  return folded;
}

void report_name_in_use(const char* name, const char* hint) {
  ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("model \"%s\" already exists", name),
                  errhint("%s", hint)));
  pg_unreachable();
}

void check_steps(const sim::ModelDescription& description) {
  if (description.steps > max_steps()) {
    ereport(ERROR,
            (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
             errmsg("the model has " INT64_FORMAT " steps", static_cast<int64>(description.steps)),
             errdetail("sim.max_steps is %d.", max_steps()),
             errhint("Take longer steps, or have a superuser raise the setting.")));
  }
}

}  // namespace simpg
