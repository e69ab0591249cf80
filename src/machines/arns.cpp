#include "machines/arns.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::machines {

asl::Result<asl::Arn> read_arn(std::string_view text) {
    auto parsed = asl::parse_arn(text);
    if (const auto* const reason = std::get_if<std::string>(&parsed)) {
        return asl::Refusal{"InvalidArn", fmt::format("Invalid Arn: '{}'", *reason)};
    }
    return std::get<asl::Arn>(std::move(parsed));
}

asl::Result<asl::Arn> read_arn(std::string_view text, asl::ArnKind kind) {
    auto read = read_arn(text);
    if (const auto* const arn = std::get_if<asl::Arn>(&read); arn != nullptr && arn->kind != kind) {
        return wrong_resource(arn->kind);
    }
    return read;
}

std::string machine_arn_of(const asl::Arn& arn) {
    return asl::state_machine_arn(arn.place, arn.machine);
}

std::optional<std::int64_t> version_of(const asl::Arn& arn) noexcept {
    std::int64_t number = 0;
    const auto* const end = arn.qualifier.data() + arn.qualifier.size();
    const auto [stopped, failure] = std::from_chars(arn.qualifier.data(), end, number);
    const bool whole = failure == std::errc{} && stopped == end && number > 0;
    return whole ? std::optional{number} : std::nullopt;
}

asl::Refusal wrong_resource(asl::ArnKind kind) {
    return {
        "InvalidArn",
        fmt::format(
            "Invalid Arn: 'Resource type not valid in this context: {}'", asl::to_string(kind)
        )};
}

}  // namespace kiln::machines
