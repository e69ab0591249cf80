#include "api/states/context.hpp"

#include <fmt/format.h>

namespace kiln::api::states {

std::optional<Page> page_of(
    const Context& context, const Input& input, Reply& reply, std::size_t fallback
) {
    auto filters = input.all();
    filters.erase("nextToken");
    filters.erase("maxResults");
    Page page;
    page.scope = fmt::format("{} {}", context.operation, json::serialize(filters));
    const auto size = static_cast<std::size_t>(input.number("maxResults").value_or(0));
    page.size = size == 0 ? fallback : size;
    if (const auto token = input.maybe_text("nextToken")) {
        auto position = context.tokens.read(page.scope, *token);
        if (!position) {
            reply.fail({"InvalidToken", "Invalid Token: 'Invalid token'"});
            return std::nullopt;
        }
        page.after = *std::move(position);
    }
    return page;
}

std::optional<machines::Tags> tags_of(const Input& input, Reply& reply) {
    machines::Tags tags;
    int number = 0;
    for (const auto& tag : input.objects("tags")) {
        ++number;
        auto key = tag.maybe_text("key");
        auto value = tag.maybe_text("value");
        if (!key || !value) {
            reply.fail(invalid(fmt::format(
                "1 validation error detected: Value null at 'tags.{}.member.{}' failed to satisfy "
                "constraint: Member must not be null",
                number,
                key ? "value" : "key"
            )));
            return std::nullopt;
        }
        tags.emplace_back(*std::move(key), *std::move(value));
    }
    return tags;
}

bool metadata_only(const Input& input) {
    return input.maybe_text("includedData") == "METADATA_ONLY";
}

}  // namespace kiln::api::states
