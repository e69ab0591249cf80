#pragma once

#include "api/states/input.hpp"
#include "api/states/page_tokens.hpp"
#include "api/states/reply.hpp"
#include "api/states/state_tests.hpp"
#include "flow/engine/engine.hpp"
#include "machines/registry.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kiln::api::states {

/// What an operation needs besides its input. Lives as long as the call of the operation: callbacks
/// copy it; what it refers to outlives every answer.
struct Context {
    machines::Registry& registry;
    flow::Engine& engine;
    const PageTokens& tokens;
    StateTests& tests;
    std::string_view operation;
};

/// Which page of a listing is asked for.
struct Page {
    std::size_t size = 0;
    std::string after;  ///< where it begins; "" the first
    std::string scope;  ///< of its tokens
};

/// Of `maxResults` (none or 0: `fallback`) and `nextToken`, which is good for the same operation
/// with the same other members. When it is not, it answers InvalidToken and gives nullopt.
[[nodiscard]] std::optional<Page> page_of(
    const Context& context, const Input& input, Reply& reply, std::size_t fallback = 100
);

/// Answers {MEMBER: the first `page.size` of `items`, shown}; and a token where there are more.
/// @param items     one more than the page holds, when there are more
/// @param show      of an item  · @param position  of an item: where the page behind it begins
template <class Items, class Show, class Position>
void answer_page(
    const Context& context,
    const Page& page,
    std::string_view member,
    const Items& items,
    Show show,
    Position position,
    Reply& reply
) {
    json::array shown;
    for (const auto& item : items) {
        if (shown.size() == page.size) {
            break;
        }
        shown.push_back(show(item));
    }
    json::object answer;
    if (items.size() > page.size) {
        answer["nextToken"] = context.tokens.make(page.scope, position(items[page.size - 1]));
    }
    answer[member] = std::move(shown);
    reply.succeed(answer);
}

/// The tags of an input's `tags`. When a key or a value is missing, it answers so.
[[nodiscard]] std::optional<machines::Tags> tags_of(const Input& input, Reply& reply);

/// Is what it asks for METADATA_ONLY?
[[nodiscard]] bool metadata_only(const Input& input);

}  // namespace kiln::api::states
