#include "api/metrics.hpp"

#include <fmt/format.h>

namespace kiln::api {

namespace {

/// Writes one metric after the other.
class Page {
  public:
    void begin(std::string_view name, std::string_view type, std::string_view help) {
        name_ = name;
        text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
    }

    /// @param labels  as they stand between the braces
    template <class Number>
    void sample(Number value, std::string_view labels = {}, std::string_view suffix = {}) {
        const auto braced = labels.empty() ? std::string{} : fmt::format("{{{}}}", labels);
        text_ += fmt::format("{}{}{} {}\n", name_, suffix, braced, value);
    }

    template <class Number>
    void one(std::string_view name, std::string_view type, std::string_view help, Number value) {
        begin(name, type, help);
        sample(value);
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    std::string name_;
    std::string text_;
};

/// A label's value: backslash, quote and line break are escaped.
std::string label(std::string_view name, std::string_view value) {
    std::string text{name};
    text += "=\"";
    for (const char c : value) {
        if (c == '\n') {
            text += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') {
            text += '\\';
        }
        text += c;
    }
    return text + "\"";
}

std::string route_labels(const RouteCounts& counts) {
    return label("method", counts.method) + "," + label("route", counts.route);
}

void add_requests(Page& page, const std::vector<RouteCounts>& routes) {
    page.begin("kiln_http_requests_total", "counter", "Requests answered, by route and status.");
    for (const auto& counts : routes) {
        for (const auto& [status, number] : counts.by_status) {
            page.sample(
                number, route_labels(counts) + "," + label("status", std::to_string(status))
            );
        }
    }
    page.begin(
        "kiln_http_request_seconds",
        "histogram",
        "Time from a request's header to its answer; long polls wait on purpose."
    );
    for (const auto& counts : routes) {
        if (counts.by_status.empty()) {
            continue;
        }
        std::uint64_t sum = 0;
        const auto labels = route_labels(counts);
        for (std::size_t i = 0; i < kLatencyBounds.size(); ++i) {
            sum += counts.latency[i];
            page.sample(
                sum, labels + "," + label("le", fmt::format("{}", kLatencyBounds[i])), "_bucket"
            );
        }
        sum += counts.latency.back();
        page.sample(sum, labels + "," + label("le", "+Inf"), "_bucket");
        page.sample(counts.latency_sum, labels, "_sum");
        page.sample(sum, labels, "_count");
    }
}

void add_server(Page& page, const net::ServerCounters& server) {
    page.one(
        "kiln_http_connections", "gauge", "Connections that are open.", server.connections_open
    );
    page.one(
        "kiln_http_connections_accepted_total",
        "counter",
        "Connections accepted.",
        server.connections_accepted
    );
    page.one("kiln_http_received_bytes_total", "counter", "Bytes received.", server.bytes_received);
    page.one("kiln_http_sent_bytes_total", "counter", "Bytes sent.", server.bytes_sent);
    page.one(
        "kiln_http_waiting_requests",
        "gauge",
        "Requests that wait for a handler thread.",
        server.waiting
    );
    page.one(
        "kiln_http_parked_requests", "gauge", "Requests that wait for an answer.", server.parked
    );
    page.one("kiln_http_streams", "gauge", "Answers that are being streamed.", server.streams);
    page.begin("kiln_http_refused_total", "counter", "Requests over a limit, by that limit.");
    const auto& refused = server.refused;
    for (const auto& [limit, number] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
             {"malformed", refused.malformed},
             {"header_size", refused.header_size},
             {"body_size", refused.body_size},
             {"too_slow", refused.too_slow},
             {"connections", refused.connections},
             {"connections_of_one_address", refused.connections_of_one_address},
             {"waiting", refused.waiting},
             {"memory", refused.memory},
             {"draining", refused.draining}}) {
        page.sample(number, label("limit", limit));
    }
}

void add_queues(Page& page, const std::vector<QueueGauge>& queues) {
    page.begin("kiln_queue_messages", "gauge", "Messages in a queue, by state.");
    for (const auto& queue : queues) {
        const auto name = label("queue", queue.name) + ",";
        page.sample(queue.visible, name + label("state", "visible"));
        page.sample(queue.in_flight, name + label("state", "in_flight"));
        page.sample(queue.delayed, name + label("state", "delayed"));
    }
    page.begin("kiln_queue_oldest_message_seconds", "gauge", "Age of a queue's oldest message.");
    for (const auto& queue : queues) {
        const auto age = queue.oldest_age ? seconds_of(*queue.oldest_age) : 0.0;
        page.sample(age, label("queue", queue.name));
    }
}

void add_executions(Page& page, const ExecutionGauges& executions) {
    page.one("kiln_executions_open", "gauge", "Executions that have not ended.", executions.open);
    page.one(
        "kiln_executions_in_memory",
        "gauge",
        "Open executions that are held in memory.",
        executions.in_memory
    );
    page.one(
        "kiln_execution_events_total",
        "counter",
        "Events of executions' histories.",
        executions.events
    );
    page.one(
        "kiln_execution_commits_total",
        "counter",
        "Commits by which the engine made them durable.",
        executions.commits
    );
    page.one("kiln_execution_tasks", "gauge", "Calls of services under way.", executions.tasks);
}

void add_process(Page& page, const MetricsFacts& facts) {
    page.begin("kiln_build_info", "gauge", "1, with the version.");
    page.sample(1, label("version", facts.version));
    page.one(
        "process_start_time_seconds",
        "gauge",
        "When the process started, in Unix time.",
        seconds_of(facts.started.time_since_epoch())
    );
    page.one(
        "process_resident_memory_bytes",
        "gauge",
        "Memory that the process holds.",
        facts.process.resident_bytes
    );
    page.one("process_open_fds", "gauge", "Open descriptors.", facts.process.open_fds);
    page.one("process_threads", "gauge", "Threads.", facts.process.threads);
    page.one(
        "process_cpu_seconds_total", "counter", "Processor time used.", facts.process.cpu_seconds
    );
}

}  // namespace

std::string metrics_text(const MetricsFacts& facts) {
    Page page;
    add_requests(page, facts.routes);
    add_server(page, facts.server);
    add_queues(page, facts.queues);
    page.begin("kiln_bakes", "gauge", "Bakes on record, by state.");
    for (const auto& [state, number] : facts.bakes) {
        page.sample(number, label("state", state));
    }
    page.one(
        "kiln_bake_event_followers",
        "gauge",
        "Clients that follow the events of a bake.",
        facts.event_followers
    );
    page.one(
        "kiln_store_commits_total",
        "counter",
        "Transactions that the store committed.",
        facts.store_commits
    );
    add_executions(page, facts.executions);
    add_process(page, facts);
    return page.take();
}

}  // namespace kiln::api
