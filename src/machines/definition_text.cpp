#include "machines/definition_text.hpp"

#include "asl/parse.hpp"

namespace kiln::machines {

Result<asl::StateMachinePtr> compile(std::string_view text, MachineType type) {
    auto parsed = asl::parse_definition(text, {.type = type});
    if (!parsed.machine) {
        return Refusal{"InvalidDefinition", asl::refusal_text(parsed.diagnostics)};
    }
    return std::move(parsed.machine);
}

}  // namespace kiln::machines
