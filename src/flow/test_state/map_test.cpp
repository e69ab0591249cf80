// A Map under test: what its iterations would get, and how many of them are said to have failed.

#include "flow/test_state/state_test.hpp"

namespace kiln::flow {
namespace {

Payload made(json::value value) {
    return std::make_shared<const json::value>(std::move(value));
}

/// One JSON document, or one a line.
Payload items_of_text(std::string_view text) {
    if (auto whole = read_payload(text)) {
        return whole->is_array() || whole->is_object() ? made(*std::move(whole)) : nullptr;
    }
    json::array items;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
            continue;
        }
        auto item = read_payload(line);
        if (!item) {
            return nullptr;
        }
        items.push_back(*std::move(item));
    }
    return made(std::move(items));
}

}  // namespace

/// What the ItemReader is said to have read; null: that is not known, or it is a file of a kind
/// that is not read here (CSV, a manifest).
Payload StateTest::reader_items(const asl::MapFields& fields) const {
    const auto& given = request_.configuration.map_item_reader_data;
    return fields.reader && given ? items_of_text(*given) : nullptr;
}

void StateTest::prepare_map(const asl::MapFields& fields) {
    read_items(data_, fields, map_);
    if (fields.distributed) {
        read_map_run(data_, fields, map_);
    }
    const auto items = map_.items != nullptr ? map_.items : reader_items(fields);
    auto iterations = item_count(items);
    if (items == nullptr && request_.mock->result) {
        iterations = item_count(made(read_payload(*request_.mock->result).value_or(nullptr)));
    }
    const auto failures = request_.configuration.map_iteration_failure_count.value_or(0);
    if (failures > iterations) {
        refusal_ = validation_refusal(
            "Map iteration failure count must be less than or equal to the number of Map iterations"
        );
        return;
    }
    if (items != nullptr) {
        select_items(fields, items);
    }
    if (!request_.mock->error_output) {
        count_failures(fields, iterations);
    }
}

/// Each iteration's input, and the batches made of them.
void StateTest::select_items(const asl::MapFields& fields, const Payload& items) {
    if (request_.level == InspectionLevel::info && !fields.item_selector) {
        return;
    }
    std::vector<Payload> selected;
    for (std::int64_t i = 0; i < item_count(items); ++i) {
        if (fields.item_selector) {
            around_.look_at(map_context(items, i, ""));
        }
        selected.push_back(item_input(data_, fields, items, i));
    }
    if (fields.item_selector) {
        around_.look_at(nullptr);
        json::array all;
        for (const auto& one : selected) {
            all.push_back(*one);
        }
        inspection_.after_item_selector = made(std::move(all));
    }
    batch_items(fields, selected);
}

void StateTest::batch_items(const asl::MapFields& fields, const std::vector<Payload>& selected) {
    if (!fields.batcher) {
        return;
    }
    json::array batches;
    for (const auto& batch : cut_batches(
             selected, map_.batch_input, map_.max_items_per_batch, map_.max_bytes_per_batch
         )) {
        batches.push_back(*batch_value(selected, batch, map_.batch_input));
    }
    inspection_.after_item_batcher = made(std::move(batches));
}

/// Without a tolerated number or percentage AWS lets any number of failures pass.
void StateTest::count_failures(const asl::MapFields& fields, std::int64_t iterations) {
    const auto failures = request_.configuration.map_iteration_failure_count.value_or(0);
    const bool too_many = fields.tolerated_count && failures > map_.tolerated_count;
    constexpr double kWhole = 100;
    const bool too_large_a_part =
        fields.tolerated_percentage && iterations > 0 &&
        kWhole * static_cast<double>(failures) / static_cast<double>(iterations) >
            map_.tolerated_percentage;
    if (too_many || too_large_a_part) {
        throw StateFailure{
            error_name::kExceedToleratedFailureThreshold,
            "The specified tolerated failure threshold was exceeded"};
    }
}

}  // namespace kiln::flow
