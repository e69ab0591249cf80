#pragma once

#include "base/json.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace kiln::flow {

/// A JSON document that several states, events and rows share. Never changed, never null where a
/// value is due.
using Payload = std::shared_ptr<const json::value>;

/// The variables of one scope; the scopes around it are its frame's parents'.
using Variables = std::map<std::string, Payload, std::less<>>;
/// Shared until it is changed.
using VariablesPtr = std::shared_ptr<const Variables>;

}  // namespace kiln::flow
