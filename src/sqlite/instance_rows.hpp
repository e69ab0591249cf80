#pragma once

#include "ports/instance_store.hpp"
#include "sqlite/database.hpp"

#include <string>

/// How instances, keys and groups stand in rows. All run inside the caller's transaction.
namespace kiln::sqlite {

/// Columns that nothing looks for are one JSON text.
[[nodiscard]] std::string instance_facts(const ports::InstanceRecord& record);

/// The columns id, place, revision, state, client_token, private_ip, facts. Without tags.
/// @throws Error  corrupt
[[nodiscard]] ports::InstanceRecord read_instance(const Statement& row);

void insert_instance(Database& database, const ports::InstanceRecord& record);

[[nodiscard]] std::string rules_text(const std::vector<ports::IngressRule>& rules);
[[nodiscard]] std::vector<ports::IngressRule> read_rules(const json::value& text);

}  // namespace kiln::sqlite
