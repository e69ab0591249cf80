#include "release_probe.hpp"

#include "aws/credentials.hpp"
#include "aws/location.hpp"
#include "aws/shared_config.hpp"
#include "cli/config.hpp"
#include "os/spawn.hpp"
#include "server_access.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace kiln {

namespace {

constexpr std::chrono::seconds kPatience{60};  // a function has 120 s for all that it does
constexpr unsigned kNotFound = 404;
constexpr unsigned kNoMoreGood = 300;

bool is_redirect(unsigned status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

std::pair<std::string, std::string> parse_s3_url(const std::string& url) {
    constexpr std::string_view kScheme = "s3://";
    const auto slash = url.find('/', kScheme.size());
    if (!url.starts_with(kScheme) || slash == std::string::npos || slash == kScheme.size() ||
        slash + 1 == url.size()) {
        throw Error{ErrorKind::invalid, fmt::format("'{}' is not s3://BUCKET/KEY", url)};
    }
    return {url.substr(kScheme.size(), slash - kScheme.size()), url.substr(slash + 1)};
}

int ReleaseProbe::command(
    const std::string& text, const release::Templates& environment, const std::stop_token& stop
) {
    os::Command command;
    command.argv = {"/bin/sh", "-c", text};
    command.clear_environment = true;
    command.environment = {
        {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}};
    command.environment.insert(command.environment.end(), environment.begin(), environment.end());
    const auto ran = os::run_captured(std::move(command), Deadline::after(kPatience), stop);
    if (ran.status.signal != 0) {
        throw Error{
            ErrorKind::unavailable,
            fmt::format("should_run: the command ended with {}", ran.status.describe())};
    }
    return ran.status.code;
}

net::ClientResponse ReleaseProbe::get(std::string url, const std::stop_token& stop) {
    constexpr int kMostRedirects = 5;
    for (int redirects = 0;; ++redirects) {
        net::ClientRequest request;
        request.url = url;
        request.deadline = Deadline::after(kPatience);
        auto response = http_.send(request, stop);
        const auto to = response.headers.value_or("Location", "");
        // Only whole URLs are followed: that is what servers of files send.
        const bool whole = to.starts_with("http://") || to.starts_with("https://");
        if (!is_redirect(response.status) || !whole || redirects == kMostRedirects) {
            return response;
        }
        url = to;
    }
}

int ReleaseProbe::http_status(const std::string& url, const std::stop_token& stop) {
    return static_cast<int>(get(url, stop).status);
}

std::string ReleaseProbe::text(const std::string& url, const std::stop_token& stop) {
    auto response = get(url, stop);
    if (response.status >= kNoMoreGood) {
        throw Error{
            response.status == kNotFound ? ErrorKind::not_found : ErrorKind::unavailable,
            fmt::format("{} answered {}", url, response.status)};
    }
    return std::move(response.body);
}

bool ReleaseProbe::object_exists(const std::string& url, const std::stop_token& stop) {
    constexpr std::string_view kFile = "file://";
    if (url.starts_with(kFile)) {
        return std::filesystem::exists(url.substr(kFile.size()));
    }
    if (!url.starts_with("s3://")) {
        const auto status = get(url, stop).status;
        if (status != kNotFound && status >= kNoMoreGood) {
            throw Error{ErrorKind::unavailable, fmt::format("{} answered {}", url, status)};
        }
        return status != kNotFound;
    }
    const auto [bucket, key] = parse_s3_url(url);
    // The key itself is the first of those that begin with it.
    const auto outcome = s3().list(bucket, key, {}, stop);
    if (const auto* failure = std::get_if<aws::S3Failure>(&outcome)) {
        throw Error{
            failure->status == 403 ? ErrorKind::denied : ErrorKind::unavailable,
            fmt::format("look for {}: {} ({})", url, failure->message, failure->code)};
    }
    const auto& objects = std::get<aws::S3Listing>(outcome).objects;
    return std::ranges::any_of(objects, [&](const auto& object) { return object.key == key; });
}

aws::S3Client& ReleaseProbe::s3() {
    const std::lock_guard lock{mutex_};
    if (!s3_) {
        aws::Variables environment;
        for (auto& [name, value] : cli::environment()) {
            environment.insert_or_assign(std::move(name), std::move(value));
        }
        const auto files = aws::read_shared_files(environment);
        const auto region = aws::configured_region(environment, files);
        s3_.emplace(
            aws::locate("s3", region.value_or(std::string{kRegion}), environment, files),
            aws::ClientWorld{
                .transport = aws::http_transport({.plain = net::PlainHttp::anywhere}),
                .clock = clock_,
                .credentials = aws::find_credentials(environment, files)}
        );
    }
    return *s3_;
}

}  // namespace kiln
