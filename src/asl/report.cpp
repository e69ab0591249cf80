#include "asl/report.hpp"

#include "base/utf8.hpp"

#include <iterator>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::size_t kMostBytes = 1U << 20;
constexpr std::size_t kLongestKey = 400;  // 80 characters of a name have up to 320 bytes

std::string shown(std::string_view location) {
    return location.empty() ? "/" : std::string{location};
}

}  // namespace

std::string below(std::string_view where, std::string_view key) {
    return key.size() <= kLongestKey
               ? fmt::format("{}/{}", where, key)
               : fmt::format("{}/{}…", where, key.substr(0, utf8_floor(key, kLongestKey)));
}

void Report::schema(std::string message, std::string_view location) {
    error(codes::kSchema, std::move(message), location);
}

void Report::error(std::string_view code, std::string message, std::string_view location) {
    add(states_, {Severity::error, std::string{code}, std::move(message), shown(location)});
}

void Report::warning(std::string_view code, std::string message, std::string_view location) {
    add(states_, {Severity::warning, std::string{code}, std::move(message), shown(location)});
}

void Report::graph(std::string_view code, std::string message, std::string location) {
    add(graph_, {Severity::error, std::string{code}, std::move(message), std::move(location)});
}

void Report::add(std::vector<Diagnostic>& to, Diagnostic diagnostic) {
    const auto error = diagnostic.severity == Severity::error;
    if (bytes_ > kMostBytes && (failed_ || !error)) {
        return;
    }
    bytes_ += diagnostic.code.size() + diagnostic.message.size() + diagnostic.location.size();
    failed_ = failed_ || error;
    to.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Report::take() && {
    auto out = std::move(states_);
    out.insert(
        out.end(), std::make_move_iterator(graph_.begin()), std::make_move_iterator(graph_.end())
    );
    return out;
}

}  // namespace kiln::asl
