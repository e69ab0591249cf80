#pragma once

#include "ports/flow_store.hpp"
#include "sqlite/database.hpp"

namespace kiln::sqlite {

/// Makes the changes in their order, within the caller's transaction.
void make_changes(Database& database, const ports::FlowChanges& changes);

}  // namespace kiln::sqlite
