#pragma once

#include "base/json.hpp"
#include "cli/config.hpp"
#include "cli/verb.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace kiln::cli {

/// The flags of `kiln bake` that make up a request.
[[nodiscard]] const std::vector<Option>& request_options();

/// Is any of them given?
[[nodiscard]] bool has_request_flags(const Arguments& arguments);

/// The request that the flags stand for, as the document that a file would hold. Pure.
/// @throws Error  invalid: every flag whose value is wrong
[[nodiscard]] json::object request_from_flags(const Arguments& arguments);

/// A request document, and the folder that its relative paths start from.
struct RequestDocument {
    json::value document;
    std::filesystem::path base;
    std::string origin;  ///< "request.json", "stdin", "flags"
};

/// What `kiln bake` was given: files, `-` for stdin, or flags. Settings stand in for a deadline
/// and a hang limit that the request does not name; --rebake and its like change each of the files.
/// @param read  reads a file, "-" is stdin
[[nodiscard]] std::vector<RequestDocument> request_documents(
    const Arguments& arguments,
    const Config& config,
    const std::function<std::string(const std::string&)>& read
);

}  // namespace kiln::cli
