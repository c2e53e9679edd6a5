/*
 * held_relations.cpp -- locks tables until the transaction ends, and tells which files they have.
 */
#include "tracking/held_relations.hpp"

#include <algorithm>

SIM_SERVER_BEGIN
#include <access/parallel.h>
#include <access/relation.h>
#include <storage/lmgr.h>
#include <utils/rel.h>
SIM_SERVER_END

namespace simpg {

namespace {

uint64 rolled_back = 0;

void end_subtransaction(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
  rolled_back += event == SUBXACT_EVENT_ABORT_SUB ? 1 : 0;
}

}  // namespace

void register_held_relations() { RegisterSubXactCallback(end_subtransaction, nullptr); }

LocksTaken take_locks_now() { return {local_transaction(), rolled_back}; }

bool are_held(const LocksTaken& taken) {
  return taken.transaction == local_transaction() && taken.rolled_back == rolled_back;
}

void hold_relations(const Oid* relations, int count) {
  for (int i = 0; i < count; i++) {
    LockRelationOid(relations[i], AccessShareLock);
  }
}

bool are_written(const Oid* relations, int count) {
  if (!TransactionIdIsValid(GetTopTransactionIdIfAny())) {
    return false;
  }
  // The leader has the locks.
  return IsParallelWorker() || std::any_of(relations, relations + count, [](Oid each) {
           Relation relation = RelationIdGetRelation(each);
           if (!RelationIsValid(relation)) {
             return true;
           }
           const bool written = CheckRelationLockedByMe(relation, RowExclusiveLock, true);
           RelationClose(relation);
           return written;
         });
}

void hold_tables(const Oid* relations, const Oid* files, int count) {
  while (count > 0 && !OidIsValid(files[count - 1])) {
    count--;
  }
  hold_relations(relations, count);
}

Oid* files_of(const Oid* relations, int count) {
  Oid* files = static_cast<Oid*>(palloc(sizeof(Oid) * (count + 1)));
  for (int i = 0; i < count; i++) {
    Relation relation = relation_open(relations[i], NoLock);
    files[i] = relation->rd_rel->relfilenode;
    relation_close(relation, NoLock);
  }
  return files;
}

bool hold_in_files(const Oid* relations, const Oid* files, int count) {
  for (int i = 0; i < count; i++) {
    Relation relation = try_relation_open(relations[i], AccessShareLock);
    if (relation == nullptr) {
      return false;
    }
    const bool same = relation->rd_rel->relfilenode == files[i];
    relation_close(relation, NoLock);
    if (!same) {
      return false;
    }
  }
  return true;
}

}  // namespace simpg
