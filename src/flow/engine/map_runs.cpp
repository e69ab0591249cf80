#include "flow/engine/map_runs.hpp"

#include "base/error.hpp"
#include "flow/binary.hpp"

#include <array>

#include <fmt/format.h>

namespace kiln::flow {

namespace {

constexpr std::uint64_t kVersion = 1;

void check_version(BinaryReader& reader) {
    if (reader.unsigned_number() != kVersion) {
        throw Error{ErrorKind::corrupt, "a stored Map Run was written by another version of kiln"};
    }
}

void write_counts(BinaryWriter& writer, const MapRunCounts& counts) {
    for (const auto each :
         {counts.pending,
          counts.running,
          counts.succeeded,
          counts.failed,
          counts.timed_out,
          counts.aborted,
          counts.total,
          counts.results_written,
          counts.failures_not_redrivable,
          counts.pending_redrive}) {
        writer.number(each);
    }
}

MapRunCounts read_counts(BinaryReader& reader) {
    MapRunCounts counts;
    for (auto* each :
         {&counts.pending,
          &counts.running,
          &counts.succeeded,
          &counts.failed,
          &counts.timed_out,
          &counts.aborted,
          &counts.total,
          &counts.results_written,
          &counts.failures_not_redrivable,
          &counts.pending_redrive}) {
        *each = reader.number();
    }
    return counts;
}

void write_limits(BinaryWriter& writer, const MapRunLimits& limits) {
    writer.number(limits.max_concurrency);
    writer.optional_number(limits.tolerated_count);
    writer.unsigned_number(limits.tolerated_percentage ? 1 : 0);
    writer.real(limits.tolerated_percentage.value_or(0));
}

MapRunLimits read_limits(BinaryReader& reader) {
    MapRunLimits limits;
    limits.max_concurrency = reader.number();
    limits.tolerated_count = reader.optional_number();
    const bool has_percentage = reader.unsigned_number() == 1;
    const auto percentage = reader.real();
    if (has_percentage) {
        limits.tolerated_percentage = percentage;
    }
    return limits;
}

/// Of those that are to be gathered, with the results that were written.
MapRunCounts with_written(MapRunCounts counts, std::int64_t written) {
    counts.results_written = written;
    return counts;
}

}  // namespace

MapRunView view_of(const MapRun& run) {
    return {
        .arn = run.row.arn,
        .execution_arn = run.execution_arn,
        .status = run.row.status,
        .started = run.row.started,
        .stopped = run.row.stopped,
        .max_concurrency = run.limits.max_concurrency,
        .tolerated_count = run.limits.tolerated_count.value_or(0),
        .tolerated_percentage = run.limits.tolerated_percentage.value_or(0),
        .items = with_written(run.children.items(), run.results_written),
        .executions = with_written(run.children.executions(), run.results_written),
        .redrives = run.redrives,
        .redriven = run.redriven,
    };
}

std::string write_map_head(const MapRun& run) {
    std::string text;
    BinaryWriter writer{text};
    writer.unsigned_number(kVersion);
    write_limits(writer, run.limits);
    writer.number(run.redrives);
    writer.optional_time(run.redriven);
    const auto view = view_of(run);
    write_counts(writer, view.items);
    write_counts(writer, view.executions);
    writer.number(run.results_written);
    return text;
}

MapRunView view_of(const ports::MapRunRow& row, std::string execution_arn) {
    BinaryReader reader{row.head};
    check_version(reader);
    const auto limits = read_limits(reader);
    MapRunView view;
    view.arn = row.arn;
    view.execution_arn = std::move(execution_arn);
    view.status = row.status;
    view.started = row.started;
    view.stopped = row.stopped;
    view.max_concurrency = limits.max_concurrency;
    view.tolerated_count = limits.tolerated_count.value_or(0);
    view.tolerated_percentage = limits.tolerated_percentage.value_or(0);
    view.redrives = reader.number();
    view.redriven = reader.optional_time();
    view.items = read_counts(reader);
    view.executions = read_counts(reader);
    return view;
}

std::string write_map_items(const MapRun& run) {
    std::string text;
    BinaryWriter writer{text};
    writer.unsigned_number(kVersion);
    const auto& order = run.order;
    for (const auto* each :
         {&run.items,
          &order.reader_parameters,
          &order.writer_parameters,
          &order.batch_input,
          &order.input}) {
        writer.payload(*each);
    }
    for (const auto* each :
         {&order.max_items, &order.max_items_per_batch, &order.max_bytes_per_batch}) {
        writer.optional_number(*each);
    }
    writer.text(run.source);
    return text;
}

MapRun read_map_run(ports::MapRunRow row) {
    MapRun run;
    BinaryReader head{row.head};
    check_version(head);
    run.limits = read_limits(head);
    run.redrives = head.number();
    run.redriven = head.optional_time();
    BinaryReader items{row.items};
    check_version(items);
    auto& order = run.order;
    order.frame = row.frame;
    order.task = row.task;
    for (auto* each :
         {&run.items,
          &order.reader_parameters,
          &order.writer_parameters,
          &order.batch_input,
          &order.input}) {
        *each = items.payload();
    }
    for (auto* each : {&order.max_items, &order.max_items_per_batch, &order.max_bytes_per_batch}) {
        *each = items.optional_number();
    }
    run.source = items.text();
    row.head.clear();
    row.items.clear();
    run.row = std::move(row);
    return run;
}

std::string source_of(const asl::MapFields& fields, const Payload& reader_parameters) {
    if (!fields.reader) {
        return "STATE_DATA";
    }
    const auto* const object =
        reader_parameters != nullptr ? reader_parameters->if_object() : nullptr;
    const auto text = [&](const char* name) -> std::string {
        const auto* const value = object != nullptr ? object->if_contains(name) : nullptr;
        return value != nullptr && value->is_string() ? std::string{value->as_string()} : "";
    };
    const auto bucket = text("Bucket");
    // Folders of this machine are URIs already.
    const auto place = bucket.find("://") == std::string::npos ? "S3://" + bucket : bucket;
    const auto key = text("Key");
    return key.empty() ? place : place + "/" + key;
}

}  // namespace kiln::flow
