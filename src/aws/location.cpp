#include "aws/location.hpp"

#include "base/error.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::aws {

namespace {

/// Domains of AWS' partitions. Source: botocore's partitions.json.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kDomains{{
    {"cn-", "amazonaws.com.cn"},
    {"us-isob-", "sc2s.sgov.gov"},
    {"us-isof-", "csp.hci.ic.gov"},
    {"us-iso-", "c2s.ic.gov"},
    {"eusc-", "amazonaws.eu"},
}};

bool is_region(std::string_view text) {
    return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

/// "sqs" -> "SQS", as it stands in names of variables.
std::string upper_case(std::string_view text) {
    std::string out{text};
    for (auto& c : out) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

std::optional<std::string> region_in(const Variables& environment, const Section& profile) {
    for (const auto* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
        if (const auto value = variable(environment, name)) {
            return value;
        }
    }
    return variable(profile, "region");
}

std::string find_region(
    const std::string& wanted, const Variables& environment, const Section& profile
) {
    if (!wanted.empty()) {
        return wanted;
    }
    if (auto region = region_in(environment, profile)) {
        return *region;
    }
    throw Error{ErrorKind::invalid, "no AWS region is set"}.hint(
        "set AWS_REGION, or run: aws configure set region REGION"
    );
}

/// What is configured in place of the service's own endpoint, and by what.
std::optional<std::pair<std::string, std::string>> find_endpoint(
    std::string_view service,
    const Variables& environment,
    const Section& profile,
    const SharedFiles& files
) {
    for (const auto& name :
         {"AWS_ENDPOINT_URL_" + upper_case(service), std::string{"AWS_ENDPOINT_URL"}}) {
        if (const auto value = variable(environment, name)) {
            return std::pair{*value, name};
        }
    }
    if (const auto title = variable(profile, "services")) {
        const auto section = files.config.find("services " + *title);
        const auto key = std::string{service} + ".endpoint_url";
        if (section != files.config.end()) {
            if (const auto value = variable(section->second, key)) {
                return std::pair{*value, fmt::format("[services {}] {}", *title, key)};
            }
        }
    }
    if (const auto value = variable(profile, "endpoint_url")) {
        return std::pair{*value, std::string{"endpoint_url of the profile"}};
    }
    return std::nullopt;
}

std::string checked_endpoint(const std::string& text, const std::string& origin) {
    const auto problem = [&]() -> std::optional<std::string> {
        try {
            const auto url = net::parse_url(text);
            if (url.scheme != "https" && url.scheme != "http") {
                return "it must begin with https:// or http://";
            }
            if (url.path != "/" || !url.query.empty() || !url.user.empty()) {
                return "it must have no path, query or user";
            }
            return std::nullopt;
        } catch (const Error& error) {
            return error.message();
        }
    }();
    if (problem) {
        throw Error{ErrorKind::invalid, fmt::format("{}: {}", origin, *problem)}.hint(
            "write it like https://sqs.eu-west-1.amazonaws.com or http://127.0.0.1:8080"
        );
    }
    return text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

}  // namespace

std::string regional_endpoint(std::string_view service, std::string_view region) {
    std::string_view domain = "amazonaws.com";
    for (const auto& [prefix, other] : kDomains) {
        if (region.starts_with(prefix)) {
            domain = other;
            break;
        }
    }
    return fmt::format("https://{}.{}.{}", service, region, domain);
}

std::optional<std::string> configured_region(
    const Variables& environment, const SharedFiles& files
) {
    return region_in(environment, active_profile(environment, files));
}

Location locate(
    std::string_view service,
    const std::string& region,
    const Variables& environment,
    const SharedFiles& files
) {
    const auto profile = active_profile(environment, files);
    Location out;
    out.region = find_region(region, environment, profile);
    if (!is_region(out.region)) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("'{}' is not an AWS region, like eu-west-1", out.region)};
    }
    const bool ignored =
        variable(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or("") == "true";
    const auto configured =
        ignored ? std::nullopt : find_endpoint(service, environment, profile, files);
    out.endpoint = configured ? checked_endpoint(configured->first, configured->second)
                              : regional_endpoint(service, out.region);
    return out;
}

Location locate_queue(const QueueUrl& url, const Variables& environment, const SharedFiles& files) {
    auto location = locate("sqs", url.region, environment, files);
    if (url.region.empty() && location.endpoint != url.endpoint) {
        throw Error{
            ErrorKind::denied,
            fmt::format("'{}' is neither SQS nor the configured endpoint", url.endpoint)}
            .hint(fmt::format("set AWS_ENDPOINT_URL_SQS={}", url.endpoint));
    }
    return location;
}

}  // namespace kiln::aws
