#include "instances/names.hpp"

#include "base/suggest.hpp"
#include "template/template.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::instances {

namespace {

constexpr std::size_t kLongest = 255;  ///< EC2's, of a tag's value
constexpr std::string_view kPrefix = "i-";
constexpr std::size_t kShortId = 8;

std::string render(const InstanceBuild& build, const std::string& id, const std::string& digits) {
    const auto& request = build.request;
    auto name = templates::Template::parse(request.name_template)
                    .render({
                        {"Site", request.site},
                        {"Env", request.env},
                        {"Queue", request.queue},
                        {"Role", request.role},
                        {"AMI", build.image},
                        {"InstanceType", request.instance_type},
                        {"InstanceBuildID", build.id},
                        {"InstanceID", id},
                        {"InstanceIDWithoutPrefix", digits},
                    });
    name.resize(std::min(name.size(), kLongest));
    return name;
}

}  // namespace

std::optional<std::string> name_template_problem(const std::string& source) {
    if (source.size() > kLongest) {
        return fmt::format("must be at most {} bytes", kLongest);
    }
    if (std::any_of(source.begin(), source.end(), [](unsigned char c) {
            return c < 0x20 || c >= 0x7f;
        })) {
        return "must be printable ASCII";
    }
    try {
        const std::vector<std::string> known{kNameVariables.begin(), kNameVariables.end()};
        for (const auto& name : templates::Template::parse(source).names()) {
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                return fmt::format(
                    "asks for {{{{.{}}}}}, which a name does not have{}; it has {}",
                    name,
                    did_you_mean(name, known),
                    fmt::join(known, ", ")
                );
            }
        }
    } catch (const Error& error) {
        return error.message();
    }
    return std::nullopt;
}

std::string name_before_launch(const InstanceBuild& build) {
    return render(build, build.id, build.id.substr(0, kShortId));
}

std::string name_of(const InstanceBuild& build, const std::string& instance) {
    const auto digits = instance.starts_with(kPrefix) ? instance.substr(kPrefix.size()) : instance;
    return render(build, instance, digits);
}

}  // namespace kiln::instances
