#include "machines/definition_text.hpp"

#include "asl/parse.hpp"

namespace kiln::machines {

Result<asl::StateMachinePtr> compile(std::string_view text, MachineType type) {
    const bool express = type == MachineType::express;
    auto parsed = asl::parse_definition(
        text, {.type = express ? asl::MachineType::express : asl::MachineType::standard}
    );
    if (!parsed.machine) {
        return Refusal{"InvalidDefinition", asl::refusal_text(parsed.diagnostics)};
    }
    return std::move(parsed.machine);
}

}  // namespace kiln::machines
