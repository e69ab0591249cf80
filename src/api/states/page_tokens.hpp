#pragma once

#include "ports/clock.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kiln::api::states {

/// Tokens of pages: where the next page begins, signed, for a day. They need no store, and outlive
/// the process as far as their key does.
class PageTokens {
  public:
    static constexpr std::chrono::hours kLife{24};

    /// @param key    secret · @param clock  outlives this
    PageTokens(std::string key, const ports::Clock& clock) : key_{std::move(key)}, clock_{clock} {}

    /// @param scope  what the token is good for: the operation and its filters
    [[nodiscard]] std::string make(std::string_view scope, std::string_view position) const;
    /// The position. nullopt: it is none of ours, too old, or for something else.
    [[nodiscard]] std::optional<std::string> read(std::string_view scope, std::string_view token)
        const;

  private:
    [[nodiscard]] std::string sign(std::string_view scope, std::string_view payload) const;

    std::string key_;
    const ports::Clock& clock_;
};

}  // namespace kiln::api::states
