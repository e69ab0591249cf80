#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "os/fd.hpp"
#include "ports/instance_rules.hpp"

namespace kiln::cli::verbs {

namespace {

constexpr std::size_t kMostKey = 64U << 10;

int import(Context& context) {
    const auto key = context.services.machines().keys.import(
        *context.arguments.one("NAME"), os::read_file(*context.arguments.one("FILE"), kMostKey)
    );
    if (context.json) {
        context.output.document(ports::to_json(key));
    } else {
        context.output.line(key.fingerprint);
    }
    return 0;
}

int list(Context& context) {
    const auto keys = context.services.machines().keys.describe({});
    if (context.json) {
        json::array all;
        for (const auto& key : keys) {
            all.push_back(ports::to_json(key));
        }
        context.output.document(all);
        return 0;
    }
    Table table{{{"NAME"}, {"FINGERPRINT"}, {"IMPORTED"}}};
    for (const auto& key : keys) {
        table.add({key.name, key.fingerprint, format_time(key.created).substr(0, 19) + "Z"});
    }
    context.output.print(table.text(context.output.out_terminal()));
    return 0;
}

int rm(Context& context) {
    auto& keys = context.services.machines().keys;
    (void)keys.describe(context.arguments.all("NAME"));  // a name that is not there is an error
    json::array removed;
    for (const auto& name : context.arguments.all("NAME")) {
        keys.remove(name);
        removed.push_back(json::value(name));
    }
    if (context.json) {
        context.output.document({{"removed", std::move(removed)}});
    }
    return 0;
}

}  // namespace

Verb key_import() {
    return {
        .path = "key import",
        .summary = "make an ssh public key known",
        .text = "Prints its fingerprint.",
        .arguments = {{"NAME", "what it is called"}, {"FILE", "an OpenSSH public key, *.pub"}},
        .examples = {{"kiln key import mine ~/.ssh/id_ed25519.pub", "for --key mine"}},
        .needs = Needs::changes,
        .run = import,
    };
}

Verb key_list() {
    return {
        .path = "key list",
        .summary = "list ssh keys",
        .text = "",
        .examples = {{"kiln key list", "which keys there are"}},
        .needs = Needs::store,
        .run = list,
    };
}

Verb key_rm() {
    return {
        .path = "key rm",
        .summary = "forget ssh keys",
        .text = "Instances that have it keep it.",
        .arguments = {{"NAME", "of a key", Argument::Count::some}},
        .examples = {{"kiln key rm mine", "forget it"}},
        .needs = Needs::changes,
        .run = rm,
    };
}

}  // namespace kiln::cli::verbs
