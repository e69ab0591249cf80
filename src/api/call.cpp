#include "api/call.hpp"

#include "base/suggest.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace kiln::api {

Call::Call(
    net::Request request,
    std::string request_id,
    std::map<std::string, std::string, std::less<>> path,
    const std::vector<std::string>& allowed,
    Via via
)
    : request_{std::move(request)},
      request_id_{std::move(request_id)},
      path_{std::move(path)},
      via_{via} {
    std::vector<Problem> problems;
    for (auto& [name, value] : net::parse_form(request_.query())) {
        if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
            problems.push_back({"?" + name, "unknown parameter" + did_you_mean(name, allowed)});
        } else if (!query_.emplace(name, std::move(value)).second) {
            problems.push_back({"?" + name, "given twice"});
        }
    }
    if (!problems.empty()) {
        throw Error{"the query is wrong", std::move(problems)};
    }
}

const std::string& Call::path(std::string_view name) const {
    const auto found = path_.find(name);
    KILN_CHECK(found != path_.end());
    return found->second;
}

std::optional<std::string> Call::query(std::string_view name) const {
    const auto found = query_.find(name);
    return found == query_.end() ? std::nullopt : std::optional{found->second};
}

std::int64_t Call::query_number(
    std::string_view name, std::int64_t low, std::int64_t high, std::int64_t fallback
) const {
    const auto text = query(name);
    if (!text) {
        return fallback;
    }
    std::int64_t number = 0;
    const auto* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, number);
    if (error != std::errc{} || stop != end || number < low || number > high) {
        throw Error{
            "the query is wrong",
            {{fmt::format("?{}", name),
              fmt::format("'{}' is not a whole number from {} to {}", *text, low, high)}}};
    }
    return number;
}

json::value Call::body(std::size_t limit_bytes) const {
    return parse_json(request_.body, limit_bytes);
}

}  // namespace kiln::api
