#include "machines/place.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace kiln::machines {

namespace {

asl::Refusal invalid_arn(std::string_view why) {
    return {"InvalidArn", fmt::format("Invalid Arn: '{}'", why)};
}

/// What stands before the first ':', and moves `text` behind it.
std::string_view next_part(std::string_view& text) noexcept {
    const auto part = text.substr(0, text.find(':'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

}  // namespace

std::string Place::machine_arn(std::string_view name) const {
    return fmt::format("arn:{}:states:{}:{}:stateMachine:{}", partition, region, account, name);
}

std::string Place::activity_arn(std::string_view name) const {
    return fmt::format("arn:{}:states:{}:{}:activity:{}", partition, region, account, name);
}

std::optional<std::int64_t> MachineName::version() const noexcept {
    std::int64_t number = 0;
    const auto* const end = qualifier.data() + qualifier.size();
    const auto [stopped, failure] = std::from_chars(qualifier.data(), end, number);
    const bool whole = failure == std::errc{} && stopped == end && number > 0;
    return whole ? std::optional{number} : std::nullopt;
}

asl::Result<Arn> parse_arn(std::string_view text) {
    auto rest = text;
    if (next_part(rest) != "arn") {
        return invalid_arn(fmt::format("Invalid ARN prefix: {}", text));
    }
    const auto partition = next_part(rest);
    const auto service = next_part(rest);
    const auto region = next_part(rest);
    const auto account = next_part(rest);
    const auto type = next_part(rest);
    if (partition.empty() || region.empty() || account.empty() || type.empty() || rest.empty()) {
        return invalid_arn(fmt::format("Invalid ARN: {}", text));
    }
    if (service != "states") {
        return invalid_arn(fmt::format("Invalid ARN service: {}", text));
    }
    return Arn{type, rest};
}

asl::Result<Arn> parse_arn(std::string_view text, std::string_view type) {
    auto parsed = parse_arn(text);
    if (const auto* const arn = std::get_if<Arn>(&parsed); arn != nullptr && arn->type != type) {
        return invalid_arn(fmt::format("Resource type not valid in this context: {}", arn->type));
    }
    return parsed;
}

asl::Result<MachineName> parse_machine_arn(std::string_view text) {
    const auto parsed = parse_arn(text, "stateMachine");
    if (const auto* const refusal = std::get_if<asl::Refusal>(&parsed)) {
        return *refusal;
    }
    const auto full = std::get<Arn>(parsed).rest;
    MachineName found;
    found.name = full.substr(0, full.find_first_of(":/"));
    const auto before = static_cast<std::size_t>(full.data() - text.data());
    found.arn = text.substr(0, before + found.name.size());
    auto rest = full.substr(found.name.size());
    if (rest.starts_with('/')) {
        found.label = rest.substr(1, rest.find(':') - 1);
        rest.remove_prefix(std::min(rest.find(':'), rest.size()));
    }
    if (rest.starts_with(':')) {
        found.qualifier = rest.substr(1);
    }
    if (found.name.empty() || text.ends_with(':') || text.ends_with('/')) {
        return invalid_arn(fmt::format("Invalid ARN: {}", text));
    }
    return found;
}

}  // namespace kiln::machines
