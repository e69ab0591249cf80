#pragma once

#include "net/http.hpp"
#include "net/request_reader.hpp"

#include <optional>

namespace kiln::net {

/// Judges a header that a parser took, by the rules that parsers leave to the server, and settles
/// what has two forms: of a target "http://host/path" the path remains. nullopt: it is good.
[[nodiscard]] std::optional<Refused> settle_header(Request& request, bool http_1_1);

}  // namespace kiln::net
