#include "flow/engine/map_results.hpp"

#include "base/time.hpp"
#include "flow/engine/views.hpp"
#include "flow/json_text.hpp"
#include "flow/state_failure.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::flow {

namespace {

/// What one file holds, about.
constexpr std::size_t kFileBytes = 16U << 20;

/// The object that stands for a child in a result file.
json::object describe(const ports::ExecutionRow& row, TimePoint now) {
    const auto view = view_of(row, now);
    json::object child{
        {"ExecutionArn", row.arn},
        {"Input", row.input},
        {"InputDetails", {{"Included", true}}},
        {"Name", row.name},
    };
    if (row.error) {
        child["Error"] = *row.error;
    }
    if (row.cause) {
        child["Cause"] = *row.cause;
    }
    if (!row.output.empty()) {
        child["Output"] = row.output;
        child["OutputDetails"] = {{"Included", true}};
    }
    child["RedriveCount"] = view.redrives;
    child["RedriveStatus"] = view.redrive_status;
    if (!view.redrive_status_reason.empty()) {
        child["RedriveStatusReason"] = view.redrive_status_reason;
    }
    child["StartDate"] = format_time(row.started);
    child["StateMachineArn"] = row.machine;
    child["Status"] = row.status;
    if (row.stopped) {
        child["StopDate"] = format_time(*row.stopped);
    }
    return child;
}

/// What a child gave: its output, or why there is none.
json::value result_of(const ports::ExecutionRow& row) {
    if (!row.output.empty()) {
        return *parse_payload(row.output);
    }
    json::object failure;
    if (row.error) {
        failure["Error"] = *row.error;
    }
    if (row.cause) {
        failure["Cause"] = *row.cause;
    }
    return failure;
}

/// A member of UUID/manifest.json's Bucket and Prefix.
std::string text_at(const Payload& parameters, std::string_view name) {
    const auto* const object = parameters != nullptr ? parameters->if_object() : nullptr;
    const auto* const value = object != nullptr ? object->if_contains(name) : nullptr;
    return value != nullptr && value->is_string() ? std::string{value->as_string()} : "";
}

/// Results of one outcome, file by file: SUCCEEDED_0.json, SUCCEEDED_1.json …
class Files {
  public:
    Files(const ResultOrder& order, ItemSource& to, std::string folder, std::string_view outcome)
        : order_{order}, to_{to}, folder_{std::move(folder)}, outcome_{outcome} {}

    void add(const json::value& value) {
        if (!text_.empty()) {
            text_ += order_.lines ? "\n" : ",";
        }
        write_json(value, text_);
        if (text_.size() >= kFileBytes) {
            flush();
        }
    }

    /// {"Key":…,"Size":…} of each file.
    json::array finish(const std::string& prefix) {
        flush();
        json::array files;
        for (const auto& [name, size] : written_) {
            files.push_back(json::object{{"Key", prefix + name}, {"Size", size}});
        }
        return files;
    }

  private:
    void flush() {
        if (text_.empty()) {
            return;
        }
        const auto name = fmt::format(
            "{}/{}_{}.{}", folder_, outcome_, written_.size(), order_.lines ? "jsonl" : "json"
        );
        const auto text = order_.lines ? text_ + "\n" : "[" + text_ + "]";
        text_.clear();
        to_.write(*order_.writer_parameters, name, text);
        written_.emplace_back(name, text.size());
    }

    const ResultOrder& order_;
    ItemSource& to_;
    std::string folder_, outcome_;
    std::string text_;
    std::vector<std::pair<std::string, std::size_t>> written_;
};

/// Adds a child's result as the transformation wants it.
template <class Add>
void add_shaped(const ResultOrder& order, const ports::ExecutionRow& row, const Add& add) {
    if (order.transformation == Transformation::none) {
        return add(describe(row, TimePoint{}));
    }
    auto value = result_of(row);
    if (order.transformation == Transformation::flatten && value.is_array()) {
        for (const auto& each : value.as_array()) {
            add(each);
        }
        return;
    }
    add(value);
}

MapRunResult as_result(const ResultOrder& order, const VisitChildren& visit) {
    if (order.failure) {
        return {.outcome = *order.failure};
    }
    json::array results;
    std::size_t bytes = 2;
    visit([&](const ports::ExecutionRow& row) {
        add_shaped(order, row, [&](const json::value& value) {
            bytes += measure_json(value, order.payload_bytes).bytes + 1;
            results.push_back(value);
        });
        return bytes <= order.payload_bytes + 1;
    });
    if (bytes > order.payload_bytes + 1) {
        return {
            .outcome = TaskFailure{
                std::string{error_name::kDataLimitExceeded},
                fmt::format(
                    "The state/task '{}' returned a result with a size exceeding the maximum "
                    "number of bytes service limit.",
                    order.state_name
                )}};
    }
    return {.outcome = std::make_shared<const json::value>(std::move(results))};
}

/// The id at the end of the Map Run's ARN.
std::string id_of(const std::string& map_run_arn) {
    return map_run_arn.substr(map_run_arn.rfind(':') + 1);
}

MapRunResult as_files(const ResultOrder& order, const VisitChildren& visit, ItemSource& to) {
    const auto folder = id_of(order.map_run_arn);
    const auto bucket = text_at(order.writer_parameters, "Bucket");
    auto prefix = text_at(order.writer_parameters, "Prefix");
    if (!prefix.empty() && !prefix.ends_with('/')) {
        prefix += '/';
    }
    Files succeeded{order, to, folder, "SUCCEEDED"};
    Files failed{order, to, folder, "FAILED"};
    Files pending{order, to, folder, "PENDING"};
    MapRunResult result;
    std::int64_t next = 0;
    const auto add_pending = [&](std::int64_t until) {
        for (; next < until; ++next) {
            pending.add(json::object{
                {"Input", order.pending_input ? order.pending_input(next) : "{}"},
                {"InputDetails", {{"Included", true}}},
                {"Status", "PENDING"}});
        }
    };
    visit([&](const ports::ExecutionRow& row) {
        add_pending(row.map_index);
        next = row.map_index + 1;
        ++result.written;
        if (row.status == "SUCCEEDED") {
            add_shaped(order, row, [&](const json::value& value) { succeeded.add(value); });
        } else {
            failed.add(describe(row, TimePoint{}));
        }
        return true;
    });
    add_pending(order.children);
    const json::object manifest{
        {"DestinationBucket", bucket},
        {"MapRunArn", order.map_run_arn},
        {"ResultFiles",
         {{"FAILED", failed.finish(prefix)},
          {"PENDING", pending.finish(prefix)},
          {"SUCCEEDED", succeeded.finish(prefix)}}},
    };
    to.write(*order.writer_parameters, folder + "/manifest.json", json_text(manifest));
    if (order.failure) {
        result.outcome = *order.failure;
    } else {
        result.outcome = std::make_shared<const json::value>(json::object{
            {"MapRunArn", order.map_run_arn},
            {"ResultWriterDetails",
             {{"Bucket", bucket}, {"Key", prefix + folder + "/manifest.json"}}}});
    }
    return result;
}

}  // namespace

MapRunResult shape_results(
    const ResultOrder& order, const VisitChildren& visit, ItemSource& files
) {
    try {
        return order.files ? as_files(order, visit, files) : as_result(order, visit);
    } catch (const TaskFailure& failure) {
        return {.outcome = order.failure.value_or(failure)};
    }
}

}  // namespace kiln::flow
