#include "asl/arn.hpp"

#include "asl/characters.hpp"
#include "base/utf8.hpp"

#include <array>
#include <vector>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::array<std::string_view, 5> kKinds{
    "stateMachine", "execution", "express", "activity", "mapRun"};

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t start = 0;;) {
        const auto colon = text.find(':', start);
        parts.push_back(text.substr(start, colon - start));
        if (colon == std::string_view::npos) {
            return parts;
        }
        start = colon + 1;
    }
}

std::string base(const ArnPlace& place, ArnKind kind) {
    return fmt::format(
        "arn:{}:states:{}:{}:{}:", place.partition, place.region, place.account, to_string(kind)
    );
}

/// MACHINE or MACHINE/LABEL
void put_machine(Arn& arn, std::string_view text) {
    const auto slash = text.find('/');
    arn.machine = text.substr(0, slash);
    arn.label = slash == std::string_view::npos ? "" : text.substr(slash + 1);
}

/// The parts behind the kind. False: their number is not the kind's.
bool put_resource(Arn& arn, const std::vector<std::string_view>& parts) {
    const auto count = parts.size() - 6;
    switch (arn.kind) {
        case ArnKind::state_machine:
            put_machine(arn, parts[6]);
            arn.qualifier = count == 2 ? parts[7] : "";
            return count == 1 || (count == 2 && arn.label.empty() && !parts[7].empty());
        case ArnKind::execution:
            put_machine(arn, parts[6]);
            arn.name = count == 2 ? parts[7] : "";
            return count == 2 && !arn.name.empty();
        case ArnKind::express_execution:
            put_machine(arn, parts[6]);
            if (count == 3) {
                arn.name = parts[7];
                arn.id = parts[8];
            }
            return count == 3 && !arn.name.empty() && !arn.id.empty();
        case ArnKind::activity:
            arn.name = parts[6];
            return count == 1;
        case ArnKind::map_run:
            put_machine(arn, parts[6]);
            arn.id = count == 2 ? parts[7] : "";
            return count == 2 && !arn.label.empty() && !arn.id.empty();
    }
    return false;
}

}  // namespace

std::string_view to_string(ArnKind kind) noexcept {
    return kKinds.at(static_cast<std::size_t>(kind));
}

std::string to_string(const Arn& arn) {
    auto out = base(arn.place, arn.kind) + arn.machine;
    if (!arn.label.empty()) {
        out += '/' + arn.label;
    }
    if (arn.kind == ArnKind::activity) {
        return out + arn.name;
    }
    for (const auto* part : {&arn.qualifier, &arn.name, &arn.id}) {
        if (!part->empty()) {
            out += ':' + *part;
        }
    }
    return out;
}

std::variant<Arn, std::string> parse_arn(std::string_view text) {
    const auto parts = split(text);
    if (parts.size() < 2 || parts[0] != "arn" || parts[1].substr(0, 3) != "aws") {
        return fmt::format("Invalid ARN prefix: {}", text);
    }
    if (parts.size() < 7 || parts[2] != "states") {
        return fmt::format("Invalid ARN: {}", text);
    }
    Arn arn{{std::string{parts[1]}, std::string{parts[3]}, std::string{parts[4]}}};
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
        if (parts[5] == kKinds.at(kind)) {
            arn.kind = static_cast<ArnKind>(kind);
            const auto fits = put_resource(arn, parts);
            const auto& first = arn.kind == ArnKind::activity ? arn.name : arn.machine;
            if (!fits || first.empty()) {
                return fmt::format("Invalid ARN: {}", text);
            }
            return arn;
        }
    }
    return fmt::format("Resource type not valid in this context: {}", parts[5]);
}

std::string state_machine_arn(const ArnPlace& place, std::string_view name) {
    return base(place, ArnKind::state_machine).append(name);
}

std::string version_arn(const ArnPlace& place, std::string_view machine, std::int64_t version) {
    return fmt::format("{}:{}", state_machine_arn(place, machine), version);
}

std::string alias_arn(const ArnPlace& place, std::string_view machine, std::string_view alias) {
    return fmt::format("{}:{}", state_machine_arn(place, machine), alias);
}

std::string execution_arn(const ArnPlace& place, std::string_view machine, std::string_view name) {
    return fmt::format("{}{}:{}", base(place, ArnKind::execution), machine, name);
}

std::string express_execution_arn(
    const ArnPlace& place, std::string_view machine, std::string_view name, std::string_view uuid
) {
    return fmt::format("{}{}:{}:{}", base(place, ArnKind::express_execution), machine, name, uuid);
}

std::string activity_arn(const ArnPlace& place, std::string_view name) {
    return base(place, ArnKind::activity).append(name);
}

std::string map_run_arn(
    const ArnPlace& place, std::string_view machine, std::string_view label, std::string_view uuid
) {
    return fmt::format("{}{}/{}:{}", base(place, ArnKind::map_run), machine, label, uuid);
}

bool is_forbidden_in_names(char32_t character) noexcept {
    if (character <= 0x20U || (character >= 0x7FU && character <= 0xA0U)) {
        return true;
    }
    if (character == 0x1680U || (character >= 0x2000U && character <= 0x200AU) ||
        character == 0x2028U || character == 0x2029U || character == 0x202FU ||
        character == 0x205FU || character == 0x3000U) {
        return true;  // white space of Unicode
    }
    return character < 0x80U &&
           std::string_view{"<>{}[]?*\"#%\\^|~`$&,;:/"}.find(static_cast<char>(character)) !=
               std::string_view::npos;
}

bool is_name(std::string_view text, std::size_t longest) {
    return !text.empty() && is_utf8(text) && count_characters(text) <= longest &&
           all_characters(text, [](char32_t code) { return !is_forbidden_in_names(code); });
}

}  // namespace kiln::asl
