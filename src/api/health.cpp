#include "api/health.hpp"

#include <memory>

namespace kiln::api {

namespace {

/// Anybody may ask: the answer says no more than that the store fails, the log says why.
void answer_health(const ServerFacts& facts, Reply& reply) {
    try {
        facts.check();
    } catch (const Error& error) {
        reply.send(503, {{"status", "failing"}, {"kind", to_string(error.kind())}});
        return;
    }
    reply.send(200, {{"status", "ok"}});
}

void answer_metrics(const ServerFacts& facts, Reply& reply) {
    // std::function wants what it holds to be copied, which a reply is not.
    facts.metrics([held = std::make_shared<Reply>(std::move(reply))](const MetricsFacts& found) {
        held->text(200, metrics_text(found), kMetricsType);
    });
}

}  // namespace

std::vector<Route> health_routes(ServerFacts facts) {
    const auto shared = std::make_shared<const ServerFacts>(std::move(facts));
    return {
        {"GET",
         "/healthz",
         {},
         Access::open,
         [shared](Call&, Reply& reply) { answer_health(*shared, reply); }},
        {"GET",
         "/metrics",
         {},
         Access::token,
         [shared](Call&, Reply& reply) { answer_metrics(*shared, reply); }},
        {"GET",
         "/v1/version",
         {},
         Access::token,
         [shared](Call&, Reply& reply) {
             reply.send(200, {{"name", "kiln"}, {"version", shared->version}, {"api", "v1"}});
         }},
    };
}

}  // namespace kiln::api
