#include "bake/request.hpp"
#include "base/sha256.hpp"

#include <fmt/format.h>

namespace kiln::bake {

namespace {

/// What a command's result hangs on beside the commands. Limits, names, tags and shares do not
/// change what a bootstrap makes.
void add_inputs(
    Sha256& hash, const Request& request, const ImageId& parent, const std::string& content
) {
    hash.field(parent.str()).field(content);
    hash.field(request.size ? std::to_string(request.size->count) : "parent's");
    hash.field(request.network == NetworkPolicy::host ? "host" : "none");
    hash.field(std::to_string(request.environment.size()));
    for (const auto& [name, value] : request.environment) {
        hash.field(name).field(value);
    }
}

void add_command(Sha256& hash, const BootstrapCommand& command) {
    hash.field(command.run).field(command.always ? "always" : "once");
}

}  // namespace

std::string bake_key(const Request& request, const ImageId& parent, const std::string& content) {
    Sha256 hash;
    hash.field("kiln bake key 1");
    add_inputs(hash, request, parent, content);
    hash.field(std::to_string(request.commands.size()));
    for (const auto& command : request.commands) {
        add_command(hash, command);
    }
    hash.field(std::to_string(request.keep.size()));
    for (const auto reset : request.keep) {
        hash.field(std::to_string(static_cast<int>(reset)));
    }
    return hash.finish();
}

std::vector<std::string> checkpoint_keys(
    const Request& request, const ImageId& parent, const std::string& content
) {
    std::vector<std::string> keys;
    Sha256 inputs;
    inputs.field("kiln checkpoint key 1");
    add_inputs(inputs, request, parent, content);
    std::string before = inputs.finish();
    for (const auto& command : request.commands) {
        if (command.always) {
            break;
        }
        Sha256 hash;
        hash.field(before);
        add_command(hash, command);
        keys.push_back(before = hash.finish());
    }
    return keys;
}

}  // namespace kiln::bake
