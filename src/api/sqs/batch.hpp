#pragma once

#include "api/sqs/answers.hpp"
#include "api/sqs/failure.hpp"
#include "api/sqs/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::api::sqs {

/// What is wrong with a batch as a whole: 1 to 10 entries, each with an id of its own of up to 80
/// letters, digits, hyphens and underscores. Pure.
[[nodiscard]] std::optional<Failure> refuse_batch(
    std::string_view operation, const std::vector<std::string_view>& ids
);

template <class Entry>
[[nodiscard]] std::optional<Failure> refuse_batch(
    std::string_view operation, const std::vector<Entry>& entries
) {
    std::vector<std::string_view> ids;
    for (const auto& entry : entries) {
        ids.push_back(entry.id ? std::string_view{*entry.id} : std::string_view{});
    }
    return refuse_batch(operation, ids);
}

/// How a batch tells of one entry that failed: the codes are the Query protocol's in both.
[[nodiscard]] FailedEntry failed_entry(std::string id, const Failure& failure);

}  // namespace kiln::api::sqs
