#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The kinds of members that SQS' shapes are made of.
namespace kiln::api::sqs {

using Text = std::optional<std::string>;
using Number = std::optional<std::int64_t>;

/// Bytes that are base64 on the wire.
struct Blob {
    std::string bytes;
};

/// The name of a list's items over Query, which has no lists: "AttributeName.1".
struct Item {
    std::string_view name;
    std::string_view json = {};  ///< the list's name in the Query protocol's JSON, where it differs
};

/// The names of a map's entries over Query, which has no maps: "Tag.1.Key", "Tag.1.Value".
struct Pairs {
    std::string_view name;
    std::string_view key = "Name";
    std::string_view value = "Value";
};

}  // namespace kiln::api::sqs
