#pragma once

#include "api/call.hpp"
#include "instances/groups.hpp"

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What requests of the instance API carry. Every fault is told at once. Pure.
namespace kiln::api {

/// A body may be so large.
inline constexpr std::size_t kMostBody = std::size_t{256} << 10;

/// Texts by their name, with '_' for '-': "instance_id" is `instance-id` as well.
using BodyFields = std::map<std::string, std::string, std::less<>>;

/// Reads a form, or a JSON object of texts, whichever the body is ('{' begins it); an empty body
/// has no fields.
/// @throws Error  invalid: neither, an unknown name, one given twice, or a value that is no text
[[nodiscard]] BodyFields read_fields(const Call& call, const std::vector<std::string>& known);

/// "" where it is not given.
[[nodiscard]] std::string field(const BodyFields& fields, std::string_view name);

/// What stands under the one key that a JSON document has: {"instance_builds": …}. One in a list
/// counts as itself.
/// @throws Error  invalid: not that
[[nodiscard]] json::value read_wrapped(const Call& call, std::string_view key);

/// {"min_size", "max_size", "desired_capacity"}, of which one at least.
[[nodiscard]] instances::Resize read_resize(const json::value& body);

/// `?active`, `?active=true`, `?active=false`.
[[nodiscard]] std::optional<bool> flag_of(const Call& call, std::string_view name);

/// The id of a path, if it may be one: 1 to 128 of A-Z a-z 0-9 . _ -.
/// @throws Error  not_found
[[nodiscard]] const std::string& id_of_path(const Call& call, std::string_view what);

}  // namespace kiln::api
