#include "asl/report.hpp"

#include <iterator>

namespace kiln::asl {

void Report::schema(std::string message, std::string_view location) {
    error(codes::kSchema, std::move(message), location);
}

void Report::error(std::string_view code, std::string message, std::string_view location) {
    add(Severity::error, code, std::move(message), location);
}

void Report::warning(std::string_view code, std::string message, std::string_view location) {
    add(Severity::warning, code, std::move(message), location);
}

void Report::graph(std::string_view code, std::string message, std::string location) {
    graph_.push_back({Severity::error, std::string{code}, std::move(message), std::move(location)});
}

void Report::add(
    Severity severity, std::string_view code, std::string message, std::string_view where
) {
    states_.push_back(
        {severity, std::string{code}, std::move(message), where.empty() ? "/" : std::string{where}}
    );
}

std::vector<Diagnostic> Report::take() && {
    auto out = std::move(states_);
    out.insert(
        out.end(), std::make_move_iterator(graph_.begin()), std::make_move_iterator(graph_.end())
    );
    return out;
}

}  // namespace kiln::asl
