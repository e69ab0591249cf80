#include "instances/init_scripts.hpp"

#include "base/hmac.hpp"
#include "base/random.hpp"
#include "base/sha256.hpp"
#include "template/template.hpp"

#include <fmt/format.h>

namespace kiln::instances {

namespace {

constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kNoDigest =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// The server's address with `x:SECRET@` in it.
std::string with_secret(const std::string& base_url, std::string_view secret) {
    const auto scheme = base_url.find("://");
    if (scheme == std::string::npos) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("'{}' is no address that machines can reach this server by", base_url)}
            .hint("one looks like https://kiln.example.com:8743");
    }
    const auto host = scheme + 3;
    return fmt::format("{}x:{}@{}", base_url.substr(0, host), secret, base_url.substr(host));
}

}  // namespace

std::map<std::string, std::string> script_variables(
    const InstanceBuild& build, std::string_view secret, const ScriptSettings& settings
) {
    const auto& request = build.request;
    const auto base = with_secret(settings.base_url, secret);
    std::map<std::string, std::string> values{
        {"Env", request.env},
        {"Site", request.site},
        {"Queue", request.queue},
        {"Role", request.role},
        {"AMI", build.image},
        {"Count", std::to_string(request.count)},
        {"InstanceType", request.instance_type},
        {"InstanceBuildID", build.id},
        {"InstanceBuildURL", base + "/instance-builds/" + build.id},
        {"InstanceLaunchURL", base + "/instance-launches/" + build.id},
        {"InstanceTerminateURL", base + "/instance-terminations/" + build.id},
        {"InstanceHeartbeatURL", base + "/instance-heartbeats/" + build.id},
        {"SlackChannel", request.slack_channel},
    };
    values.insert(settings.variables.begin(), settings.variables.end());
    return values;
}

std::string render_script(
    const InstanceBuild& build, std::string_view secret, const ScriptSettings& settings
) {
    const auto values = script_variables(build, secret, settings);
    try {
        return templates::Template::parse(settings.source).render({values.begin(), values.end()});
    } catch (const Error& error) {
        throw error.while_("make the init script");
    }
}

std::string user_data(
    const std::string& build, std::string_view secret, const ScriptSettings& settings
) {
    return fmt::format(
        "#include {}/init-scripts/{}\n", with_secret(settings.base_url, secret), build
    );
}

std::string random_secret() {
    std::string secret;
    std::uint32_t bits = 0;
    int held = 0;
    for (const auto byte : random_bytes<32>()) {
        bits = (bits << 8) | byte;
        for (held += 8; held >= 6; held -= 6) {
            secret += kUrlAlphabet[(bits >> (held - 6)) & 63U];
        }
    }
    secret += kUrlAlphabet[(bits << (6 - held)) & 63U];
    return secret;
}

ports::InitScriptRow make_script(
    const InstanceBuild& build, const ScriptSettings& settings, std::string secret, TimePoint now
) {
    auto script = render_script(build, secret, settings);
    auto digest = sha256(secret);
    return {
        .build = build.id,
        .digest = std::move(digest),
        .secret = std::move(secret),
        .script = std::move(script),
        .expires = now + settings.expiry,
        .created = now};
}

bool secret_matches(
    const std::optional<ports::InitScriptRow>& row, std::string_view secret
) noexcept {
    // No digest is all zeros, so that what is compared with it is never equal.
    const std::string_view expected = row ? std::string_view{row->digest} : kNoDigest;
    return equal_in_constant_time(sha256(secret), expected);
}

std::optional<std::string> readable_script(
    const std::optional<ports::InitScriptRow>& row, TimePoint now
) {
    if (!row || row->script.empty() || now >= row->expires) {
        return std::nullopt;
    }
    return row->script;
}

}  // namespace kiln::instances
