#include "cli/references.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

int show(Context& context) {
    const auto shown = context.settings.shown();
    if (context.json) {
        json::object all;
        for (const auto& one : shown) {
            all[one.name] = json::object{{"value", one.json}, {"from", one.origin}};
        }
        context.output.document(all);
        return 0;
    }
    Table table{{{"SETTING"}, {"VALUE", false, true}, {"FROM", false, true}}};
    for (const auto& one : shown) {
        table.add({one.name, one.value, one.origin});
    }
    context.output.print(table.text(context.output.out_terminal()));
    return 0;
}

int list(Context& context) {
    const auto declared = declared_settings(this_host());
    if (context.json) {
        json::array all;
        for (const auto& setting : declared) {
            all.push_back(
                {{"name", setting.name},
                 {"default", setting.fallback},
                 {"variable", environment_name(setting)},
                 {"help", setting.help}}
            );
        }
        context.output.document(all);
        return 0;
    }
    Table table{{{"SETTING"}, {"DEFAULT", false, true}, {"VARIABLE"}, {"MEANING", false, true}}};
    for (const auto& setting : declared) {
        table.add({setting.name, setting.fallback, environment_name(setting), setting.help});
    }
    context.output.print(table.text(context.output.out_terminal()));
    return 0;
}

int reference(Context& context) {
    context.output.print(settings_reference(declared_settings(this_host())));
    return 0;
}

}  // namespace

Verb config_show() {
    return {
        .path = "config show",
        .summary = "show the settings in force and where each comes from",
        .text =
            "In rising order of force: defaults, the file (--config, else kiln.toml in the home "
            "folder, else "
            "/etc/kiln/kiln.toml), environment (KILN_BAKE_CONCURRENCY), flags (--set "
            "bake.concurrency=4). "
            "Secrets are masked.",
        .examples = {{"kiln config show --set bake.concurrency=4", "what a flag changes"}},
        .needs = Needs::nothing,
        .run = show,
    };
}

Verb config_list() {
    return {
        .path = "config list",
        .summary = "list every setting there is",
        .text = "",
        .examples = {{"kiln config list", "names, defaults, variables, meanings"}},
        .needs = Needs::nothing,
        .run = list,
    };
}

Verb config_reference() {
    return {
        .path = "config reference",
        .summary = "print the reference of all settings as markdown",
        .text = "",
        .examples = {{"kiln config reference > docs/settings.md", "how the page in docs is made"}},
        .needs = Needs::nothing,
        .run = reference,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
