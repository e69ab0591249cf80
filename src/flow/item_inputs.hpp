#pragma once

#include "flow/execution.hpp"
#include "flow/map_items.hpp"
#include "flow/step.hpp"

#include <cstdint>
#include <memory>

namespace kiln::flow {

/// What a Map Run's children get, item by item, before they are batched: the items themselves, or
/// what ItemSelector makes of them. Pure but for the world's numbers and ids.
class ItemInputs {
  public:
    /// All but `order` outlive this; the execution does not change meanwhile.
    /// @param order  of a frame of `execution`
    /// @param items  the order's, or what the reader has read
    /// @param source  for `$$.Map.Item.Source`: "STATE_DATA", "S3://bucket/key"
    ItemInputs(
        Execution& execution,
        World& world,
        const Limits& limits,
        const StartMapRun& order,
        Payload items,
        std::string source
    );
    ItemInputs(const ItemInputs&) = delete;
    ~ItemInputs();

    [[nodiscard]] std::int64_t size() const noexcept;
    /// @throws StateFailure  by ItemSelector
    [[nodiscard]] Payload at(std::int64_t index);
    /// `$$.Map` of a child: ExecutionFacts::map_item.
    [[nodiscard]] Payload context_at(std::int64_t index) const;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace kiln::flow
