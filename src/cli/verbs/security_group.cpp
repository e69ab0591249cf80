#include "cli/references.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "ports/instance_rules.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

std::uint16_t port_from(std::string_view text, const std::string& rule) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "--allow: '{}' is no rule; they look like tcp:22, tcp:8000-8010:10.0.0.0/8, icmp",
                rule
            )};
    }
    return port;
}

/// "tcp:22", "udp:53-54:10.0.0.0/8", "icmp".
ports::IngressRule rule_from(const std::string& text) {
    ports::IngressRule rule;
    rule.cidr = "0.0.0.0/0";
    const auto first = text.find(':');
    rule.protocol = text.substr(0, first);
    if (first == std::string::npos) {
        return rule;
    }
    auto rest = text.substr(first + 1);
    if (const auto second = rest.find(':'); second != std::string::npos) {
        rule.cidr = rest.substr(second + 1);
        rest.resize(second);
    }
    const auto dash = rest.find('-');
    rule.from_port = port_from(std::string_view{rest}.substr(0, dash), text);
    rule.to_port = dash == std::string::npos
                       ? rule.from_port
                       : port_from(std::string_view{rest}.substr(dash + 1), text);
    return rule;
}

std::string rule_text(const ports::IngressRule& rule) {
    if (rule.protocol == "icmp") {
        return "icmp from " + rule.cidr;
    }
    return rule.from_port == rule.to_port
               ? fmt::format("{} {} from {}", rule.protocol, rule.from_port, rule.cidr)
               : fmt::format(
                     "{} {}-{} from {}", rule.protocol, rule.from_port, rule.to_port, rule.cidr
                 );
}

int create(Context& context) {
    const auto& arguments = context.arguments;
    ports::SecurityGroupSpec spec;
    spec.name = *arguments.one("NAME");
    spec.description = arguments.one_or("description", "");
    for (const auto& rule : arguments.all("allow")) {
        spec.ingress.push_back(rule_from(rule));
    }
    spec.tags = tags_from(arguments.all("tag"));
    const auto group = context.services.machines().groups.create(spec);
    if (context.json) {
        context.output.document(ports::to_json(group));
    } else {
        context.output.line(group.id);
    }
    return 0;
}

int list(Context& context) {
    const auto groups = context.services.machines().groups.describe({});
    if (context.json) {
        json::array all;
        for (const auto& group : groups) {
            all.push_back(ports::to_json(group));
        }
        context.output.document(all);
        return 0;
    }
    Table table{{{"ID"}, {"NAME", false, true}, {"COMES IN", false, true}}};
    for (const auto& group : groups) {
        std::string rules;
        for (const auto& rule : group.ingress) {
            rules += (rules.empty() ? "" : ", ") + rule_text(rule);
        }
        table.add({group.id, group.name, rules.empty() ? "nothing" : rules});
    }
    context.output.print(table.text(context.output.out_terminal()));
    return 0;
}

int rm(Context& context) {
    auto& groups = context.services.machines().groups;
    (void)groups.describe(context.arguments.all("GROUP"));
    json::array removed;
    for (const auto& id : context.arguments.all("GROUP")) {
        groups.remove(id);
        removed.push_back(json::value(id));
    }
    if (context.json) {
        context.output.document({{"removed", std::move(removed)}});
    }
    return 0;
}

}  // namespace

Verb security_group_create() {
    return {
        .path = "security-group create",
        .summary = "say what may come in to instances",
        .text =
            "Prints its id. Whatever no rule lets in stays out; answers to what the instance "
            "asked for come in. Other instances come in only by a rule whose network lies "
            "within theirs.",
        .arguments = {{"NAME", "what it is called"}},
        .options =
            {{.name = "allow",
              .value = "RULE",
              .help = "tcp:22, tcp:8000-8010:10.0.0.0/8, icmp",
              .repeatable = true},
             {.name = "description", .value = "TEXT", .help = "for people"},
             {.name = "tag", .value = "KEY=VALUE", .help = "a tag", .repeatable = true}},
        .examples =
            {{"kiln security-group create web --allow tcp:22 --allow tcp:80", "ssh and http"}},
        .needs = Needs::changes,
        .run = create,
    };
}

Verb security_group_list() {
    return {
        .path = "security-group list",
        .summary = "list security groups",
        .text = "",
        .examples = {{"kiln security-group list", "with their rules"}},
        .needs = Needs::store,
        .run = list,
    };
}

Verb security_group_rm() {
    return {
        .path = "security-group rm",
        .summary = "remove security groups",
        .text = "Refused while an instance has it.",
        .arguments = {{"GROUP", "its id", Argument::Count::some}},
        .examples = {{"kiln security-group rm sg-0123456789abcdef0", "when no instance has it"}},
        .needs = Needs::changes,
        .run = rm,
    };
}

}  // namespace kiln::cli::verbs
