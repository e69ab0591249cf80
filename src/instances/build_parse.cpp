#include "instances/build.hpp"
#include "instances/fields.hpp"

#include <fmt/format.h>

namespace kiln::instances {

namespace {

using Need = ObjectReader::Need;

constexpr std::size_t kMostAlternatives = 20;
constexpr std::int64_t kLongestLife = std::int64_t{60} * 60 * 24 * 366;  ///< seconds

Alternative read_alternative(
    const json::value& value,
    const std::string& where,
    const BuildRequest& request,
    std::vector<Problem>& problems
) {
    ObjectReader reader{value, where, problems};
    Alternative one;
    one.type = fields::word(reader, "instance_type");
    if (one.type.empty()) {
        one.type = request.instance_type;
    }
    one.zone = fields::word(reader, "zone");
    one.spot = reader.boolean("spot").value_or(false);
    reader.finish();
    return one;
}

void read_alternatives(
    ObjectReader& reader, BuildRequest& request, std::vector<Problem>& problems
) {
    const auto* all = reader.array("alternatives");
    if (all == nullptr) {
        request.alternatives = {{.type = request.instance_type, .zone = "", .spot = false}};
        return;
    }
    if (all->empty() || all->size() > kMostAlternatives) {
        reader.complain(
            "alternatives", fmt::format("must be 1 to {}, or left out", kMostAlternatives)
        );
        return;
    }
    for (std::size_t i = 0; i < all->size(); ++i) {
        request.alternatives.push_back(read_alternative(
            (*all)[i], fmt::format("{}[{}]", reader.path("alternatives"), i), request, problems
        ));
    }
}

void fill_in(BuildRequest& request, const BuildDefaults& defaults) {
    const auto fill = [](std::string& field, const std::string& otherwise) {
        if (field.empty()) {
            field = otherwise;
        }
    };
    fill(request.role, defaults.role);
    fill(request.name_template, defaults.name_template);
    fill(request.slack_channel, defaults.slack_channel);
    fill(request.key_name, defaults.key_name);
    if (!request.lifetime) {
        request.lifetime = defaults.lifetime;
    }
}

}  // namespace

BuildRequest parse_build(const json::value& body, const BuildDefaults& defaults) {
    std::vector<Problem> problems;
    BuildRequest request;
    ObjectReader reader{body, "instance_builds", problems};
    if (body.is_object()) {
        request.site = fields::word(reader, "site", Need::required);
        request.env = fields::word(reader, "env", Need::required);
        request.queue = fields::word(reader, "queue", Need::required);
        request.role = fields::word(reader, "role");
        request.instance_type = fields::word(reader, "instance_type", Need::required);
        request.count = reader.integer("count", 1, defaults.most, Need::required).value_or(1);
        request.ami = fields::id(reader, "ami", "ami-");
        request.name_template = fields::name_template(reader, "name_template");
        request.slack_channel = fields::channel(reader, "slack_channel");
        request.security_group_id = fields::id(reader, "security_group_id", "sg-");
        request.subnet_id = fields::id(reader, "subnet_id", "subnet-");
        request.boot_instance = reader.boolean("boot_instance").value_or(true);
        request.key_name = fields::word(reader, "key_name");
        request.lifetime = fields::seconds(reader, "lifetime_seconds", 60, kLongestLife);
        read_alternatives(reader, request, problems);
        reader.finish();
    }
    if (!problems.empty()) {
        throw Error{"bad instance build", std::move(problems)};
    }
    fill_in(request, defaults);
    return request;
}

}  // namespace kiln::instances
