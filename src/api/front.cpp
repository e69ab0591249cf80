#include "api/front.hpp"

#include "base/ids.hpp"
#include "base/log.hpp"

#include <fmt/format.h>

namespace kiln::api {

namespace {

constexpr std::size_t kLongestShown = 200;

/// The routes by their index, then AWS', then what no route knows.
std::vector<std::pair<std::string, std::string>> counted(const Router& router) {
    std::vector<std::pair<std::string, std::string>> routes;
    for (const auto& route : router.routes()) {
        routes.emplace_back(route.method, route.pattern);
    }
    routes.emplace_back("POST", "aws");
    routes.emplace_back("", "unknown");
    return routes;
}

/// Printable ASCII, not too long: a log line is a line.
std::string plain(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, kLongestShown)) {
        out += c > ' ' && c <= '~' ? c : '?';
    }
    return out;
}

/// What the log needs of a request that was handed on.
struct Seen {
    std::string method, target, peer;
};

void log_answer(
    const Seen& seen, const net::Response& head, std::size_t bytes, std::chrono::nanoseconds took
) {
    constexpr double kMilliseconds = 1e-6;
    auto id = head.headers.find("X-Request-Id");
    if (!id) {
        id = head.headers.find("x-amzn-RequestId");
    }
    log_info(
        "request",
        {{"method", seen.method},
         {"target", seen.target},
         {"status", std::to_string(head.status)},
         {"ms", fmt::format("{:.3f}", kMilliseconds * static_cast<double>(took.count()))},
         {"bytes", std::to_string(bytes)},
         {"peer", seen.peer},
         {"id", std::string{id.value_or("")}}}
    );
}

}  // namespace

std::string shown_target(const net::Request& request) {
    auto shown = plain(request.path());
    char separator = '?';
    for (const auto& [name, value] : net::parse_form(request.query())) {
        shown += separator + plain(name) + (value.empty() ? "" : "=…");
        separator = '&';
    }
    return shown;
}

Front::Front(const Router& router, const AwsPart& aws, AccessLog log)
    : router_{router}, aws_{aws}, log_{log}, counters_{counted(router)} {}

std::size_t Front::route_of(const net::Request& request, bool aws) const {
    const auto known = router_.routes().size();
    return aws ? known : router_.find(request.method, request.path()).value_or(known + 1);
}

void Front::handle(net::Request request, net::Responder responder) {
    const bool aws = aws_.claims(request);
    const auto route = route_of(request, aws);
    std::shared_ptr<const Seen> seen;
    if (log_ == AccessLog::yes) {
        seen = std::make_shared<const Seen>(Seen{
            plain(request.method), shown_target(request), request.peer});
    }
    responder.observe([this, route, seen, received = request.received](const net::Response& head) {
        const auto took = std::chrono::steady_clock::now() - received;
        counters_.count(route, head.status, took);
        if (seen) {
            log_answer(*seen, head, head.body.size(), took);
        }
    });
    if (aws) {
        aws_.handle(std::move(request), std::move(responder));
        return;
    }
    router_.handle(std::move(request), std::move(responder), random_id("req-"));
}

}  // namespace kiln::api
