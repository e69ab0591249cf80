#pragma once

#include "ports/queue_store.hpp"
#include "sqlite/database.hpp"

namespace kiln::sqlite {

/// Makes the changes, in their order, inside the caller's transaction.
void make_changes(Database& database, const ports::QueueChanges& changes);

}  // namespace kiln::sqlite
