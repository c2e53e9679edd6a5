/*
 * binding_state.hpp -- whether changes of what a binding reads are seen, and why not.
 *
 * Nothing is stored of it: the state is what the catalogs say now.
 */
#pragma once

#include "tracking/view_sources.hpp"

namespace simpg {

enum class BindingState {
  tracked,    // no change goes unseen
  untracked,  // some might: its rows are read at each use
  broken      // what it reads is gone or replaced by something else of the name
};

struct StateReport {
  BindingState state;
  const char* reason;   // null when tracked
  ViewSources sources;  // none when broken
};

/* Whose the sources of a binding were when it was bound, and who bound it. */
struct BoundOwners {
  ArrayType* owners;  // regrole[], one for each name
  Oid binder;
};

/* `names` are the qualified names of what the binding's query reads, as they were when it was
 * bound: a text[]. */
StateReport report_state(Oid view, ArrayType* names);

/* Why the binding is broken, though its view may be there; null where the view alone is missing. */
const char* why_broken(Oid view, ArrayType* names);

/* Whether the binder lets what has now this owner take the place of what belonged to the other: it
 * is the same, a superuser, or a role that the binder is a member of. */
bool is_trusted(Oid binder, Oid owner, Oid before);

/* A phrase on the first name whose owner is not trusted, where the view is gone though all names
 * are there: no rebinding has happened for it. Null: none, or not so. */
const char* why_not_made_again(Oid view, ArrayType* names, const BoundOwners& bound);

/* Null, or the event trigger without which changes of definitions go unseen: it is disabled. */
const char* disabled_event_trigger();

/* The tables whose changes tell that the view may give other rows: its tables with all that are
 * related to them. */
List* followed_tables(const ViewSources& sources);

}  // namespace simpg
