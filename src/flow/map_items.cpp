#include "flow/map_items.hpp"

#include "flow/json_text.hpp"
#include "flow/settings.hpp"

#include <fmt/format.h>

namespace kiln::flow {
namespace {

Payload made(json::value value) {
    return std::make_shared<const json::value>(std::move(value));
}

StateFailure not_an_array(const DataFlow& data, const json::value& value) {
    return data.query_failure(
        fmt::format("Map state input must be an array but was: {}", json_text(value)), ""
    );
}

/// Where a JSONPath Map's items are; "$" is what its input is.
Payload path_items(DataFlow& data, const asl::MapFields& fields) {
    auto items = fields.items ? data.evaluate(*fields.items) : data.effective();
    if (!items->is_array()) {
        auto path = fields.items ? path_text(*fields.items) : std::string_view{"$"};
        if (path.starts_with("$$")) {
            path.remove_prefix(1);  // AWS writes a path of the context object like one of the input
        }
        throw data.runtime_failure(fmt::format("Reference path \"{}\" must point to array.", path));
    }
    return items;
}

Payload query_items(DataFlow& data, const asl::MapFields& fields) {
    if (!fields.items) {
        if (!data.raw()->is_array()) {
            throw not_an_array(data, *data.raw());
        }
        return data.raw();
    }
    return query_of_type(data, *fields.items, "array");
}

/// The one bracket more that a text has with another item: its comma.
std::size_t text_bytes(const Payload& value) {
    constexpr std::size_t kAll = std::size_t{1} << 40U;
    return measure_json(*value, kAll).bytes;
}

}  // namespace

std::int64_t item_count(const Payload& items) noexcept {
    if (items == nullptr) {
        return 0;
    }
    if (const auto* object = items->if_object()) {
        return static_cast<std::int64_t>(object->size());
    }
    const auto* array = items->if_array();
    return array != nullptr ? static_cast<std::int64_t>(array->size()) : 0;
}

void read_items(DataFlow& data, const asl::MapFields& fields, MapOrder& into) {
    if (!fields.reader) {
        into.items = data.state().language == asl::QueryLanguage::jsonata
                         ? query_items(data, fields)
                         : path_items(data, fields);
        if (auto* inspection = data.inspection()) {
            inspection->after_items_path = into.items;
        }
    }
    if (fields.max_concurrency) {
        into.max_concurrency = count_of(data, *fields.max_concurrency);
    }
    if (auto* inspection = data.inspection()) {
        inspection->max_concurrency = into.max_concurrency;
    }
}

void read_map_run(DataFlow& data, const asl::MapFields& fields, MapOrder& into) {
    if (fields.tolerated_count) {
        into.tolerated_count = count_of(data, *fields.tolerated_count);
    }
    if (fields.tolerated_percentage) {
        into.tolerated_percentage = percentage_of(data, *fields.tolerated_percentage);
    }
    if (auto* inspection = data.inspection()) {
        if (fields.tolerated_count) {
            inspection->tolerated_count = into.tolerated_count;
        }
        if (fields.tolerated_percentage) {
            inspection->tolerated_percentage = into.tolerated_percentage;
        }
    }
    if (const auto& reader = fields.reader) {
        if (reader->parameters) {
            into.reader_parameters = data.evaluate(*reader->parameters);
        }
        if (reader->max_items) {
            into.max_items = count_of(data, *reader->max_items);
        }
    }
    if (fields.writer && fields.writer->parameters) {
        into.writer_parameters = data.evaluate(*fields.writer->parameters);
    }
    if (const auto& batcher = fields.batcher) {
        if (batcher->input) {
            into.batch_input = data.evaluate(*batcher->input);
        }
        if (batcher->max_items) {
            into.max_items_per_batch = count_of(data, *batcher->max_items);
        }
        if (batcher->max_bytes) {
            into.max_bytes_per_batch = count_of(data, *batcher->max_bytes);
        }
    }
}

Payload item_at(const Payload& items, std::int64_t index) {
    const auto at = static_cast<std::size_t>(index);
    if (const auto* object = items->if_object()) {
        return {items, &(object->begin() + index)->value()};
    }
    return {items, &items->get_array()[at]};
}

Payload map_context(const Payload& items, std::int64_t index, std::string_view source) {
    json::object item{{"Index", index}, {"Value", *item_at(items, index)}};
    if (const auto* object = items->if_object()) {
        item["Key"] = (object->begin() + index)->key();
    }
    if (!source.empty()) {
        item["Source"] = source;
    }
    return made({{"Item", std::move(item)}});
}

Payload item_input(
    DataFlow& data, const asl::MapFields& fields, const Payload& items, std::int64_t index
) {
    auto input =
        fields.item_selector ? data.evaluate(*fields.item_selector) : item_at(items, index);
    if (auto* inspection = data.inspection(); inspection != nullptr && fields.item_selector) {
        inspection->after_item_selector = input;
    }
    return input;
}

std::vector<Batch> cut_batches(
    const std::vector<Payload>& selected,
    const Payload& batch_input,
    std::optional<std::int64_t> max_items,
    std::optional<std::int64_t> max_bytes
) {
    std::vector<Batch> batches;
    const auto count = static_cast<std::int64_t>(selected.size());
    const bool limited = max_items.value_or(0) > 0 || max_bytes.value_or(0) > 0;
    const auto most = max_items.value_or(0) > 0 ? *max_items : (limited ? count : std::int64_t{1});
    const auto frame = text_bytes(batch_value({}, {0, 0}, batch_input));
    std::size_t bytes = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const auto own = max_bytes.value_or(0) > 0
                             ? text_bytes(selected[static_cast<std::size_t>(i)]) + 1
                             : std::size_t{0};
        const bool fits = !batches.empty() && batches.back().count < most &&
                          (max_bytes.value_or(0) <= 0 ||
                           frame + bytes + own - 1 <= static_cast<std::size_t>(*max_bytes));
        if (!fits) {
            batches.push_back({i, 0});
            bytes = 0;
        }
        ++batches.back().count;
        bytes += own;
    }
    return batches;
}

Payload batch_value(
    const std::vector<Payload>& selected, const Batch& batch, const Payload& batch_input
) {
    json::object value;
    if (batch_input != nullptr) {
        value["BatchInput"] = *batch_input;
    }
    json::array items;
    for (auto i = batch.first; i < batch.first + batch.count; ++i) {
        items.push_back(*selected[static_cast<std::size_t>(i)]);
    }
    value["Items"] = std::move(items);
    return made(std::move(value));
}

}  // namespace kiln::flow
