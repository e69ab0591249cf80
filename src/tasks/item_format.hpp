#pragma once

#include "base/json.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Items in files: how a ReaderConfig says that they are written, and reading them. Pure.
namespace kiln::tasks {

enum class InputType { json, jsonl, csv, parquet, manifest };
enum class ManifestKind { none, athena_data, s3_inventory };

/// A ReaderConfig, understood.
struct ReaderConfig {
    std::optional<InputType> input;  ///< none: a listing's own items
    ManifestKind manifest = ManifestKind::none;
    bool load_and_flatten = false;  ///< a listing's files are read, in place of being named
    char delimiter = ',';
    std::optional<std::vector<std::string>> headers;  ///< GIVEN; none: the first row
    std::string pointer;                              ///< ItemsPointer; "": the whole
    std::size_t max_items = std::numeric_limits<std::size_t>::max();
};

/// @throws flow::TaskFailure  States.ItemReaderFailed: something that is not known or not served
[[nodiscard]] ReaderConfig read_config(const json::object& config);

/// Adds the items of a file's text to `items`, until there are as many as `config` wants.
/// @throws flow::TaskFailure  States.ItemReaderFailed
void add_items(std::string_view text, const ReaderConfig& config, json::array& items);

/// States.ItemReaderFailed, thrown.
[[noreturn]] void fail_reading(std::string cause);

}  // namespace kiln::tasks
