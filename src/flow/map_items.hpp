#pragma once

#include "flow/data_flow.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a Map's iterations and children get: pure.
namespace kiln::flow {

/// A Map's settings, evaluated. @throws StateFailure  from all functions below
struct MapOrder {
    Payload items;                     ///< an array, or an object (JSONata); null: the reader's
    std::int64_t max_concurrency = 0;  ///< 0: as many as may be
    std::int64_t tolerated_count = 0;
    double tolerated_percentage = 0;
    Payload reader_parameters;
    Payload writer_parameters;
    Payload batch_input;
    std::optional<std::int64_t> max_items, max_items_per_batch, max_bytes_per_batch;
};

/// How many items a Map runs inline or distributed starts with; null items: 0.
[[nodiscard]] std::int64_t item_count(const Payload& items) noexcept;

/// Items and MaxConcurrency: what is evaluated before MapStateStarted.
void read_items(DataFlow& data, const asl::MapFields& fields, MapOrder& into);
/// What a distributed Map needs besides: evaluated after MapStateStarted.
void read_map_run(DataFlow& data, const asl::MapFields& fields, MapOrder& into);

/// `$$.Map` of item `index`: {"Item":{"Index":…,"Value":…}} and, of an object's, "Key".
/// @param source  "STATE_DATA" or an S3 URI; "": none (inline)
[[nodiscard]] Payload map_context(
    const Payload& items, std::int64_t index, std::string_view source
);

/// The item itself. Of an object: its member's value.
[[nodiscard]] Payload item_at(const Payload& items, std::int64_t index);

/// What the item's iteration or child gets: the item, or what ItemSelector makes of it.
/// `data` is the Map's; its surroundings' context has to hold `$$.Map` of this item.
[[nodiscard]] Payload item_input(
    DataFlow& data, const asl::MapFields& fields, const Payload& items, std::int64_t index
);

/// A batch: items [first, first + count), with count ≥ 1.
struct Batch {
    std::int64_t first = 0;
    std::int64_t count = 1;
};

/// Cuts selected items into batches by number and by the bytes that {"Items":[…],"BatchInput":…}
/// has. Neither limit: one item each. An item that is too long for a batch stands alone.
[[nodiscard]] std::vector<Batch> cut_batches(
    const std::vector<Payload>& selected,
    const Payload& batch_input,
    std::optional<std::int64_t> max_items,
    std::optional<std::int64_t> max_bytes
);

/// {"BatchInput":…,"Items":[…]}; without a batch input: {"Items":[…]}.
[[nodiscard]] Payload batch_value(
    const std::vector<Payload>& selected, const Batch& batch, const Payload& batch_input
);

}  // namespace kiln::flow
